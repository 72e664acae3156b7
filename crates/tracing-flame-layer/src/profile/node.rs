//! One distinct stack of a call tree, with everything that was measured at it.

use std::sync::Arc;

use super::Callsite;

/// A node's place in [`Profile::nodes`](super::Profile::nodes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The place as an index into [`Profile::nodes`](super::Profile::nodes).
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What stands in one box of the picture before boxes of one label merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The spans of a callsite.
    Span(Arc<Callsite>),
    /// All spans below the recorder's bound of depth or of distinct stacks.
    Truncated,
}

/// One distinct stack: the callsites from an operation's root down to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The node one step nearer the root; `None` for an operation's root.
    pub parent: Option<NodeId>,
    /// What the node stands for.
    pub frame: Frame,
    /// What was measured at this node itself, descendants not included.
    pub measures: Measures,
}

/// What is measured at a node. Times are in nanoseconds and count only the
/// node itself: a total is the sum over a node and its descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Spans created.
    pub calls: u64,
    /// Spans entered for the first time.
    pub started: u64,
    /// Enters, each poll of a future included.
    pub enters: u64,
    /// Wall-clock share while spans of the node work.
    pub wall_nanos: u64,
    /// Wall-clock share while spans of the node are pending: its `[await]`.
    pub await_nanos: u64,
    /// Thread time during which the node's span was the innermost one entered.
    pub busy_nanos: u64,
    /// Enter-to-exit time, whatever ran below or elsewhere.
    pub entered_nanos: u64,
    /// First enter to close, or to the snapshot where still open, summed over
    /// `started` calls.
    pub latency_nanos: u64,
    /// The longest single latency.
    pub max_latency_nanos: u64,
}
