//! What the system counted for operations as a whole, by class of latency: how many operations
//! had how much of each.

use std::{collections::HashMap, hash::BuildHasherDefault, ops::Range};

use super::tree::Tree;
use crate::{
    engine::{Paged, Pages, TryClone},
    hash::IdHasher,
    profile::Switches,
    room::try_insert,
    tally::{Bucket, Class, CountCell, NodeId},
};

/// Cells of all classes together; one takes some 50 bytes with its place in the index.
const MOST: usize = 65_536;

/// Cells of a page.
const PAGE: usize = 256;

const KINDS: usize = Switches::NAMES.len();

/// All cells.
#[derive(Debug)]
pub(crate) struct Counted {
    /// What is counted, by places in [`Switches::NAMES`].
    kinds: Range<u8>,
    cells: Paged<CountCell, PAGE>,
    index: HashMap<u64, u32, BuildHasherDefault<IdHasher>>,
}

impl Counted {
    /// Of switches and major faults, which come with states, and of what is read by itself.
    pub(crate) fn new(with_states: bool, with_resources: bool) -> Self {
        let from = if with_states { 0 } else { 3 };
        let kinds = from..if with_resources { KINDS as u8 } else { 3 };
        Self { kinds, cells: Paged::default(), index: HashMap::default() }
    }

    /// Adds an operation of a root that ended in a class: each of its numbers, or none where
    /// there is no room for one of them.
    pub(crate) fn add(&mut self, root: NodeId, class: Class, tree: &Tree) -> Option<()> {
        if self.kinds.is_empty() {
            return Some(());
        }
        let sum = tree.nodes().iter().filter(|node| node.is_told);
        let sum = sum.fold(Switches::default(), |sum, node| sum.plus(node.busy.switches));
        let mut places = [None; KINDS];
        for ((place, kind), count) in places.iter_mut().zip(0..).zip(sum.each()) {
            if self.kinds.contains(&kind) {
                let cell = CountCell::new(root, class, kind, Bucket::of(count));
                *place = Some(self.find(cell)?);
            }
        }
        for place in places.into_iter().flatten() {
            self.cells.at_mut(place as usize).operations += 1;
        }
        Some(())
    }

    fn find(&mut self, cell: CountCell) -> Option<u32> {
        match self.index.get(&cell.key()) {
            Some(place) => Some(*place),
            None => self.make(cell),
        }
    }

    #[cold]
    fn make(&mut self, cell: CountCell) -> Option<u32> {
        let place = u32::try_from(self.cells.len()).ok().filter(|_| self.cells.len() < MOST)?;
        self.index.try_reserve(1).ok()?;
        self.cells.try_push(cell)?;
        try_insert(&mut self.index, cell.key(), place)?;
        Some(place)
    }

    /// All as they are now. Takes memory: in no callback.
    pub(crate) fn share(&mut self) -> Pages<CountCell> {
        self.cells.share()
    }

    /// How often something could not be counted, since this was asked last.
    pub(crate) fn take_losses(&mut self) -> u64 {
        self.cells.take_losses()
    }
}

impl TryClone for CountCell {
    fn try_clone(&self) -> Option<Self> {
        Some(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Telling;

    #[test]
    fn an_operation_is_counted_with_all_its_numbers_or_with_none() {
        let mut counted = Counted::new(true, true);
        let mut add = |root: u32, minor_faults: u64| {
            let mut tree = Tree::default();
            let switches = Switches { minor_faults, ..Switches::default() };
            tree.tell(NodeId(0), &Telling::default(), &Telling::counted(switches));
            counted.add(NodeId(root), Class(3), &tree).is_some()
        };
        let most = (MOST / KINDS) as u32;
        assert!((0..most).all(|root| add(root, 5)));
        assert!(!add(most, 5), "there is no room for its six numbers");
        assert!(add(0, 5));
        let cells = counted.share();
        let all: u64 = cells.iter().map(|cell| cell.operations).sum();
        assert_eq!(all, u64::from(most + 1) * KINDS as u64);
    }
}
