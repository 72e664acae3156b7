//! When named operations ended, and how long they had taken.

use super::NodeId;

/// A column of a heatmap: the named operations that ended in a stretch of time.
///
/// Columns are as wide as powers of two of nanoseconds, the latest of a recording about a
/// millisecond and older ones the wider the longer ago they are. Stretches in which nothing ended
/// have none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeatColumn {
    /// Nanoseconds from the beginning of the window on, pauses included.
    pub from_nanos: u64,
    /// And up to here, this one left out.
    pub below_nanos: u64,
    /// By root, and from the quickest up.
    pub cells: Vec<HeatCell>,
}

/// The operations of one root that took about as long and ended in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeatCell {
    /// Their root.
    pub root: NodeId,
    /// None of them took longer, and the longest that fits less than an eighth more than the
    /// shortest: the buckets are those of a [`Histogram`](super::Histogram) that the recorder
    /// makes, of nanoseconds. So each lies within one [`Class`](super::Class).
    pub most_nanos: u64,
    /// How many they are.
    pub operations: u64,
}

impl HeatColumn {
    /// A column from some nanoseconds on and below others, with those cells.
    #[must_use]
    pub fn new(from_nanos: u64, below_nanos: u64, cells: Vec<HeatCell>) -> Self {
        Self { from_nanos, below_nanos, cells }
    }
}

impl HeatCell {
    /// So many operations of a root, of which none took longer.
    #[must_use]
    pub fn new(root: NodeId, most_nanos: u64, operations: u64) -> Self {
        Self { root, most_nanos, operations }
    }
}
