//! What a thread counted, by node.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::{
    paged::{Paged, Pages, TryClone},
    tree::{NodeId, Tree},
};
use crate::{hash::IdHasher, room::try_insert, tally::Share};

/// A place in a thread's [`Shares`].
pub(crate) type ShareAt = u32;

/// Rows of a page: 4 KiB, which are copied in no time.
const PAGE: usize = 128;

pub(crate) type SharePages = Pages<(NodeId, Share)>;

/// What a thread counted, or all those of a name that have ended.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    all: Paged<(NodeId, Share), PAGE>,
    index: HashMap<NodeId, ShareAt, BuildHasherDefault<IdHasher>>,
}

impl Shares {
    /// The place of a node's counters in those of a thread, which has this number, made
    /// where it is new; `None` where there is no memory.
    #[inline]
    pub(crate) fn place(&mut self, thread: u64, node: NodeId, tree: &mut Tree) -> Option<ShareAt> {
        let (last, at) = tree[node].share;
        if last == thread {
            return Some(at);
        }
        let at = self.find(node)?;
        tree[node].share = (thread, at);
        Some(at)
    }

    fn find(&mut self, node: NodeId) -> Option<ShareAt> {
        match self.index.get(&node) {
            Some(at) => Some(*at),
            None => self.make(node),
        }
    }

    #[cold]
    fn make(&mut self, node: NodeId) -> Option<ShareAt> {
        let at = ShareAt::try_from(self.all.len()).ok()?;
        self.index.try_reserve(1).ok()?;
        self.all.try_push((node, Share::default()))?;
        try_insert(&mut self.index, node, at)?;
        Some(at)
    }

    #[inline]
    pub(crate) fn at(&mut self, at: ShareAt) -> &mut Share {
        &mut self.all.at_mut(at as usize).1
    }

    /// Whether the thread has entered a span.
    pub(crate) fn have_entered(&self) -> bool {
        (0..self.all.len()).any(|at| self.all[at].1.enters > 0)
    }

    /// Adds what another thread counted; `None` where there is no memory for all of it.
    pub(crate) fn add(&mut self, mut other: Self) -> Option<()> {
        if other.all.len() > self.all.len() {
            std::mem::swap(self, &mut other);
        }
        for at in 0..other.all.len() {
            let (node, share) = other.all[at];
            let at = self.find(node)?;
            self.at(at).add(&share);
        }
        Some(())
    }

    /// All as it is now. Takes memory: in no callback.
    pub(crate) fn share(&mut self) -> SharePages {
        self.all.share()
    }

    /// How often something could not be counted, since this was asked last.
    pub(crate) fn take_losses(&mut self) -> u64 {
        self.all.take_losses()
    }
}

impl TryClone for (NodeId, Share) {
    fn try_clone(&self) -> Option<Self> {
        Some(*self)
    }
}
