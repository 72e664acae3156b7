//! A thread's memory of which node a callsite's spans have below a parent.

use tracing::Metadata;

use super::{
    cell::Cells,
    hash::IdHasher,
    paths::{PathId, Paths},
    role::{Role, Roles},
    state::At,
    sync::sized,
};

/// Entries of each memory.
const ENTRIES: usize = sized(256, 4);

/// Two direct-mapped memories: callsite to role, and parent with callsite to node.
#[derive(Debug)]
pub(crate) struct Children {
    nodes: Box<[Option<Child>; ENTRIES]>,
    roles: Box<[Option<(usize, Role)>; ENTRIES]>,
}

#[derive(Clone, Copy, Debug)]
struct Child {
    parent: Option<PathId>,
    callsite: usize,
    at: At,
}

impl Default for Children {
    fn default() -> Self {
        Self { nodes: Box::new([None; ENTRIES]), roles: Box::new([None; ENTRIES]) }
    }
}

impl Children {
    /// The node of a callsite's spans below `parent`, and its counters.
    #[inline]
    pub(crate) fn child(
        &mut self,
        parent: Option<PathId>,
        metadata: &'static Metadata<'static>,
        paths: &Paths,
        cells: &Cells,
    ) -> Option<At> {
        let callsite = address(metadata);
        let above = parent.map_or(0, |p| u64::from(p.0).wrapping_add(1));
        let entry = &mut self.nodes[slot(callsite as u64 ^ above.rotate_left(40))];
        match entry {
            Some(known) if known.callsite == callsite && known.parent == parent => Some(known.at),
            _ => {
                let node = paths.child(parent, metadata)?;
                let at = At { node, cell: cells.pin(node)? };
                *entry = Some(Child { parent, callsite, at });
                Some(at)
            }
        }
    }

    /// What the user said about a callsite's spans.
    #[inline]
    pub(crate) fn role(&mut self, metadata: &'static Metadata<'static>, roles: &Roles) -> Role {
        if roles.are_empty() {
            return Role::default();
        }
        let callsite = address(metadata);
        let entry = &mut self.roles[slot(callsite as u64)];
        match entry {
            Some((known, role)) if *known == callsite => *role,
            _ => {
                let role = roles.of(metadata);
                *entry = Some((callsite, role));
                role
            }
        }
    }
}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}

#[inline]
fn slot(key: u64) -> usize {
    (IdHasher::mix(key) >> 32) as usize % ENTRIES
}
