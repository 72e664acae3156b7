//! What was measured at a node, and how a snapshot keeps it.

use super::{cell::Cell, latencies::Latencies, ticks::Ticks};
use crate::packed::{Numbers, Packed};

/// What was measured at a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) ticks: Ticks,
    pub(crate) latencies: Latencies,
}

impl Measured {
    /// Adds what a thread counted, of which `ticks` was read.
    pub(super) fn add_cell(&mut self, cell: &Cell, ticks: &Ticks) {
        self.ticks.merge(ticks);
        self.latencies.add_cell(cell);
    }

    /// What came after `earlier`: see [`Latencies::since`].
    #[must_use]
    pub(super) fn since(&self, earlier: &Self, cleared: bool) -> Self {
        Self {
            ticks: self.ticks.since(&earlier.ticks),
            latencies: self.latencies.since(&earlier.latencies, cleared),
        }
    }

    /// Adds a later window of the same node.
    pub(super) fn merge(&mut self, later: &Self) {
        self.ticks.merge(&later.ticks);
        self.latencies.merge(&later.latencies);
    }

    /// Appends it as a row.
    pub(super) fn pack(&self, rows: &mut Packed) {
        rows.push(self.ticks.numbers().into_iter().chain(self.latencies.numbers()));
    }

    pub(super) fn unpack(mut row: Numbers<'_>) -> Self {
        Self { ticks: Ticks::of_numbers(&mut row), latencies: Latencies::of_numbers(&mut row) }
    }

    /// Nothing measured, in the same memory.
    pub(super) fn clear(&mut self) {
        self.ticks = Ticks::default();
        self.latencies.clear();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{
        super::histogram::{Blocks, Bucket},
        *,
    };

    fn packed(measured: &Measured) -> Packed {
        let mut rows = Packed::default();
        measured.pack(&mut rows);
        rows
    }

    #[test]
    fn what_is_packed_is_unpacked_as_it_was() {
        let cell = Cell::default();
        let long = Blocks::default();
        for ticks in [1, 5_000, u64::MAX] {
            if cell.end_call(ticks, 7) {
                long.add_beside_others(Bucket::of(ticks), 1);
            }
        }
        cell.calls.add(3);
        cell.awaited.add(1 << 60);
        let mut earlier = Measured::default();
        earlier.latencies.add_open(40);
        let mut later = earlier.clone();
        later.add_cell(&cell, &cell.read());
        later.latencies.add_ended(&long);
        assert_eq!(later.latencies.counts().calls(), 4);
        later.latencies.add_open(2_000);
        for measured in [later.since(&earlier, true), later, earlier] {
            assert_eq!(Measured::unpack(packed(&measured).row(0)), measured);
        }
    }

    #[test]
    fn nothing_takes_no_room() {
        let mut measured = Measured::default();
        measured.latencies.add_open(9);
        measured.clear();
        let nothing = packed(&measured);
        assert!(nothing.row(0).is_empty());
        assert_eq!(Measured::unpack(nothing.row(0)), Measured::default());
    }
}
