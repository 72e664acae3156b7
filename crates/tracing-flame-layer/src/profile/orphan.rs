//! Roots that are most likely parts of something else.

use super::NodeId;

/// Operations that began on a thread where nothing was entered, while a thread of
/// another operation slept in a span until all of them had ended: most likely that one
/// waited for them, and nobody named it as their parent. They count in the window in which
/// that wait was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphans {
    /// The node of their roots.
    pub root: NodeId,
    /// The innermost node in which the other thread waited meanwhile.
    pub waiting: NodeId,
    /// How many of them there were.
    pub count: u64,
}

impl Orphans {
    /// So many of a root, while another operation waited in a node.
    #[must_use]
    pub fn new(root: NodeId, waiting: NodeId, count: u64) -> Self {
        Self { root, waiting, count }
    }
}
