//! Spans of an operation that are held, and the wait that is tentative while all of them are.

use super::{
    super::span::{NEVER, SpanKey},
    Books, Operation,
};

impl Operation {
    /// Whether its wait is tentative: every open span is held.
    #[inline]
    pub(in super::super) fn is_held(&self) -> bool {
        self.held == self.open
    }

    /// A span begins to be held, which no thread is in.
    pub(crate) fn hold(&mut self, key: SpanKey, now: u64, books: &mut Books<'_>) {
        self.settle(now, books);
        self.move_leaf(key, now, books);
        self.held += 1;
        self.chart_strand(key, books);
    }

    /// A held span goes on: what was tentative has been a wait.
    pub(crate) fn release(&mut self, key: SpanKey, now: u64, books: &mut Books<'_>) {
        self.give_out(now, books);
        self.move_leaf(key, NEVER, books);
        self.held -= 1;
        self.chart_strand(key, books);
    }

    /// Where a span shares what is awaited, it shares with those that are held from now on,
    /// or with the others.
    fn move_leaf(&mut self, key: SpanKey, held_since: u64, books: &mut Books<'_>) {
        let is_leaf = books.spans[key].leaf_since != NEVER;
        if is_leaf {
            self.leave_leaves(key, books);
        }
        books.spans[key].held_since = held_since;
        if is_leaf {
            self.join_leaves(key, books);
        }
    }
}
