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
    /// The key of each row.
    keys: Vec<u64>,
    /// Where the stacks of the operation at hand are, if they are not one behind the other.
    places: Vec<u32>,
    /// Operations that no class has.
    pub(crate) left_out: u64,
}

impl Classes {
    /// Adds an operation that ended and took so long; `None` where it is left out.
    pub(crate) fn add(&mut self, tree: &Tree, nanos: u64) -> Option<()> {
        let (nodes, class) = (tree.nodes(), Class::of(nanos));
        if tree.has_lost() {
            self.left_out += 1;
            return None;
        }
        // Most operations of a class are in the same stacks one after the other.
        if let Some(first) = self.row_of(nodes, class) {
            for (place, node) in (first..).zip(nodes) {
                node.add_to(self.rows.at_mut(place));
            }
            return Some(());
        }
        self.places.clear();
        if self.find_all(nodes, class).is_none() {
            self.left_out += 1;
            return None;
        }
        for (node, place) in nodes.iter().zip(&self.places) {
            node.add_to(self.rows.at_mut(*place as usize));
        }
        Some(())
    }

    /// The place of the first stack in a class, if the others are behind it in their order.
    fn row_of(&self, nodes: &[CapturedNode], class: Class) -> Option<usize> {
        let first = *self.index.get(&key_of(nodes.first()?.node, class))? as usize;
        let keys = self.keys.get(first..first + nodes.len())?;
        let mut both = keys.iter().zip(nodes);
        both.all(|(key, node)| *key == key_of(node.node, class)).then_some(first)
    }

    /// The places of all stacks in a class; `None` where there is no room for one of them.
    fn find_all(&mut self, nodes: &[CapturedNode], class: Class) -> Option<()> {
        nodes.iter().try_for_each(|node| {
            let key = key_of(node.node, class);
            let place = match self.index.get(&key) {
                Some(place) => *place,
                None => self.make(key, node.node, class)?,
            };
            self.places.try_push(place)
        })
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

/// A stack and a class in one number.
fn key_of(node: NodeId, class: Class) -> u64 {
    u64::from(node.0) << 8 | u64::from(class.0)
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
