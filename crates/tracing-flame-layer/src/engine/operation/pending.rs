//! Which spans are pending, and share what is awaited.
//!
//! That matters only where time passes and nobody works. Until then those that may have
//! begun or ceased to be pending are listed; of an operation that is followed each is looked
//! at as it comes, since a chart shows all of them at every moment.

use super::{
    super::span::{NEVER, SpanKey, UNLISTED},
    Books, Operation,
};

impl Operation {
    /// Lists a span that may have begun or ceased to be pending. There is room for it since
    /// it was created.
    pub(crate) fn list(&mut self, key: SpanKey, books: &mut Books<'_>) {
        if books.spans[key].listed_at == UNLISTED {
            books.spans[key].listed_at = self.listed.len() as u32;
            self.listed.push(key);
        }
        if self.capture.is_some() {
            self.tidy(books);
        }
    }

    pub(super) fn unlist(&mut self, at: u32, books: &mut Books<'_>) {
        let key = self.listed.swap_remove(at as usize);
        books.spans[key].listed_at = UNLISTED;
        if let Some(moved) = self.listed.get(at as usize) {
            books.spans[*moved].listed_at = at;
        }
    }

    /// Looks at all that may have begun or ceased to be pending.
    pub(super) fn tidy(&mut self, books: &mut Books<'_>) {
        while let Some(key) = self.listed.pop() {
            let span = &mut books.spans[key];
            span.listed_at = UNLISTED;
            let is_pending = span.entered == 0 && span.has_started();
            self.set_pending(key, is_pending, books);
        }
    }

    pub(super) fn set_pending(&mut self, key: SpanKey, pending: bool, books: &mut Books<'_>) {
        let span = &mut books.spans[key];
        if span.is_pending == pending {
            return;
        }
        span.is_pending = pending;
        if span.pending_below > 0 {
            return;
        }
        self.set_leaf(key, pending, books);
        let mut above = books.spans[key].parent;
        while let Some(ancestor) = above {
            let span = &mut books.spans[ancestor];
            let had_some = span.pending_below > 0;
            if pending {
                span.pending_below += 1;
            } else {
                span.pending_below -= 1;
            }
            if had_some && span.pending_below > 0 {
                return;
            }
            if span.is_pending {
                return self.set_leaf(ancestor, !pending, books);
            }
            above = span.parent;
        }
    }

    /// A span begins or ceases to share what is awaited.
    fn set_leaf(&mut self, key: SpanKey, leaf: bool, books: &mut Books<'_>) {
        if leaf {
            self.join_leaves(key, books);
        } else {
            self.leave_leaves(key, books);
        }
        self.chart_strand(key, books);
    }

    pub(super) fn join_leaves(&mut self, key: SpanKey, books: &mut Books<'_>) {
        let (clock, waiters) = self.clock_of(books.spans[key].is_held());
        *waiters += 1;
        books.spans[key].leaf_since = clock;
    }

    pub(super) fn leave_leaves(&mut self, key: SpanKey, books: &mut Books<'_>) {
        self.flush_leaf(key, books);
        books.spans[key].leaf_since = NEVER;
        *self.clock_of(books.spans[key].is_held()).1 -= 1;
    }

    /// The clock of pending leaves, held ones or others, and how many there are.
    fn clock_of(&mut self, held: bool) -> (u64, &mut u64) {
        match held {
            true => (self.tentative, &mut self.held_waiters),
            false => (self.waiting, &mut self.waiters),
        }
    }

    /// Gives what a span awaited so far to its node.
    pub(crate) fn flush_leaf(&mut self, key: SpanKey, books: &mut Books<'_>) {
        let span = &mut books.spans[key];
        if span.leaf_since != NEVER {
            let (node, since) = (span.node, span.leaf_since);
            let clock = if span.is_held() { self.tentative } else { self.waiting };
            span.leaf_since = clock;
            self.give_awaited(node, clock - since, books);
        }
    }

    /// A span of a followed operation may have begun or ceased to be awaited, not being held
    /// and with nobody working below it.
    pub(super) fn chart_strand(&mut self, key: SpanKey, books: &mut Books<'_>) {
        let Some(capture) = &mut self.capture else { return };
        let span = &mut books.spans[key];
        let goes_on = span.leaf_since != NEVER && span.workers_below == 0 && !span.is_held();
        match (span.strand_since != NEVER, goes_on) {
            (false, true) => span.strand_since = self.settled,
            (true, false) => {
                let since = std::mem::replace(&mut span.strand_since, NEVER);
                let span = (span.number, span.node);
                capture.awaited(span, since, self.settled, books.budget);
            }
            _ => {}
        }
    }
}
