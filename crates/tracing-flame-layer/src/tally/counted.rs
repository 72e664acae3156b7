//! How many operations of a class the system counted how much for.

use super::{Bucket, Class, NodeId};

/// Operations of one root and one class for which one kind of thing was counted about as often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CountCell {
    pub(crate) root: NodeId,
    pub(crate) class: Class,
    /// Which, by its place in [`Switches::NAMES`](crate::profile::Switches::NAMES).
    pub(crate) kind: u8,
    pub(crate) bucket: Bucket,
    pub(crate) operations: u64,
}

impl CountCell {
    pub(crate) fn new(root: NodeId, class: Class, kind: u8, bucket: Bucket) -> Self {
        Self { root, class, kind, bucket, operations: 0 }
    }

    /// Tells it from all others: there are 64 classes, six kinds and 496 buckets.
    pub(crate) fn key(&self) -> u64 {
        let Self { root, class, kind, bucket, .. } = *self;
        let cell = u64::from(class.0) << 12 | u64::from(kind) << 9 | bucket.number() as u64;
        u64::from(root.0) << 18 | cell
    }
}

/// Those of operations that ended after `earlier`, which has them in the same places.
pub(super) fn since(cells: &mut [CountCell], earlier: &[CountCell]) {
    for (cell, before) in cells.iter_mut().zip(earlier) {
        cell.operations = cell.operations.saturating_sub(before.operations);
    }
}

/// Adds those of a later window.
pub(super) fn merge(cells: &mut Vec<CountCell>, later: &[CountCell]) {
    for (cell, later) in cells.iter_mut().zip(later) {
        cell.operations = cell.operations.saturating_add(later.operations);
    }
    cells.extend_from_slice(later.get(cells.len()..).unwrap_or_default());
}
