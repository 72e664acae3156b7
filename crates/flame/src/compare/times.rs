//! The times of all runs, in one tree.

use std::sync::Arc;

use super::run::Run;
use crate::diff::{self, Tree, state};

/// A time of every frame in every run, in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// For each run, by the frame's place in the tree; shorter where the last ones have none.
    runs: Vec<Vec<u64>>,
}

/// Frames of any run, and what each run spent in them.
#[derive(Debug, Default)]
pub(super) struct Frames {
    tree: Tree,
    /// For each frame those that stand on it.
    children: Vec<Vec<u32>>,
    /// Runs before and then runs after, as are `on_cpu`'s.
    pub(super) all: Times,
    /// Empty where that is not compared.
    pub(super) on_cpu: Times,
}

impl Frames {
    pub(super) fn of<'r>(runs: impl Iterator<Item = &'r Run>) -> Self {
        let mut frames = Self::default();
        for run in runs {
            let all = graft(&mut frames.tree, &run.all.tree);
            frames.all.runs.push(all);
            if let Some(on_cpu) = &run.on_cpu {
                let on_cpu = graft(&mut frames.tree, &on_cpu.tree);
                frames.on_cpu.runs.push(on_cpu);
            }
        }
        frames.children = vec![Vec::new(); frames.tree.frames().len()];
        for (place, frame) in (0..).zip(frames.tree.frames()) {
            if let Some(parent) = frame.parent {
                frames.children[parent as usize].push(place);
            }
        }
        frames
    }

    pub(super) fn places(&self) -> impl Iterator<Item = u32> + use<> {
        (0..).take(self.children.len())
    }

    pub(super) fn parent(&self, place: u32) -> Option<u32> {
        self.tree.frames()[place as usize].parent
    }

    pub(super) fn label(&self, place: u32) -> &Arc<str> {
        &self.tree.frames()[place as usize].label
    }

    /// Which state a frame is, if it is not a span's: a place among the states.
    pub(super) fn state(&self, place: u32) -> Option<usize> {
        self.parent(place).and_then(|_| state::place(self.label(place)))
    }

    /// The frames from one down to the bottom.
    pub(super) fn stack(&self, place: u32) -> Vec<u32> {
        let mut stack = vec![place];
        while let Some(below) = self.parent(stack[stack.len() - 1]) {
            stack.push(below);
        }
        stack
    }

    /// The frame at the bottom of one's stack.
    pub(super) fn root(&self, place: u32) -> u32 {
        self.stack(place).pop().unwrap_or(place)
    }

    /// Those that stand right on a frame.
    pub(super) fn children(&self, place: u32) -> &[u32] {
        &self.children[place as usize]
    }

    /// The labels from the bottom up, `;` between them.
    pub(super) fn path(&self, place: u32) -> String {
        let labels: Vec<&str> = self.stack(place).iter().rev().map(|&p| &**self.label(p)).collect();
        labels.join(";")
    }

    /// A frame's own time in each run, what its threads waited in it included.
    pub(super) fn own(&self, times: &Times, place: u32) -> Vec<u64> {
        let is_of_threads = |&&child: &&u32| state::is_of_threads(self.label(child));
        let waits: Vec<u32> =
            self.children[place as usize].iter().filter(is_of_threads).copied().collect();
        let sum = |run: &Vec<u64>| {
            waits.iter().fold(at(run, place), |sum, &wait| sum.saturating_add(at(run, wait)))
        };
        times.runs.iter().map(sum).collect()
    }
}

impl Times {
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// What a frame has by itself in each run.
    pub(super) fn bare(&self, place: u32) -> Vec<u64> {
        self.runs.iter().map(|run| at(run, place)).collect()
    }

    /// The totals of all frames, as times of their own.
    pub(super) fn totals(&self, frames: &Frames) -> Self {
        let total = |run: &Vec<u64>| {
            let mut total = run.clone();
            total.resize(frames.children.len(), 0);
            // Parents come before their children.
            for place in frames.places().collect::<Vec<_>>().into_iter().rev() {
                if let Some(parent) = frames.parent(place) {
                    let parent = parent as usize;
                    total[parent] = total[parent].saturating_add(total[place as usize]);
                }
            }
            total
        };
        Self { runs: self.runs.iter().map(total).collect() }
    }

    /// All time of each run.
    pub(super) fn sums(&self) -> Vec<u64> {
        self.runs
            .iter()
            .map(|run| run.iter().fold(0, |sum, n| u64::saturating_add(sum, *n)))
            .collect()
    }
}

fn at(run: &[u64], place: u32) -> u64 {
    run.get(place as usize).copied().unwrap_or(0)
}

/// Adds a run's frames to the tree of all, and returns its times by their places there.
fn graft(to: &mut Tree, from: &diff::Tree) -> Vec<u64> {
    let mut own = vec![0; to.frames().len()];
    let mut places: Vec<u32> = Vec::with_capacity(from.frames().len());
    for frame in from.frames() {
        let parent = frame.parent.map(|parent| places[parent as usize]);
        let place = to.child(parent, &frame.label);
        own.resize(to.frames().len(), 0);
        own[place as usize] = frame.own_nanos;
        places.push(place);
    }
    own
}
