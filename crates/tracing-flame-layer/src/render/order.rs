//! The order in which frames are drawn, and the entries that each is made of.
//!
//! A walk up the tree, from the bottom: the entries of one label below one frame
//! are the next frame, their children in the order of labels what stands on it.
//! It keeps what is still to be done in one flat vector, so it needs neither
//! recursion nor an allocation a frame.

use std::cmp::Reverse;

use super::{
    frames::{Kind, Placed},
    label::Labels,
    merge::Entries,
    state::{Parts, State},
};

/// Items sorted into rows, in two vectors: what a vector of vectors would hold,
/// without a million allocations.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Row `i` is `items[ends[i - 1]..ends[i]]`.
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Rows {
    /// Puts item `i` into the row that stands at place `i` of `row_of`; items of
    /// one row keep their order.
    fn new(rows: usize, row_of: impl Iterator<Item = u32> + Clone) -> Self {
        let mut ends = vec![0_u32; rows];
        let mut count = 0;
        for row in row_of.clone() {
            ends[row as usize] += 1;
            count += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            (*end, start) = (start, start + *end);
        }
        let mut items = vec![0; count];
        for (item, row) in (0..).zip(row_of) {
            let end = &mut ends[row as usize];
            items[*end as usize] = item;
            *end += 1;
        }
        Self { ends, items }
    }

    pub(super) fn of(&self, row: u32) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.items[start as usize..self.ends[row as usize] as usize]
    }

    /// Appends a row.
    fn push(&mut self, items: impl IntoIterator<Item = u32>) -> u32 {
        self.items.extend(items);
        let end = |items: &Vec<u32>| u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.ends.push(end(&self.items));
        end(&self.ends) - 1
    }
}

/// Every frame in drawing order, each before what stands on it, siblings by label,
/// with the entries that it is made of by [`Placed::group`]. Totals are not known
/// yet.
pub(super) fn in_order(entries: &Entries<'_>) -> (Vec<Placed>, Rows) {
    let mut walk = Walk::new(entries);
    while let Some(next) = walk.next.pop() {
        match next {
            Next::Entries { start, depth, parent } => walk.place(start, depth, parent),
            Next::State(frame) => walk.all.push(frame),
        }
    }
    (walk.all, walk.groups)
}

struct Walk<'e, 'p> {
    entries: &'e Entries<'p>,
    /// Stands for what entries at the bottom stand on.
    bottom: u32,
    /// By label, its place among siblings.
    ranks: Vec<u32>,
    /// The entries on each entry; the last row has those at the bottom.
    children: Rows,
    /// Entries that have not been placed, those to be placed next at the end.
    waiting: Vec<u32>,
    next: Vec<Next>,
    all: Vec<Placed>,
    groups: Rows,
}

/// A frame to be placed.
enum Next {
    /// Made of the entries that wait from `start` on.
    Entries { start: usize, depth: u32, parent: Option<u32> },
    /// What the spans of one were in.
    State(Placed),
}

impl<'e, 'p> Walk<'e, 'p> {
    fn new(entries: &'e Entries<'p>) -> Self {
        let bottom = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let parents = (0..bottom).map(|entry| entries.parent(entry).unwrap_or(bottom));
        let mut walk = Self {
            entries,
            bottom,
            ranks: entries.labels().ranks(),
            children: Rows::new(entries.len() + 1, parents),
            waiting: Vec::new(),
            next: Vec::new(),
            all: Vec::new(),
            groups: Rows::default(),
        };
        walk.wait(None, 0, None);
        walk
    }

    /// Has the children of a group wait, which stand on its frame; of none, those
    /// at the bottom.
    fn wait(&mut self, group: Option<u32>, depth: u32, parent: Option<u32>) {
        let Self { entries, ranks, children, waiting, next, groups, bottom, .. } = self;
        let below = group.map_or(std::slice::from_ref(bottom), |group| groups.of(group));
        let first = waiting.len();
        waiting.extend(below.iter().flat_map(|&entry| children.of(entry)));
        let rank = |entry: u32| ranks[entries.label(entry).index()];
        // From last to first, as the last one waiting is placed first.
        waiting[first..].sort_unstable_by_key(|&entry| (Reverse(rank(entry)), entry));
        for start in first..waiting.len() {
            if start == first || rank(waiting[start]) != rank(waiting[start - 1]) {
                next.push(Next::Entries { start, depth, parent });
            }
        }
    }

    /// Places the frame of the entries that wait from `start` on.
    fn place(&mut self, start: usize, depth: u32, parent: Option<u32>) {
        let at = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let group = self.groups.push(self.waiting.drain(start..));
        let members = self.groups.of(group);
        let Some(&one) = members.first() else { return };
        let mut parts = Parts::default();
        for &entry in members {
            parts.add(&self.entries.parts(entry));
        }
        let frame = Placed {
            label: self.entries.label(one),
            kind: self.entries.kind(one),
            depth,
            parent,
            group,
            self_nanos: parts.on_cpu,
            total_nanos: 0,
        };
        self.all.push(frame);
        // They wait below their siblings, so they come after them, the first at last.
        let states = State::ALL.into_iter().rev().filter(|&state| parts.get(state) > 0);
        self.next.extend(states.map(|state| {
            Next::State(Placed {
                label: Labels::of_state(state),
                kind: Kind::State(state),
                depth: depth + 1,
                parent: Some(at),
                self_nanos: parts.get(state),
                ..frame
            })
        }));
        self.wait(Some(group), depth + 1, Some(at));
    }
}
