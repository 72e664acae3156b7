//! What stands on each node.

use super::{NodeId, Profile};

/// Stands for no node.
const NONE: u32 = u32::MAX;

/// The children of each node of a profile, as they were when this was
/// [made](Profile::children). Takes eight bytes a node.
///
/// ```
/// use tracing_flame_layer::profile::{Children, NodeId, Profile};
///
/// /// The wall-clock time of a node and of all that stands on it, in nanoseconds.
/// fn total(profile: &Profile, children: &Children, node: NodeId) -> u64 {
///     let own = profile.node(node).measures;
///     let below = children.of(node).map(|child| total(profile, children, child));
///     own.wall_nanos + own.await_nanos + below.sum::<u64>()
/// }
///
/// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
/// let profile = flame.snapshot();
/// let children = profile.children();
/// for root in children.roots() {
///     println!("{:?}: {} ns", profile.node(root).frame, total(&profile, &children, root));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Children {
    first_root: u32,
    /// Of each node the first that stands on it.
    first: Vec<u32>,
    /// Of each node the next that stands where it does.
    next: Vec<u32>,
}

impl Profile {
    /// What stands on each node. Takes a step a node: keep it for a walk down the tree.
    #[must_use]
    pub fn children(&self) -> Children {
        let mut first_root = NONE;
        let mut first = vec![NONE; self.tree.len()];
        let mut next = vec![NONE; self.tree.len()];
        // From the last one on, so that each is put in front of those that come after it.
        for node in (0..self.tree.len()).rev() {
            let head = match self.tree.parent(node) {
                Some(parent) => &mut first[parent.index()],
                None => &mut first_root,
            };
            next[node] = std::mem::replace(head, u32::try_from(node).unwrap_or(NONE));
        }
        Children { first_root, first, next }
    }
}

impl Children {
    /// The nodes without a parent, in the order of the profile.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> {
        self.row(self.first_root)
    }

    /// The nodes that stand on a node, in the order of the profile. None where the profile had
    /// no such node.
    pub fn of(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        self.row(self.first.get(node.index()).copied().unwrap_or(NONE))
    }

    fn row(&self, first: u32) -> impl Iterator<Item = NodeId> {
        let known = |node: u32| (node != NONE).then_some(NodeId(node));
        std::iter::successors(known(first), move |node| known(self.next[node.index()]))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::profile::{Callsite, Frame, Measures, Window};

    #[test]
    fn each_node_has_what_stands_on_it_in_the_order_of_the_profile() {
        let mut profile = Profile::new(Window::new(UNIX_EPOCH, Duration::ZERO));
        let mut push = |parent| {
            let frame = Frame::Span(Arc::new(Callsite::new("span", "target")));
            profile.push(parent, frame, Measures::default())
        };
        let first = push(None);
        let (one, second) = (push(Some(first)), push(None));
        let (two, above) = (push(Some(first)), push(Some(one)));
        let children = profile.children();
        assert_eq!(children.roots().collect::<Vec<_>>(), [first, second]);
        assert_eq!(children.of(first).collect::<Vec<_>>(), [one, two]);
        assert_eq!(children.of(one).collect::<Vec<_>>(), [above]);
        assert_eq!(children.of(second).chain(children.of(NodeId(9))).count(), 0);
        let empty = Profile::new(Window::new(UNIX_EPOCH, Duration::ZERO));
        assert_eq!(empty.children().roots().count(), 0);
    }
}
