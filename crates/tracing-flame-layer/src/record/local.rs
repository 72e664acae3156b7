//! One thread as it sees itself: the stack of spans it has entered.

use std::sync::Arc;

use tracing::Metadata;

use super::{
    hash::IdHasher,
    open_spans::{OpenSpan, OpenSpans, Place},
    paths::{PathId, Paths},
    thread::{Eviction, ThreadRecord},
};

/// Entries of the two small caches.
const CACHED: usize = 256;

/// A parent, the address of a callsite, and the node of its spans there.
type Child = (Option<PathId>, usize, PathId);

/// A span entered on this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entered {
    pub(crate) id: u64,
    pub(crate) place: Place,
    /// Ticks at the enter.
    start: u64,
}

/// A thread's own side of its [record](ThreadRecord).
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) record: Arc<ThreadRecord>,
    stack: Vec<Entered>,
    /// Since when the innermost span has been so.
    since: u64,
    /// Spans created here, by id. An id comes back only at another creation on
    /// its own thread, which overwrites the entry; spans created elsewhere are
    /// never kept.
    created: Box<[Option<(u64, OpenSpan)>]>,
    /// Children looked up here, by parent and callsite.
    children: Box<[Option<Child>]>,
}

impl Local {
    pub(crate) fn new(record: Arc<ThreadRecord>) -> Self {
        Self {
            record,
            stack: Vec::new(),
            since: 0,
            created: vec![None; CACHED].into(),
            children: vec![None; CACHED].into(),
        }
    }

    /// Remembers a span created on this thread.
    pub(crate) fn remember(&mut self, id: u64, span: OpenSpan) {
        self.created[slot_of(id)] = Some((id, span));
    }

    /// Forgets a span that closes.
    pub(crate) fn forget(&mut self, id: u64) {
        let entry = &mut self.created[slot_of(id)];
        if entry.is_some_and(|(cached, _)| cached == id) {
            *entry = None;
        }
    }

    /// What is known of an open span.
    #[inline]
    pub(crate) fn look_up(&self, id: u64, spans: &OpenSpans) -> Option<OpenSpan> {
        match self.created[slot_of(id)] {
            Some((cached, span)) if cached == id => Some(span),
            _ => spans.get(id),
        }
    }

    /// The node of a callsite's span below `parent`.
    #[inline]
    pub(crate) fn child(
        &mut self,
        parent: Option<PathId>,
        metadata: &'static Metadata<'static>,
        paths: &Paths,
    ) -> Option<PathId> {
        let callsite = std::ptr::from_ref(metadata) as usize;
        let above = parent.map_or(u64::MAX, |p| u64::from(p.0));
        let slot = slot_of(IdHasher::mix(above) ^ callsite as u64);
        match self.children[slot] {
            Some((p, c, node)) if p == parent && c == callsite => Some(node),
            _ => {
                let node = paths.child(parent, metadata)?;
                self.children[slot] = Some((parent, callsite, node));
                Some(node)
            }
        }
    }

    /// The innermost occurrence of a span on the stack.
    #[inline]
    pub(crate) fn innermost(&self, id: u64) -> Option<usize> {
        self.stack.iter().rposition(|entered| entered.id == id)
    }

    /// The place of the span at a position of the stack.
    pub(crate) fn place_at(&self, position: usize) -> Option<Place> {
        self.stack.get(position).map(|entered| entered.place)
    }

    /// How deep the stack is.
    pub(crate) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Puts a span on the stack.
    #[inline]
    pub(crate) fn push(&mut self, id: u64, place: Place, now: u64) {
        let start = self.turn(now);
        if let Some(cell) = self.record.cells.at(place.node) {
            cell.enters.add(1);
        }
        self.record.stack.push(self.stack.len() as u32, id, place.node, start);
        self.stack.push(Entered { id, place, start });
    }

    /// Takes the span at a position off the stack.
    #[inline]
    pub(crate) fn remove(&mut self, position: usize, now: u64) {
        let now = self.turn(now);
        if position + 1 == self.stack.len() {
            self.pop(now);
        } else {
            self.remove_below(position, now);
        }
    }

    /// Takes every occurrence of a span off the stack, as of the time it closed.
    pub(crate) fn evict(&mut self, eviction: Eviction) {
        while let Some(position) = self.innermost(eviction.id) {
            self.remove(position, eviction.at);
        }
    }

    /// Applies what threads that closed our spans have told.
    #[inline]
    pub(crate) fn read_evictions(&mut self) {
        if self.record.is_evicted() {
            self.apply_evictions();
        }
    }

    #[cold]
    fn apply_evictions(&mut self) {
        let record = Arc::clone(&self.record);
        record.take_evictions(|eviction| self.evict(eviction));
    }

    /// Bills the innermost span up to `now`. Returns `now`, or the last stamp
    /// where the clock reads backwards.
    #[inline]
    fn turn(&mut self, now: u64) -> u64 {
        let now = now.max(self.since);
        let ticks = now - self.since;
        let top = self.stack.last().map(|entered| entered.place.node);
        self.record.stack.turn(now, || {
            if let Some(cell) = top.and_then(|node| self.record.cells.at(node)) {
                cell.busy.add(ticks);
            }
        });
        self.since = now;
        now
    }

    #[inline]
    fn pop(&mut self, now: u64) {
        let Some(entered) = self.stack.pop() else { return };
        self.record.stack.pop(self.stack.len() as u32, || self.bill_entered(&entered, now));
    }

    fn bill_entered(&self, entered: &Entered, now: u64) {
        if let Some(cell) = self.record.cells.at(entered.place.node) {
            cell.entered.add(now.saturating_sub(entered.start));
        }
    }

    /// An exit out of order: the frames above move down by one.
    #[cold]
    fn remove_below(&mut self, position: usize, now: u64) {
        let removed = self.stack.remove(position);
        self.record.stack.shuffle(|stack| {
            for depth in (position..=self.stack.len()).rev() {
                stack.pop(depth as u32, || {});
            }
            self.bill_entered(&removed, now);
            for (depth, moved) in self.stack.iter().enumerate().skip(position) {
                stack.push(depth as u32, moved.id, moved.place.node, moved.start);
            }
        });
    }
}

/// The cache slot of a key.
#[inline]
fn slot_of(key: u64) -> usize {
    (IdHasher::mix(key) >> 56) as usize % CACHED
}
