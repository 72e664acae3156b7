//! The frames of both runs, and what changed in each.

use std::sync::Arc;

use super::{run::Run, tree::Tree};

/// Nanoseconds in one run and in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) before: u64,
    pub(super) after: u64,
}

/// What times are divided by: operations, or 1 in both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Divisor {
    pub(super) before: u64,
    pub(super) after: u64,
    /// Whether these are operations.
    pub(super) is_operations: bool,
}

/// Which times are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    /// All of a frame's, whatever threads did in them.
    Whole,
    /// Those that threads waited are frames of their own.
    ByState,
    /// Those on a CPU, and no others.
    OnCpu,
}

/// A frame that has time in one of the runs.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) label: Arc<str>,
    pub(super) depth: u32,
    /// The place in [`Compared::frames`] of the frame below it.
    pub(super) parent: Option<u32>,
    pub(super) own: Pair,
    pub(super) total: Pair,
    pub(super) per: Divisor,
}

/// Both runs in one tree.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(super) before: String,
    pub(super) after: String,
    pub(super) times: Times,
    /// Depth first, each before its children.
    pub(super) frames: Vec<Frame>,
    /// The time of all roots.
    pub(super) all: Pair,
    /// Operations that the user named, and of which the later run had none.
    pub(super) missing: Vec<Missing>,
}

/// A named operation of which there were so many before, and none after.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) label: String,
    pub(super) before: u64,
}

impl Compared {
    pub(crate) fn new(before: Run, after: Run, times: Times) -> Self {
        let mut tree = Tree::default();
        let mut own: Vec<Pair> = Vec::new();
        graft(&mut tree, &mut own, &before.tree, |pair| &mut pair.before);
        graft(&mut tree, &mut own, &after.tree, |pair| &mut pair.after);
        let mut frames = in_order(&tree, &own);
        let all = add_up(&mut frames);
        divide(&mut frames, &before, &after);
        let missing = missing(&before, &after);
        Self { before: before.name, after: after.name, times, frames, all, missing }
    }

    /// The labels from the bottom up to a frame, `;` between them.
    pub(super) fn stack(&self, frame: &Frame) -> String {
        let mut labels = vec![&*frame.label];
        let mut below = frame.parent;
        while let Some(parent) = below {
            let frame = &self.frames[parent as usize];
            labels.push(&frame.label);
            below = frame.parent;
        }
        labels.reverse();
        labels.join(";")
    }

    /// All time before, as if as many operations had run as after.
    pub(super) fn all_before_scaled(&self) -> f64 {
        let roots = self.frames.iter().filter(|frame| frame.parent.is_none());
        roots.map(|root| root.per.before_scaled(root.total)).sum()
    }

    /// Whether every time is one of an operation.
    pub(super) fn is_per_operation(&self) -> bool {
        self.frames.iter().all(|frame| frame.per.is_operations)
    }

    /// Whether no time is one of an operation.
    pub(super) fn is_whole_run(&self) -> bool {
        !self.frames.iter().any(|frame| frame.per.is_operations)
    }
}

fn missing(before: &Run, after: &Run) -> Vec<Missing> {
    let count = |run: &Run, label: &str| run.operations.get(label).copied().unwrap_or(0);
    let gone = before.named.iter().filter(|label| count(after, label) == 0);
    gone.map(|label| Missing { before: count(before, label), label: label.clone() }).collect()
}

/// Adds one run's frames and times to a tree of both.
fn graft(to: &mut Tree, own: &mut Vec<Pair>, from: &Tree, side: impl Fn(&mut Pair) -> &mut u64) {
    let mut places: Vec<u32> = Vec::with_capacity(from.frames().len());
    for frame in from.frames() {
        let parent = frame.parent.map(|parent| places[parent as usize]);
        let place = to.child(parent, &frame.label);
        own.resize(to.frames().len(), Pair::default());
        *side(&mut own[place as usize]) = frame.own_nanos;
        places.push(place);
    }
}

fn in_order(tree: &Tree, own: &[Pair]) -> Vec<Frame> {
    let mut places = vec![0_u32; own.len()];
    let mut frames: Vec<Frame> = Vec::with_capacity(own.len());
    for place in tree.in_order() {
        let frame = &tree.frames()[place as usize];
        let parent = frame.parent.map(|parent| places[parent as usize]);
        places[place as usize] = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        frames.push(Frame {
            label: Arc::clone(&frame.label),
            depth: parent.map_or(0, |parent| frames[parent as usize].depth + 1),
            parent,
            own: own[place as usize],
            total: own[place as usize],
            per: Divisor::NONE,
        });
    }
    frames
}

/// Adds every frame's total to its parent's; returns that of all roots.
fn add_up(frames: &mut [Frame]) -> Pair {
    let mut all = Pair::default();
    for i in (0..frames.len()).rev() {
        let Frame { parent, total, .. } = frames[i];
        match parent {
            Some(parent) => frames[parent as usize].total.add(total),
            None => all.add(total),
        }
    }
    all
}

/// Gives every frame the divisor of the root that it stands on.
fn divide(frames: &mut [Frame], before: &Run, after: &Run) {
    for i in 0..frames.len() {
        frames[i].per = match frames[i].parent {
            Some(parent) => frames[parent as usize].per,
            None => {
                let of = |run: &Run| run.operations.get(&*frames[i].label).copied().unwrap_or(0);
                Divisor::of(frames[i].total, of(before), of(after))
            }
        };
    }
}

impl Pair {
    fn add(&mut self, other: Self) {
        self.before = self.before.saturating_add(other.before);
        self.after = self.after.saturating_add(other.after);
    }
}

impl Divisor {
    const NONE: Self = Self { before: 1, after: 1, is_operations: false };

    /// Operations, where each run that has time has some; the other's count for
    /// one that has no time.
    fn of(total: Pair, before: u64, after: u64) -> Self {
        let known = |nanos: u64, operations: u64| nanos == 0 || operations > 0;
        if !known(total.before, before) || !known(total.after, after) || before.max(after) == 0 {
            return Self::NONE;
        }
        let one_of = |own: u64, other: u64| if own == 0 { other } else { own };
        Self { before: one_of(before, after), after: one_of(after, before), is_operations: true }
    }

    /// Times of one operation, before and after.
    pub(super) fn each(self, pair: Pair) -> (f64, f64) {
        #[allow(clippy::cast_precision_loss, reason = "four digits are shown")]
        let divided = |nanos: u64, by: u64| nanos as f64 / by as f64;
        (divided(pair.before, self.before), divided(pair.after, self.after))
    }

    /// The time before, as if as many operations had run as after.
    #[allow(clippy::cast_precision_loss, reason = "four digits are shown")]
    pub(super) fn before_scaled(self, pair: Pair) -> f64 {
        self.each(pair).0 * self.after as f64
    }

    /// Whether a time of one operation changed at all.
    pub(super) fn is_changed(self, pair: Pair) -> bool {
        let cross = |nanos: u64, by: u64| u128::from(nanos) * u128::from(by);
        cross(pair.before, self.after) != cross(pair.after, self.before)
    }
}
