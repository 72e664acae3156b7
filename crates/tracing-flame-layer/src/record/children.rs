//! A thread's memory of which node a callsite's spans have below a parent.

use tracing::Metadata;

use super::{
    cell::{Cells, PinnedCell},
    hash::IdHasher,
    paths::{PathId, Paths},
    role::{Role, Roles},
    room::try_boxed,
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
    cell: PinnedCell,
}

impl Children {
    /// `None` where there is no memory.
    pub(crate) fn try_new() -> Option<Self> {
        let nodes = try_boxed(ENTRIES, || None)?.try_into().ok()?;
        Some(Self { nodes, roles: try_boxed(ENTRIES, || None)?.try_into().ok()? })
    }

    /// The counters of a callsite's spans below `parent`.
    pub(crate) fn child(
        &mut self,
        parent: Option<PathId>,
        metadata: &'static Metadata<'static>,
        paths: &Paths,
        cells: &Cells,
    ) -> Option<PinnedCell> {
        let callsite = address(metadata);
        let entry = self.nodes.get_mut(slot_of(parent, callsite))?;
        match entry {
            Some(known) if known.callsite == callsite && known.parent == parent => Some(known.cell),
            _ => {
                let cell = cells.pin(paths.child(parent, metadata)?)?;
                *entry = Some(Child { parent, callsite, cell });
                Some(cell)
            }
        }
    }

    /// What the user said about a callsite's spans.
    pub(crate) fn role(&mut self, metadata: &'static Metadata<'static>, roles: &Roles) -> Role {
        if roles.are_empty() {
            return Role::default();
        }
        let callsite = address(metadata);
        let Some(entry) = self.roles.get_mut(slot(callsite as u64)) else {
            return roles.of(metadata);
        };
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

fn slot_of(parent: Option<PathId>, callsite: usize) -> usize {
    let above = parent.map_or(0, |p| u64::from(p.0).wrapping_add(1));
    slot(callsite as u64 ^ above.rotate_left(40))
}

fn slot(key: u64) -> usize {
    // The top bits: they alone depend on every bit of the key.
    (IdHasher::mix(key) >> 56) as usize % ENTRIES
}
