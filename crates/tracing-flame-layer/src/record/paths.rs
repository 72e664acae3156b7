//! The call tree of paths: every distinct stack gets one number, for good.
//!
//! Threads count into tables indexed by that number, so merging threads is
//! adding tables, in any order.

use std::collections::HashMap;

use tracing::Metadata;

use super::{
    paged::Paged,
    sync::{OnceLock, RwLock},
    values::ValuesId,
};

/// The number of a node; parents have smaller ones than their children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PathId(pub(crate) u32);

impl PathId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a path node stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Spans of a callsite, with those values of its named fields.
    Span(&'static Metadata<'static>, Option<ValuesId>),
    Truncated,
}

/// One distinct stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathNode {
    pub(crate) parent: Option<PathId>,
    pub(crate) step: Step,
    depth: u32,
}

/// How much of a call tree is kept apart; the rest is drawn as `[truncated]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Frames from root to leaf.
    pub(crate) depth: u32,
    /// Distinct stacks.
    pub(crate) stacks: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { depth: 1_000, stacks: 1_000_000 }
    }
}

/// Address of a callsite's metadata, and values; the truncated child has none.
type StepKey = Option<(usize, Option<ValuesId>)>;

/// All distinct stacks seen so far.
#[derive(Debug)]
pub(crate) struct Paths {
    nodes: Paged<OnceLock<PathNode>>,
    index: RwLock<HashMap<(Option<PathId>, StepKey), PathId>>,
    bounds: Bounds,
}

impl Paths {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { nodes: Paged::new(), index: RwLock::default(), bounds }
    }

    /// The node of a callsite's span below `parent`, made where it is new.
    ///
    /// Past a bound it is the parent's `[truncated]` child, and everything below
    /// that stays there.
    pub(crate) fn child(
        &self,
        parent: Option<PathId>,
        metadata: &'static Metadata<'static>,
    ) -> Option<PathId> {
        self.child_with(parent, metadata, None)
    }

    /// The same for spans with those values of their named fields.
    pub(crate) fn child_with(
        &self,
        parent: Option<PathId>,
        metadata: &'static Metadata<'static>,
        values: Option<ValuesId>,
    ) -> Option<PathId> {
        let key = Some((std::ptr::from_ref(metadata) as usize, values));
        if let Some(&node) = self.index.read().get(&(parent, key)) {
            return Some(node);
        }
        self.make(parent, key, Step::Span(metadata, values))
    }

    #[cold]
    fn make(&self, parent: Option<PathId>, key: StepKey, step: Step) -> Option<PathId> {
        let mut index = self.index.write();
        if let Some(&node) = index.get(&(parent, key)) {
            return Some(node);
        }
        let above = parent.and_then(|p| self.node(p));
        if let (Some(PathNode { step: Step::Truncated, .. }), Some(parent)) = (above, parent) {
            return Some(parent);
        }
        let depth = above.map_or(1, |p| p.depth.saturating_add(1));
        let count = index.len();
        let full = depth > self.bounds.depth || count >= self.bounds.stacks as usize;
        let (key, step) = if full { (None, Step::Truncated) } else { (key, step) };
        if let Some(&node) = index.get(&(parent, key)) {
            return Some(node);
        }
        let id = PathId(u32::try_from(count).ok()?);
        index.try_reserve(1).ok()?;
        let slot = self.nodes.get_or_make(id.index())?;
        slot.get_or_init(|| PathNode { parent, step, depth });
        index.insert((parent, key), id);
        Some(id)
    }

    /// The node of a number.
    pub(crate) fn node(&self, id: PathId) -> Option<PathNode> {
        self.nodes.get(id.index())?.get().copied()
    }

    /// Whether a node is a `[truncated]` one.
    pub(crate) fn is_truncated(&self, id: PathId) -> bool {
        matches!(self.node(id), Some(PathNode { step: Step::Truncated, .. }))
    }

    /// How many nodes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.index.read().len()
    }
}
