//! What an operation knows of leases.

use super::super::{
    operation::{Bill, Operation, ThreadKey},
    spans::SpanKey,
    work::Pace,
};

impl Operation {
    /// Leases a span to the thread that is in it alone and works at it last, where it
    /// has no open children. Returns what the clock showed when the thread's share
    /// was billed.
    pub(crate) fn lease(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        bill: &impl Bill,
    ) -> Option<u64> {
        let at = self.slots.find(thread)?;
        let (slot, state) = (&self.slots[at], &self.spans[span]);
        let alone = state.entered == 1 && state.children == 0 && !state.idle;
        if !alone || slot.top() != Some(span) || slot.leased {
            return None;
        }
        self.settle(now, bill);
        self.bill_slot(at, bill);
        let slot = &mut self.slots[at];
        let drawn = slot.active_since?;
        slot.leased = true;
        self.leases = self.leases.saturating_add(1);
        let state = &mut self.spans[span];
        state.lessee = Some(thread);
        state.has_children = true;
        Some(drawn)
    }

    /// Ends a lease; the thread's share was billed up to what the clock showed then.
    pub(crate) fn end_lease(&mut self, thread: ThreadKey, span: SpanKey, drawn: u64) {
        self.spans[span].lessee = None;
        self.leases = self.leases.saturating_sub(1);
        let Some(at) = self.slots.find(thread) else { return };
        let slot = &mut self.slots[at];
        slot.leased = false;
        slot.active_since = Some(drawn);
    }

    /// Whether a thread has a lease.
    #[inline]
    pub(crate) fn has_leases(&self) -> bool {
        self.leases > 0
    }

    /// Who has a span or one above it on lease.
    pub(crate) fn lessee(&self, span: SpanKey) -> Option<ThreadKey> {
        if self.leases == 0 {
            return None;
        }
        let up = |span: &SpanKey| self.spans[*span].parent;
        std::iter::successors(Some(span), up).find_map(|span| self.spans[span].lessee)
    }

    /// Gives out the time up to `now`. Returns what the clock of those who work shows.
    pub(crate) fn work_at(&mut self, now: u64, bill: &impl Bill) -> u64 {
        self.settle(now, bill);
        self.work.clock
    }

    /// How that clock runs, while somebody has a lease and nothing is owed.
    pub(crate) fn pace(&self) -> Option<Pace> {
        let work = &self.work;
        (self.leases > 0 && work.debt == 0).then_some(Pace {
            since: self.settled,
            clock: work.clock,
            remainder: work.remainder,
            count: work.count,
        })
    }
}
