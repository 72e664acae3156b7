//! The call tree as a reader sees it: what each node stands for.

use std::sync::Arc;

use crate::{log::Callsite, profile::FieldValues};

/// The number of a node; parents have smaller ones than their children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node stands for.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Spans of a callsite, with those values of its named fields.
    Span(Callsite, Option<Arc<FieldValues>>),
    Truncated,
}

/// One distinct stack.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) parent: Option<NodeId>,
    pub(crate) step: Step,
}

/// Nodes of a page.
const PAGE: usize = 1_024;

/// All distinct stacks up to a moment. Those that grow and those that are read share all
/// pages but the last one, so a copy is made in no time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    full: Vec<Arc<[Path]>>,
    last: Vec<Path>,
}

impl Paths {
    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.full.len() * PAGE + self.last.len()
    }

    pub(crate) fn get(&self, node: NodeId) -> Option<&Path> {
        let (page, at) = (node.index() / PAGE, node.index() % PAGE);
        match self.full.get(page) {
            Some(page) => page.get(at),
            None if page == self.full.len() => self.last.get(at),
            None => None,
        }
    }

    /// Adds a node.
    pub(crate) fn push(&mut self, path: Path) {
        if self.last.len() == PAGE {
            self.full.push(std::mem::take(&mut self.last).into());
        }
        self.last.push(path);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stays_as_it_is_while_nodes_are_added() {
        let mut paths = Paths::default();
        let parent = |node: usize| node.checked_sub(1).map(|above| NodeId(above as u32));
        let mut copies = Vec::new();
        for node in 0..3 * PAGE {
            copies.push(paths.clone());
            paths.push(Path { parent: parent(node), step: Step::Truncated });
        }
        for (length, copy) in copies.iter().enumerate().step_by(97) {
            assert_eq!(copy.len(), length);
            assert!(copy.get(NodeId(length as u32)).is_none());
            for node in (0..length).step_by(31) {
                let path = copy.get(NodeId(node as u32)).expect("a node");
                assert_eq!(path.parent, parent(node));
            }
        }
    }
}
