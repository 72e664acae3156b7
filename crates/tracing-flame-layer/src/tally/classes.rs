//! What operations measured, by the class of latency in which they ended.

use super::{
    counted::{self, CountCell},
    paths::NodeId,
    states::{States, Told},
    ticks::Ticks,
};

/// A power of two of nanoseconds: operations that took from that many on, and fewer than
/// twice as many. The first one has those of no time, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Class(pub(crate) u8);

impl Class {
    pub(crate) fn of(nanos: u64) -> Self {
        Self(nanos.checked_ilog2().unwrap_or(0) as u8)
    }
}

/// What operations of one class measured at a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassRow {
    pub(crate) class: Class,
    pub(crate) node: NodeId,
    pub(crate) ticks: Ticks,
    pub(crate) max_latency: u64,
    /// The longest was subtracted, and is only known to be no longer.
    pub(crate) is_bound: bool,
    /// What threads did in the operations' time, in the unit of shares.
    pub(crate) wall: States,
    /// What they did in their own.
    pub(crate) busy: Told,
}

impl ClassRow {
    pub(crate) fn new(node: NodeId, class: Class) -> Self {
        Self { class, node, ..Self::default() }
    }

    /// Whether nothing was measured.
    pub(crate) fn is_zero(&self) -> bool {
        self.ticks.is_zero()
    }

    /// Adds what was measured elsewhere at the same stack.
    pub(crate) fn add(&mut self, other: &Self) {
        self.ticks.merge(&other.ticks);
        if other.max_latency > self.max_latency {
            (self.max_latency, self.is_bound) = (other.max_latency, other.is_bound);
        }
        self.wall.add(&other.wall);
        self.busy.add(&other.busy);
    }

    /// What came after `earlier`.
    fn since(&self, earlier: &Self) -> Self {
        let is_longest = self.max_latency > earlier.max_latency;
        Self {
            ticks: self.ticks.since(&earlier.ticks),
            is_bound: self.is_bound || !is_longest,
            wall: self.wall.since(&earlier.wall),
            busy: self.busy.since(&earlier.busy),
            ..*self
        }
    }
}

/// All classes, as a snapshot has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Classes {
    /// A later snapshot of the same recorder has these in the same places, and perhaps more.
    pub(crate) rows: Vec<ClassRow>,
    /// What the system counted for whole operations, in the places of any later snapshot, too.
    pub(crate) counted: Vec<CountCell>,
    /// Named operations that no class has, whose time is in the whole alone.
    pub(crate) left_out: u64,
}

impl Classes {
    /// Those of operations that ended after `earlier`.
    #[must_use]
    pub(super) fn since(mut self, earlier: &Self) -> Self {
        for (row, before) in self.rows.iter_mut().zip(&earlier.rows) {
            *row = row.since(before);
        }
        counted::since(&mut self.counted, &earlier.counted);
        self.left_out = self.left_out.saturating_sub(earlier.left_out);
        self
    }

    /// Adds a later window.
    pub(super) fn merge(&mut self, later: &Self) {
        let known = self.rows.len().min(later.rows.len());
        for (row, later) in self.rows.iter_mut().zip(&later.rows) {
            row.add(later);
        }
        self.rows.extend(later.rows.get(known..).into_iter().flatten());
        counted::merge(&mut self.counted, &later.counted);
        self.left_out = self.left_out.saturating_add(later.left_out);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::tally::Bucket;

    #[test]
    fn a_class_is_a_power_of_two() {
        let classes = [0, 1, 2, 3, 4, 1_023, 1_024, u64::MAX].map(|nanos| Class::of(nanos).0);
        assert_eq!(classes, [0, 0, 1, 1, 2, 9, 10, 63]);
    }

    fn classes(calls: &[(u64, u64)]) -> Classes {
        let row = |(node, (calls, max_latency)): (usize, &(u64, u64))| ClassRow {
            ticks: Ticks { calls: *calls, ..Ticks::default() },
            max_latency: *max_latency,
            ..ClassRow::new(NodeId(node as u32), Class(3))
        };
        let cell = |(root, (operations, _)): (usize, &(u64, u64))| CountCell {
            operations: *operations,
            ..CountCell::new(NodeId(root as u32), Class(3), 0, Bucket::of(7))
        };
        let counted = calls.iter().enumerate().map(cell).collect();
        Classes { rows: calls.iter().enumerate().map(row).collect(), counted, left_out: 0 }
    }

    fn read(classes: &Classes) -> Vec<(u64, u64, bool)> {
        classes.rows.iter().map(|row| (row.ticks.calls, row.max_latency, row.is_bound)).collect()
    }

    #[test]
    fn windows_of_classes_add_up_and_say_what_they_know_of_the_longest() {
        let earlier = classes(&[(2, 9), (1, 8)]);
        let later = classes(&[(3, 9), (4, 12), (7, 5)]);
        let window = later.clone().since(&earlier);
        assert_eq!(read(&window), [(1, 9, true), (3, 12, false), (7, 5, false)]);
        let operations = |classes: &Classes| -> Vec<u64> {
            classes.counted.iter().map(|cell| cell.operations).collect()
        };
        assert_eq!(operations(&window), [1, 3, 7]);
        let mut both = earlier;
        both.merge(&window);
        assert_eq!(read(&both), [(3, 9, false), (4, 12, false), (7, 5, false)]);
        assert_eq!(operations(&both), [3, 4, 7]);
    }
}
