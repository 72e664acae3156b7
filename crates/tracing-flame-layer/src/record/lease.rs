//! A lease: a thread has a span of an operation with a record, and all below it,
//! to itself.
//!
//! Of many threads in one operation each mostly works on spans of its own, below one
//! that it alone has entered. What it does there is nobody else's business but for
//! how many threads share the operation's time, and that it does not change. So when
//! a thread creates a child of the innermost span it is in, it takes that span on
//! lease, where no other thread is in it and it has no open children. The record shows
//! the thread at that span from then on; what is below is a chain in the thread's
//! frames, as in an operation that it has to itself. Only the shares differ: how
//! much each step takes is told by the operation's [clock](super::work), which is
//! read without a lock.
//!
//! Whatever is recorded and does not fit the chain ends the lease and puts the chain
//! into the record. So does another thread that looks for one of its spans, or that is
//! about to enter the leased span or one below; the thread's counters remember that
//! such spans are visited, so that it happens once a node.
//!
//! A lease begins and ends in the thread's section and under the operation's lock.
//!
//! What is read without the lock may be a moment old, so a thread may draw a little
//! more than is due while another one comes in. It draws nothing then until the clock
//! has caught up, or leaves the operation a debt.

mod chain;
mod leased;
#[cfg(all(test, not(loom)))]
mod tests;

use std::num::NonZeroU64;

use super::{
    cell::PinnedCell,
    frames::{Frame, Kind},
    operation::ThreadKey,
    operations::{Hold, OperationId},
    recorder::Recorder,
    spans::SpanKey,
    state::State,
    thread::ThreadRecord,
};

/// What a thread knows of its lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    operation: OperationId,
    span: SpanKey,
    /// What the operation's clock showed when the thread's share was billed last.
    drawn: u64,
}

impl Recorder {
    /// Whether a new child of a span may be one of the calling thread's chain: the
    /// thread is in that span last, and has it on lease now.
    pub(super) fn has_on_lease(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        (operation, span): (OperationId, SpanKey),
        child: PinnedCell,
    ) -> bool {
        let cells = &record.cells;
        let stays = |cell: PinnedCell| !cells.pinned(cell).is_visited();
        let parent = state.innermost();
        let fits = parent.is_some_and(|parent| parent.kind() == Kind::Shared { operation, span })
            && parent.and_then(Frame::counters).is_some_and(stays)
            && stays(child)
            && !state.has_parked();
        if !fits || state.lease.is_some() {
            return fits;
        }
        let Some(shared) = self.operations.get(operation) else { return false };
        let mut shared = shared.lock();
        let now = state.turn(self.clock.ticks(), cells);
        let drawn = shared.lease(record.key, span, now, cells);
        state.lease = drawn.map(|drawn| Lease { operation, span, drawn });
        record.set_has_lease(state.lease.is_some());
        state.lease.is_some()
    }

    /// Enters the next span of the chain on lease, at the time `clock` reads. Returns
    /// whether that was one.
    #[inline]
    pub(super) fn enter_leased(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
    ) -> bool {
        let fits = state.lease.is_some() && state.frames.next().own == id.get();
        if fits {
            self.draw(record, state, clock());
            state.enter_drawn(id, &record.cells);
        }
        fits
    }

    /// Exits the innermost span of the chain on lease. Returns whether that was one.
    #[inline]
    pub(super) fn exit_leased(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        now: u64,
    ) -> bool {
        let fits = state.lease.is_some() && state.frames.top().own == id.get();
        if fits {
            self.draw(record, state, now);
            state.exit_drawn(id, &record.cells);
        }
        fits
    }

    /// Gives the thread's time out up to `now`.
    #[inline]
    fn draw(&self, record: &ThreadRecord, state: &mut State, now: u64) {
        let Some(lease) = state.lease else { return };
        let Some(operation) = self.operations.get(lease.operation) else { return };
        let now = now.max(state.since);
        let cells = &record.cells;
        let work = operation.work.at(now).unwrap_or_else(|| operation.lock().work_at(now, cells));
        state.draw(now, work, |cell| Some(cells.pinned(cell)));
    }

    /// Bills what runs on lease up to `until`, to other counters than the thread's
    /// own; for snapshots.
    pub(super) fn bill_leased(&self, record: &ThreadRecord, state: &mut State, until: u64) {
        let Some(lease) = state.lease else { return };
        let Some(operation) = self.operations.get(lease.operation) else { return };
        let now = until.max(state.since);
        let billed = |cell: PinnedCell| record.billed.at(record.cells.pinned(cell).node());
        let work = operation.lock().work_at(now, &record.billed);
        state.draw(now, work, billed);
        state.count_entered(billed);
    }

    /// Ends a thread's lease, if it has one, and puts its chain into the record. Returns
    /// the operation, which is held.
    #[cold]
    pub(super) fn end_lease(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        now: u64,
    ) -> Option<(OperationId, Hold<'_>)> {
        let lease = state.lease?;
        record.set_has_lease(false);
        let mut shared = self.operations.get(lease.operation)?.lock();
        let cells = &record.cells;
        let now = now.max(state.since);
        let work = shared.work_at(now, cells);
        let drawn = state.draw(now, work, |cell| Some(cells.pinned(cell)));
        state.count_entered(|cell| Some(cells.pinned(cell)));
        state.lease = None;
        shared.end_lease(record.key, lease.span, drawn);
        self.adopt_own(record, state, lease.operation, &mut shared, Some(lease.span));
        Some((lease.operation, shared))
    }

    /// Ends another thread's lease, for one that is about to enter its span or one
    /// below; called outside any section.
    #[cold]
    pub(super) fn end_lease_of(&self, lessee: ThreadKey, operation: OperationId) {
        let Some(record) = self.threads.record(lessee) else { return };
        // A clock may be the program's own code, so it is asked first.
        let now = self.clock.ticks();
        let mut section = record.state.lock();
        if section.state.lease.is_none_or(|lease| lease.operation != operation) {
            return;
        }
        if let Some(leased) = section.state.leased() {
            record.cells.pinned(leased).let_visit();
        }
        drop(self.end_lease(record, &mut section.state, now));
    }
}
