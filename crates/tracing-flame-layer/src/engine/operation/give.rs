//! Time is given out, to clocks and from clocks to nodes.

use super::{super::span::NEVER, Books, NodeId, Operation};
use crate::tally::share_of;

impl Operation {
    /// Gives out the time since the last change, unless that is tentative.
    #[inline]
    pub(crate) fn settle(&mut self, now: u64, books: &mut Books<'_>) {
        if !self.is_held() {
            self.give_out(now, books);
        }
    }

    #[inline]
    pub(super) fn give_out(&mut self, now: u64, books: &mut Books<'_>) {
        let ticks = now.saturating_sub(self.settled);
        if ticks == 0 || !self.lives {
            return;
        }
        self.settled = now;
        let time = share_of(ticks) + self.rest;
        if self.runners > 0 {
            (self.running, self.rest) = advance(self.running, time, self.runners);
            return;
        }
        self.tidy(books);
        if self.waiters > 0 {
            (self.waiting, self.rest) = advance(self.waiting, time, self.waiters);
        } else if self.is_held() && self.held_waiters > 0 {
            (self.tentative, self.rest) = advance(self.tentative, time, self.held_waiters);
        } else {
            self.rest = 0;
            self.give_awaited(self.root, time, books);
        }
    }

    /// Gives every share that is running to its node.
    pub(crate) fn flush(&mut self, books: &mut Books<'_>) {
        for at in 0..self.participants.len() {
            self.flush_participant(at, books);
        }
    }

    pub(super) fn give_awaited(&mut self, node: NodeId, share: u64, books: &mut Books<'_>) {
        books.tree.counters(node).awaited += share;
        if let Some(capture) = &mut self.capture {
            capture.counters(node).awaited += share;
        }
    }

    pub(super) fn flush_participant(&mut self, at: usize, books: &mut Books<'_>) {
        let participant = &mut self.participants[at];
        if let (true, Some(top)) = (participant.since != NEVER, participant.top) {
            let share = self.running - participant.since;
            participant.since = self.running;
            participant.untold += share;
            let node = books.spans[top].node;
            books.tree.counters(node).wall += share;
            if let Some(capture) = &mut self.capture {
                capture.counters(node).wall += share;
            }
        }
    }
}

/// A clock that `sharers` advance together, and what the division leaves.
#[inline]
fn advance(clock: u64, time: u64, sharers: u64) -> (u64, u64) {
    // Most have one, and a division takes longer than all the rest.
    if sharers == 1 { (clock + time, 0) } else { (clock + time / sharers, time % sharers) }
}
