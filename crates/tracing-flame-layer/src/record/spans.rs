//! The open spans of an operation.

use std::ops::{Index, IndexMut};

use super::{operation::ThreadKey, paths::PathId, room::Room};

/// A span's place in its operation; taken anew once the span has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanKey(pub(super) u32);

/// What an operation knows of one of its open spans.
#[derive(Clone, Debug)]
pub(crate) struct SpanState {
    pub(crate) node: PathId,
    pub(crate) parent: Option<SpanKey>,
    pub(crate) idle: bool,
    pub(crate) open: bool,
    /// A span was created below: its node is part of that one's.
    pub(crate) has_children: bool,
    /// How many of its children are open, or kept for theirs.
    pub(crate) children: u32,
    /// The thread that has the span and all below it on lease.
    pub(crate) lessee: Option<ThreadKey>,
    /// Ticks at the first enter.
    pub(crate) started: Option<u64>,
    /// Up to when the latency has been counted.
    pub(crate) counted: u64,
    /// How many times it is entered now, over all threads.
    pub(crate) entered: u32,
    /// How many threads work strictly below.
    pub(crate) workers_below: u32,
    /// Entered before, open, and entered on no thread.
    pub(crate) pending: bool,
    /// How many children are pending or have pending descendants.
    pub(crate) pending_below: u32,
    /// The wait clock since which the span shares; `None` while it does not.
    pub(crate) leaf_since: Option<u64>,
}

impl SpanState {
    fn new(node: PathId, parent: Option<SpanKey>, idle: bool) -> Self {
        Self {
            node,
            parent,
            idle,
            open: true,
            has_children: false,
            children: 0,
            lessee: None,
            started: None,
            counted: 0,
            entered: 0,
            workers_below: 0,
            pending: false,
            pending_below: 0,
            leaf_since: None,
        }
    }
}

/// The open spans, with the places of closed ones reused.
#[derive(Debug)]
pub(crate) struct Spans {
    states: Vec<SpanState>,
    free: Vec<SpanKey>,
    /// What a key of no span is of. There is none: keys are made by `insert` alone, and
    /// states are dropped once no span is open. But that is for all threads to keep to,
    /// and the host is not to panic if one does not.
    nobody: SpanState,
}

impl Default for Spans {
    fn default() -> Self {
        let nobody = SpanState { open: false, ..SpanState::new(PathId(0), None, false) };
        Self { states: Vec::new(), free: Vec::new(), nobody }
    }
}

impl Spans {
    /// Adds a span; `None` past 2³² open ones, and where there is no memory.
    pub(crate) fn insert(
        &mut self,
        node: PathId,
        parent: Option<SpanKey>,
        idle: bool,
    ) -> Option<SpanKey> {
        let state = SpanState::new(node, parent, idle);
        if let Some(key) = self.free.pop() {
            self[key] = state;
            return Some(key);
        }
        let key = SpanKey(u32::try_from(self.states.len()).ok()?);
        // So that removing it needs no memory.
        self.free.try_hold(self.states.len().checked_add(1)?)?;
        self.states.try_push(state)?;
        Some(key)
    }

    /// Closes a span and returns what was known of it.
    pub(crate) fn remove(&mut self, key: SpanKey) -> SpanState {
        let state = self[key].clone();
        if state.open {
            self[key].open = false;
            self.free_from(key);
        }
        state
    }

    /// Frees a closed span's place, and those above that were kept for it: as long as a
    /// child has its place, it finds its parent in the parent's.
    fn free_from(&mut self, closed: SpanKey) {
        let mut next = Some(closed);
        while let Some(key) = next.filter(|key| !self[*key].open && self[*key].children == 0) {
            self.free.push(key);
            next = self[key].parent;
            if let Some(parent) = next {
                let children = &mut self[parent].children;
                *children = children.saturating_sub(1);
            }
        }
    }

    /// Forgets places of closed spans if there is memory for more than `most` of them;
    /// none may be open.
    pub(crate) fn clear_beyond(&mut self, most: usize) {
        if self.states.capacity() > most {
            *self = Self::default();
        }
    }

    /// How many it has memory for.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn room(&self) -> usize {
        self.states.capacity()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.free.len() == self.states.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SpanState> {
        self.states.iter().filter(|state| state.open)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut SpanState> {
        self.states.iter_mut().filter(|state| state.open)
    }
}

impl Index<SpanKey> for Spans {
    type Output = SpanState;

    fn index(&self, key: SpanKey) -> &SpanState {
        self.states.get(key.0 as usize).unwrap_or(&self.nobody)
    }
}

impl IndexMut<SpanKey> for Spans {
    fn index_mut(&mut self, key: SpanKey) -> &mut SpanState {
        self.states.get_mut(key.0 as usize).unwrap_or(&mut self.nobody)
    }
}
