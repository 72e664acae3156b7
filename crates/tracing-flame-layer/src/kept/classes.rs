//! Classes of latency: a call tree for each power of two of nanoseconds in which named
//! operations ended.
//!
//! An operation's class shows only as it ends. What it measured until then is in its capture,
//! which is given the very shares that the whole is given, and is added to its class as a
//! whole or not at all. So classes add up to the whole, but for operations that have not
//! ended and those that are counted as left out.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::tree::{CapturedNode, Tree};
use crate::{
    engine::{Paged, Pages, TryClone},
    hash::IdHasher,
    room::{Room, try_insert},
    tally::{Class, ClassRow, NodeId},
};

/// Stacks of all classes together; one takes some 230 bytes.
const MOST: usize = 65_536;

/// Rows of a page: some 6 KiB, which are copied in no time.
const PAGE: usize = 32;

/// All classes.
#[derive(Debug, Default)]
pub(crate) struct Classes {
    rows: Paged<ClassRow, PAGE>,
    index: HashMap<u64, u32, BuildHasherDefault<IdHasher>>,
    /// The key of each row, and the place behind the one that was found last: operations of a
    /// class are in the same stacks one after the other.
    keys: Vec<u64>,
    next: u32,
    /// Where the stacks of the operation at hand are.
    places: Vec<u32>,
    /// Operations that no class has.
    pub(crate) left_out: u64,
}

impl Classes {
    /// Adds an operation that ended and took so long; `None` where it is left out.
    pub(crate) fn add(&mut self, tree: &Tree, nanos: u64) -> Option<()> {
        let class = Class::of(nanos);
        self.places.clear();
        if tree.has_lost() || self.find_all(tree.nodes(), class).is_none() {
            self.left_out += 1;
            return None;
        }
        for (node, place) in tree.nodes().iter().zip(&self.places) {
            node.add_to(self.rows.at_mut(*place as usize));
        }
        Some(())
    }

    /// The places of all stacks in a class; `None` where there is no room for one of them.
    fn find_all(&mut self, nodes: &[CapturedNode], class: Class) -> Option<()> {
        nodes.iter().try_for_each(|node| {
            let place = self.find(node.node, class)?;
            self.places.try_push(place)
        })
    }

    fn find(&mut self, node: NodeId, class: Class) -> Option<u32> {
        let key = u64::from(node.0) << 8 | u64::from(class.0);
        let place = match self.keys.get(self.next as usize) {
            Some(expected) if *expected == key => self.next,
            _ => match self.index.get(&key) {
                Some(place) => *place,
                None => self.make(key, node, class)?,
            },
        };
        self.next = place + 1;
        Some(place)
    }

    #[cold]
    fn make(&mut self, key: u64, node: NodeId, class: Class) -> Option<u32> {
        let place = u32::try_from(self.rows.len()).ok().filter(|_| self.rows.len() < MOST)?;
        self.index.try_reserve(1).ok()?;
        self.keys.try_reserve(1).ok()?;
        self.rows.try_push(ClassRow::new(node, class))?;
        try_insert(&mut self.index, key, place)?;
        self.keys.push(key);
        Some(place)
    }

    /// All as they are now. Takes memory: in no callback.
    pub(crate) fn share(&mut self) -> Pages<ClassRow> {
        self.rows.share()
    }

    /// How often something could not be counted, since this was asked last.
    pub(crate) fn take_losses(&mut self) -> u64 {
        self.rows.take_losses()
    }
}

impl TryClone for ClassRow {
    fn try_clone(&self) -> Option<Self> {
        Some(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(stacks: std::ops::Range<u32>) -> Tree {
        let mut tree = Tree::default();
        stacks.for_each(|stack| tree.of(NodeId(stack)).ticks.calls += 1);
        tree
    }

    fn calls(classes: &mut Classes) -> u64 {
        classes.share().iter().map(|row| row.ticks.calls).sum()
    }

    #[test]
    fn an_operation_is_taken_as_a_whole_or_not_at_all() {
        let mut classes = Classes::default();
        let most = MOST as u32;
        assert!(classes.add(&operation(0..most - 10), 1).is_some());
        assert!(classes.add(&operation(0..20), 2).is_none());
        assert_eq!((calls(&mut classes), classes.left_out), (u64::from(most) - 10, 1));
        assert!(classes.add(&operation(0..20), 1).is_some());
        assert_eq!((calls(&mut classes), classes.left_out), (u64::from(most) + 10, 1));
        assert!(classes.rows.len() <= MOST, "{}", classes.rows.len());
    }
}
