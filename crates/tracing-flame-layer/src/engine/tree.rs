//! The call tree: every distinct stack gets a number, for good, and counters.

use std::{collections::HashMap, hash::BuildHasherDefault};

use tracing::Metadata;

use super::{
    paged::{Paged, Pages, TryClone},
    values::{Values, ValuesId},
};
use crate::{
    hash::IdHasher,
    log::Callsite,
    tally::{Histogram, Path, Paths, Step, ToldByNode, Waits},
};

pub(crate) use crate::tally::NodeId;

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

/// What is counted at a stack, of all threads together, in ticks where it is a time.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls: u64,
    pub(crate) started: u64,
    pub(crate) wall: u64,
    pub(crate) awaited: u64,
    pub(crate) latency: u64,
    /// Of calls that have ended, from their first enters on.
    pub(crate) ended_latency: u64,
    pub(crate) max_latency: u64,
    pub(crate) latencies: Histogram,
    pub(crate) queued: Waits,
}

/// One distinct stack.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<NodeId>,
    /// The callsite of its spans; the truncated have many.
    pub(crate) callsite: Option<Callsite>,
    pub(crate) values: Option<ValuesId>,
    depth: u32,
    /// Spans of it are what the user said nothing of.
    pub(crate) is_plain: bool,
    /// It is a root, of which a span was named an operation by a field of its own.
    pub(crate) is_named_by_field: bool,
    /// The child that was asked for last, and the one of its siblings that was asked for
    /// after it: spans of a loop come in the same order each time.
    last: Option<NodeId>,
    after: Option<NodeId>,
    /// The number of the thread that counted here last, and the place of its counters.
    pub(super) share: (u64, u32),
}

/// Counters of a page: few, as each has a histogram, which takes a copy of its own.
const PAGE: usize = 32;

pub(crate) type CounterPages = Pages<Counters>;

/// Parent, address of the callsite's metadata (none of the truncated), values.
type ChildKey = (Option<NodeId>, usize, Option<ValuesId>);

/// All distinct stacks so far.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    counters: Paged<Counters, PAGE>,
    /// What threads did in the operations' time, in the unit of shares.
    pub(crate) told: ToldByNode,
    /// The nodes without a parent.
    roots: Vec<NodeId>,
    /// What readers were shown of it.
    shown: Paths,
    index: HashMap<ChildKey, NodeId, BuildHasherDefault<IdHasher>>,
    last_root: Option<NodeId>,
    bounds: Bounds,
}

/// A kind of spans that is looked for in the tree.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) callsite: Callsite,
    pub(crate) values: Option<ValuesId>,
    pub(crate) is_plain: bool,
}

impl Tree {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            nodes: Vec::new(),
            counters: Paged::default(),
            told: ToldByNode::default(),
            roots: Vec::new(),
            shown: Paths::default(),
            index: HashMap::default(),
            last_root: None,
            bounds,
        }
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What is counted at a node.
    #[inline]
    pub(crate) fn counters(&mut self, node: NodeId) -> &mut Counters {
        self.counters.at_mut(node.index())
    }

    /// What is counted at all nodes, as it is now. Takes memory: in no callback.
    pub(crate) fn share_counters(&mut self) -> CounterPages {
        self.counters.share()
    }

    /// How often something could not be counted, since this was asked last.
    pub(crate) fn take_losses(&mut self) -> u64 {
        self.counters.take_losses()
    }

    /// Shows readers so many nodes that they have not been shown, of which nothing changes
    /// that is shown. Returns whether there are more. Takes memory: in no callback.
    pub(crate) fn show_some(&mut self, most: usize, values: &Values) -> bool {
        for node in self.nodes.iter().skip(self.shown.len()).take(most) {
            let step = match node.callsite {
                Some(callsite) => Step::Span(callsite, node.values.map(|id| values.shown(id))),
                None => Step::Truncated,
            };
            self.shown.push(Path { parent: node.parent, step });
        }
        self.shown.len() < self.nodes.len()
    }

    /// The tree as it is, for readers. Takes memory: in no callback.
    pub(crate) fn show(&mut self, values: &Values) -> Paths {
        self.show_some(usize::MAX, values);
        self.shown.clone()
    }

    pub(crate) fn is_truncated(&self, node: NodeId) -> bool {
        self[node].callsite.is_none()
    }

    /// The child of a callsite, if it or one that came after it was asked for last.
    #[inline]
    pub(crate) fn expected(
        &mut self,
        parent: Option<NodeId>,
        callsite: Callsite,
    ) -> Option<NodeId> {
        let is_it = |node: &Node| {
            node.callsite.is_some_and(|known| std::ptr::eq(known, callsite))
                && node.values.is_none()
        };
        let last = match parent {
            Some(parent) => self[parent].last,
            None => self.last_root,
        }?;
        if is_it(&self[last]) {
            return Some(last);
        }
        let after = self[last].after?;
        let found = is_it(&self[after]).then_some(after)?;
        self.remember(parent, found);
        Some(found)
    }

    /// The child of a callsite, if there is one.
    pub(crate) fn known(&mut self, parent: Option<NodeId>, callsite: Callsite) -> Option<NodeId> {
        let node = *self.index.get(&(parent, std::ptr::from_ref(callsite) as usize, None))?;
        self.remember(parent, node);
        Some(node)
    }

    fn remember(&mut self, parent: Option<NodeId>, child: NodeId) {
        let last = match parent {
            Some(parent) => &mut self[parent].last,
            None => &mut self.last_root,
        };
        if let Some(before) = last.replace(child) {
            self[before].after = Some(child);
        }
    }

    /// The node of a kind of spans below `parent`, made where it is new; `None` where there
    /// is no memory.
    ///
    /// Past a bound it is the parent's `[truncated]` child, and everything below that stays
    /// there.
    pub(crate) fn child(&mut self, parent: Option<NodeId>, kind: Kind) -> Option<NodeId> {
        if let Some(parent) = parent
            && self.is_truncated(parent)
        {
            return Some(parent);
        }
        let key = (parent, std::ptr::from_ref(kind.callsite) as usize, kind.values);
        let node = match self.index.get(&key) {
            Some(node) => *node,
            None => self.make(parent, key, kind)?,
        };
        if kind.values.is_none() && !self.is_truncated(node) {
            self.remember(parent, node);
        }
        Some(node)
    }

    #[cold]
    fn make(&mut self, parent: Option<NodeId>, key: ChildKey, kind: Kind) -> Option<NodeId> {
        let depth = parent.map_or(1, |parent| self[parent].depth.saturating_add(1));
        if depth > self.bounds.depth || self.nodes.len() >= self.bounds.stacks as usize {
            let key = (parent, 0, None);
            if let Some(node) = self.index.get(&key) {
                return Some(*node);
            }
            return self.add(key, Node::new(parent, None, depth));
        }
        self.add(key, Node::new(parent, Some(kind), depth))
    }

    fn add(&mut self, key: ChildKey, node: Node) -> Option<NodeId> {
        let id = NodeId(u32::try_from(self.nodes.len()).ok()?);
        self.nodes.try_reserve(1).ok()?;
        self.index.try_reserve(1).ok()?;
        self.roots.try_reserve(1).ok()?;
        self.counters.try_push(Counters::default())?;
        if node.parent.is_none() {
            self.roots.push(id);
        }
        self.nodes.push(node);
        self.index.insert(key, id);
        Some(id)
    }

    /// Nodes that are named operations, of which all are or some by a field of theirs.
    pub(crate) fn operations(&self, are: impl Fn(&Metadata<'_>) -> bool) -> Vec<NodeId> {
        let is_one = |node: &Node| node.is_named_by_field || node.callsite.is_some_and(&are);
        self.roots.iter().copied().filter(|root| is_one(&self[*root])).collect()
    }
}

impl Node {
    /// Of a kind of spans, or of the truncated ones.
    fn new(parent: Option<NodeId>, kind: Option<Kind>, depth: u32) -> Self {
        Self {
            parent,
            callsite: kind.map(|kind| kind.callsite),
            values: kind.and_then(|kind| kind.values),
            depth,
            is_plain: kind.is_some_and(|kind| kind.is_plain),
            is_named_by_field: false,
            last: None,
            after: None,
            share: (u64::MAX, 0),
        }
    }
}

impl Counters {
    /// A call has ended, so long after its first enter, of which `rest` is not counted yet.
    pub(crate) fn end_call(&mut self, latency: u64, rest: u64) {
        self.latency = self.latency.saturating_add(rest);
        self.ended_latency = self.ended_latency.saturating_add(latency);
        self.max_latency = self.max_latency.max(latency);
        self.latencies.add(latency);
    }
}

impl TryClone for Counters {
    fn try_clone(&self) -> Option<Self> {
        let latencies = self.latencies.try_clone()?;
        Some(Self { latencies, ..*self })
    }
}

impl std::ops::Index<NodeId> for Tree {
    type Output = Node;

    #[inline]
    fn index(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }
}

impl std::ops::IndexMut<NodeId> for Tree {
    #[inline]
    fn index_mut(&mut self, node: NodeId) -> &mut Node {
        &mut self.nodes[node.index()]
    }
}
