//! Latencies that threads count together: of long calls, and of threads that ended.
//!
//! Of a million calls of a microsecond a few take milliseconds, in which their thread
//! was not running. If each thread counted these by itself, it would come by a block for
//! each of their powers of two, at each of its nodes, one after another, for days.
//! Together threads have them soon, and once. A call that took so long is not held up by
//! a counter that several write to.

use super::{
    cell::Counter,
    histogram::{Blocks, Bucket, Histogram},
    paged::Paged,
    paths::PathId,
};

/// Calls by node and by latency. Any thread adds and reads.
#[derive(Debug)]
pub(crate) struct Pooled(Paged<Blocks>);

impl Pooled {
    pub(crate) fn new() -> Self {
        Self(Paged::new())
    }

    /// The calls at a node that took about so long, where that takes no memory.
    pub(crate) fn calls(&self, node: PathId, ticks: u64) -> Option<&Counter> {
        self.0.get(node.index())?.get(Bucket::of(ticks))
    }

    /// Counts a call. Where there is no memory it is missing in the percentiles.
    #[cold]
    pub(crate) fn add(&self, node: PathId, ticks: u64) {
        if let Some(blocks) = self.0.get_or_make(node.index()) {
            blocks.add_beside_others(Bucket::of(ticks), 1);
        }
    }

    /// Takes over what an ended thread counted at a node, as far as there is memory.
    pub(crate) fn take_from(&self, node: PathId, histogram: &Histogram) {
        if let (true, Some(blocks)) = (histogram.has_calls(), self.0.get_or_make(node.index())) {
            histogram.move_to(blocks);
        }
    }

    /// The calls at the nodes in a page; none where it has not been made.
    pub(crate) fn page(&self, page: usize) -> &[Blocks] {
        self.0.page(page)
    }
}
