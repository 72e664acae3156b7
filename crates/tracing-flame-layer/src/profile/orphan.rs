//! Roots that are most likely parts of something else.

use super::NodeId;

/// Operations that began on a thread where nothing was entered, while a thread of
/// another operation was entered and off its CPU: most likely that one waited for them,
/// and nobody named it as their parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orphans {
    /// The node of their roots.
    pub root: NodeId,
    /// The innermost node in which the other thread waited as they began.
    pub waiting: NodeId,
    /// How many of them there were.
    pub count: u64,
}
