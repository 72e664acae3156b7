//! What was measured at a node, and how a snapshot keeps it.

use super::{latencies::Latencies, ticks::Ticks};
use crate::packed::{Numbers, Packed};

/// What was measured at a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) ticks: Ticks,
    pub(crate) latencies: Latencies,
}

impl Measured {
    /// What came after `earlier`: see [`Latencies::since`].
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self, cleared: bool) -> Self {
        Self {
            ticks: self.ticks.since(&earlier.ticks),
            latencies: self.latencies.since(&earlier.latencies, cleared),
        }
    }

    /// Adds a later window of the same node.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.ticks.merge(&later.ticks);
        self.latencies.merge(&later.latencies);
    }

    /// Appends it as a row.
    pub(crate) fn pack(&self, rows: &mut Packed) {
        rows.push(self.ticks.numbers().into_iter().chain(self.latencies.numbers()));
    }

    pub(crate) fn unpack(mut row: Numbers<'_>) -> Self {
        Self { ticks: Ticks::of_numbers(&mut row), latencies: Latencies::of_numbers(&mut row) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{super::histogram::Histogram, *};

    fn packed(measured: &Measured) -> Packed {
        let mut rows = Packed::default();
        measured.pack(&mut rows);
        rows
    }

    #[test]
    fn what_is_packed_is_unpacked_as_it_was() {
        let mut ended = Histogram::default();
        [1, 5_000, u64::MAX].into_iter().for_each(|ticks| ended.add(ticks));
        let mut earlier = Measured::default();
        earlier.latencies.add_open(40);
        let mut later = Measured {
            ticks: Ticks { calls: 3, awaited: 1 << 60, ..Ticks::default() },
            latencies: Latencies::of_ended(&ended, u64::MAX),
        };
        later.latencies.add_open(2_000);
        assert_eq!(later.latencies.counts().calls(), 4);
        for measured in [later.since(&earlier, true), later, earlier] {
            assert_eq!(Measured::unpack(packed(&measured).row(0)), measured);
        }
    }

    #[test]
    fn nothing_takes_no_room() {
        let nothing = packed(&Measured::default());
        assert!(nothing.row(0).is_empty());
        assert_eq!(Measured::unpack(nothing.row(0)), Measured::default());
    }
}
