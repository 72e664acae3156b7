//! The nodes of a profile, to be read.

use std::fmt;

use super::{Frame, Node, tree::Tree};

/// The nodes of a profile, parents before children.
///
/// They are kept packed, and each is made when it is asked for, which takes about
/// a tenth of a microsecond: keep what is needed more than once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nodes<'p>(pub(super) &'p Tree);

impl<'p> Nodes<'p> {
    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The node at a place: see [`NodeId::index`](super::NodeId::index).
    #[must_use]
    pub fn get(self, index: usize) -> Option<Node> {
        (index < self.len()).then(|| self.0.node(index))
    }

    /// All of them, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Node> + ExactSizeIterator + 'p {
        (0..self.len()).map(move |index| self.0.node(index))
    }

    /// What each of them stands for, in order; nothing is made for that.
    pub fn frames(self) -> impl DoubleEndedIterator<Item = &'p Frame> + ExactSizeIterator {
        (0..self.len()).map(move |index| self.0.frame(index))
    }
}

impl fmt::Debug for Nodes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
