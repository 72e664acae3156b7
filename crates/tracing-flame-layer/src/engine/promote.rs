//! The end of a chain: its links become spans like others, for whoever names one of them.

use super::{
    Engine, OperationKey,
    chain::{Chain, Link},
    span::{NEVER, Span, SpanKey},
    thread::{Frame, ThreadKey, What},
};

impl Engine {
    /// Makes spans of a thread's chain.
    #[cold]
    pub(super) fn promote(&mut self, thread: ThreadKey) {
        let mut chain = std::mem::take(&mut self.threads[thread].chain);
        if !chain.is_empty() && self.try_promote(thread, &mut chain).is_none() {
            self.anomalies.lost += chain.links.len() as u64;
            if let Some(root) = chain.links.first().filter(|_| chain.lives()) {
                self.end_life(chain.standing, root.node);
            }
        }
        chain.links.clear();
        chain.depth = 0;
        self.threads[thread].chain = Chain { anchor: None, ..chain };
    }

    fn try_promote(&mut self, thread: ThreadKey, chain: &mut Chain) -> Option<()> {
        let count = chain.links.len();
        self.spans.try_reserve(count)?;
        self.ids.try_reserve(count).ok()?;
        self.threads[thread].stack.try_reserve(count)?;
        let lives = chain.lives();
        let root = chain.links.first()?.node;
        let operation = match chain.anchor {
            Some(anchor) => self.spans[anchor].operation,
            None => self.begin_operation(root)?,
        };
        let record = &mut self.operations[operation];
        if record.try_reserve(count).is_none() {
            self.end_if_unused(operation);
            return None;
        }
        record.lent = None;
        if chain.anchor.is_none() {
            (record.lives, record.settled) = (lives, chain.since);
            record.begun = chain.links.iter().map(|link| link.started).min().unwrap_or(self.now);
            (record.standing, record.has_no_parent) = (chain.standing, true);
        } else if chain.depth > 0 {
            record.settled = record.settled.max(chain.since);
        }
        let mut parent = chain.anchor;
        for (at, link) in chain.links.iter_mut().enumerate() {
            parent =
                self.promote_link(thread, operation, parent, link, at < chain.depth, chain.since);
        }
        if chain.depth > 0 {
            self.threads[thread].busy_since = chain.since;
        }
        Some(())
    }

    /// Makes a span of a link; there is room for it.
    fn promote_link(
        &mut self,
        thread: ThreadKey,
        operation: OperationKey,
        parent: Option<SpanKey>,
        link: &mut Link,
        is_entered: bool,
        since: u64,
    ) -> Option<SpanKey> {
        if is_entered {
            link.entered += since.saturating_sub(link.since);
        }
        let until = since.max(link.counted);
        let share = self.threads[thread].shares.at(link.share);
        link.flush(until, &mut self.tree, share);
        let span = Span {
            parent,
            entered: u32::from(is_entered),
            started: link.started,
            counted: if link.started == NEVER { 0 } else { until },
            ..Span::new(link.id, link.node, operation)
        };
        let key = self.add_span(span)?;
        if is_entered {
            let frame = Frame::new(link.id, What::Recorded(key), false, since);
            self.threads[thread].stack.push(frame.counting(link.share, false))?;
            self.with_operation(operation, |operation, books| operation.adopt(thread, key, books));
        } else if link.started != NEVER {
            self.with_operation(operation, |operation, books| operation.list(key, books));
        }
        Some(key)
    }

    /// Another thread, or the operation's own, is about to name one of its spans: if a
    /// thread has a chain there, that is over.
    pub(super) fn recall(&mut self, span: SpanKey) {
        let operation = self.spans[span].operation;
        if self.spans[span].is_clear {
            return;
        }
        let Some(thread) = self.operations[operation].lent.take() else { return };
        let anchor = self.threads.contains(thread).then(|| self.threads[thread].chain.anchor);
        if let Some(Some(anchor)) = anchor
            && self.spans[anchor].operation == operation
        {
            self.promote(thread);
        }
    }

    /// Makes spans of the chain that has this id, if there is one.
    #[cold]
    pub(super) fn promote_where(&mut self, id: u64) -> bool {
        let thread = self.chain_of(id);
        if let Some(thread) = thread {
            self.promote(thread);
        }
        thread.is_some()
    }

    /// The thread whose chain has this id.
    pub(super) fn chain_of(&self, id: u64) -> Option<ThreadKey> {
        let hint = self.creators.of(id).filter(|thread| self.threads.contains(*thread));
        let has = |thread: &ThreadKey| self.threads[*thread].chain.has(id);
        hint.filter(has).or_else(|| self.threads.keys().find(has))
    }
}

/// Which thread created spans of an id like this one lately: the Registry gives each thread
/// ids of its own. Nothing but time depends on it.
#[derive(Debug)]
pub(super) struct Creators([Option<ThreadKey>; CREATORS]);

const CREATORS: usize = 1_024;

impl Default for Creators {
    fn default() -> Self {
        Self([None; CREATORS])
    }
}

impl Creators {
    /// The part of an id that tells the thread: see `sharded_slab::cfg`, 64 bits.
    fn place(id: u64) -> usize {
        (id.wrapping_sub(1) >> 38) as usize % CREATORS
    }

    #[inline]
    pub(super) fn remember(&mut self, id: u64, thread: ThreadKey) {
        self.0[Self::place(id)] = Some(thread);
    }

    fn of(&self, id: u64) -> Option<ThreadKey> {
        self.0[Self::place(id)]
    }
}
