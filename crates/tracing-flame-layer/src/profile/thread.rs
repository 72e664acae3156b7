//! What the threads of one name did.

use std::sync::Arc;

use super::{NodeId, States};

/// The part of a profile recorded on all threads of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadProfile {
    /// The threads' name; threads without one are called `<unnamed>`.
    pub name: Arc<str>,
    /// How many threads of that name entered a span.
    pub threads: u64,
    /// The nodes at which these threads spent time, in ascending order.
    pub nodes: Vec<ThreadNode>,
}

/// What the threads of one name spent at one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadNode {
    /// The node.
    pub node: NodeId,
    /// Enters on these threads.
    pub enters: u64,
    /// The node's own busy time on these threads, in nanoseconds.
    pub busy_nanos: u64,
    /// What the threads did in `busy_nanos`, as far as they were not on a CPU.
    pub busy_states: States,
    /// Enter-to-exit time on these threads, in nanoseconds.
    pub entered_nanos: u64,
}

impl ThreadProfile {
    /// So many threads of a name, and what they spent, by node in ascending order.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, threads: u64, nodes: Vec<ThreadNode>) -> Self {
        Self { name: name.into(), threads, nodes }
    }
}

impl ThreadNode {
    /// Nothing yet, at a node.
    #[must_use]
    pub fn new(node: NodeId) -> Self {
        Self { node, enters: 0, busy_nanos: 0, busy_states: States::default(), entered_nanos: 0 }
    }
}
