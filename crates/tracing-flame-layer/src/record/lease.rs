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
//! Whatever the chain does not fit ends the lease and puts the chain into the record.
//! So does another thread that looks for one of its spans, or that is about to enter
//! the leased span or one below; the thread's counters remember that such spans
//! wander, so that it happens once a node.
//!
//! A lease begins and ends in the thread's section and under the operation's lock.
//!
//! What is read without the lock may be a moment old, so a thread may draw a little
//! more than is due while another one comes in. It draws nothing then until the clock
//! has caught up, or leaves the operation a debt.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    cell::{Cell, Cells, PinnedCell},
    frames::{Frame, Kind},
    operation::{Bill, Operation, ThreadKey},
    operations::OperationId,
    recorder::Recorder,
    spans::SpanKey,
    state::{State, end},
    thread::ThreadRecord,
    work::Pace,
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
        let top = state.frames.top();
        let cells = &record.cells;
        let stays = |cell: PinnedCell| !cells.pinned(cell).wanders();
        let fits = top.kind() == Kind::Shared { operation, span }
            && top.counters().is_some_and(stays)
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

    /// Ends a thread's lease, if it has one, and puts its chain into the record.
    #[cold]
    pub(super) fn end_lease(&self, record: &ThreadRecord, state: &mut State, now: u64) {
        let Some(lease) = state.lease else { return };
        record.set_has_lease(false);
        let Some(operation) = self.operations.get(lease.operation) else { return };
        let mut shared = operation.lock();
        let cells = &record.cells;
        let now = now.max(state.since);
        let work = shared.work_at(now, cells);
        let drawn = state.draw(now, work, |cell| Some(cells.pinned(cell)));
        state.count_entered(|cell| Some(cells.pinned(cell)));
        state.lease = None;
        shared.end_lease(record.key, lease.span, drawn);
        self.adopt_own(record, state, lease.operation, &mut shared, Some(lease.span));
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
            record.cells.pinned(leased).let_wander();
        }
        self.end_lease(record, &mut section.state, now);
    }
}

impl State {
    /// The counters of the span that is on lease.
    fn leased(&self) -> Option<PinnedCell> {
        self.lease?;
        self.stack().iter().rev().find(|frame| !frame.is_own())?.counters()
    }

    /// Parks a new span of the chain on lease, if it is a child that could be expected
    /// and that stays on this thread.
    pub(super) fn create_leased(
        &mut self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
        cells: &Cells,
    ) -> bool {
        if self.lease.is_some()
            && let Some((top, frame)) = self.frames.free()
            && let Some(parent) = top.counters()
            && let Some(child) = cells.expected_child(parent, metadata)
        {
            let cell = child.cell();
            let child = cells.pinned(cell);
            if !child.wanders() {
                child.calls.add(1);
                frame.take(id, cell);
                return true;
            }
        }
        false
    }

    /// Enters the next span of the chain, all time being given out.
    fn enter_drawn(&mut self, id: NonZeroU64, cells: &Cells) {
        let now = self.since;
        let Some((_, frame)) = self.frames.go_up(id) else { return };
        frame.entered = now;
        let cell = cells.pinned(frame.cell);
        let first = frame.start_if_first(now);
        if first { &cell.started } else { &cell.reentered }.add(1);
    }

    /// Exits the innermost span of the chain, all time being given out.
    fn exit_drawn(&mut self, id: NonZeroU64, cells: &Cells) {
        let now = self.since;
        let Some(frame) = self.frames.go_down(id) else { return };
        cells.pinned(frame.cell).entered.add(now.saturating_sub(frame.entered));
    }

    /// The same at once, where that takes no memory.
    pub(super) fn close_leased_at_once(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        let now = now.max(self.since);
        self.parked().last().is_some_and(|leaf| can_end(leaf, now, cells))
            && self.close_leased(id, now, cells)
    }

    /// Closes the last span of the chain on lease, if it is parked.
    pub(super) fn close_leased(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        if self.lease.is_none() {
            return false;
        }
        if let Some((_, leaf)) = self.frames.only_parked(id) {
            end(leaf, now.max(self.since), cells);
            leaf.free();
            return true;
        }
        let Some(leaf) = self.parked().last().filter(|leaf| leaf.own == id.get()) else {
            return false;
        };
        end(leaf, now.max(self.since), cells);
        self.frames.free_last_parked();
        true
    }

    /// Gives time out up to `now`, when the operation's clock shows `work`. Returns
    /// what it showed, or would at the latest time that was given out.
    fn draw<'a>(
        &mut self,
        now: u64,
        work: u64,
        counters: impl Fn(PinnedCell) -> Option<&'a Cell>,
    ) -> u64 {
        let Some(lease) = &mut self.lease else { return work };
        let (ticks, share) = (now.saturating_sub(self.since), work.saturating_sub(lease.drawn));
        self.since = self.since.max(now);
        lease.drawn = lease.drawn.max(work);
        let drawn = lease.drawn;
        if let Some(cell) = self.frames.top().counters().and_then(counters) {
            cell.beside.add(ticks);
            cell.shared.add(share);
        }
        drawn
    }

    /// Counts the entered time of the chain's spans up to the last stamp.
    fn count_entered<'a>(&mut self, counters: impl Fn(PinnedCell) -> Option<&'a Cell>) {
        let now = self.since;
        for frame in self.frames.stack_mut().iter_mut().filter(|frame| frame.is_own()) {
            if let Some(cell) = counters(frame.cell) {
                cell.entered.add(now.saturating_sub(frame.entered));
                frame.entered = now;
            }
        }
    }
}

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

/// Whether a call can end without memory for its latency.
fn can_end(frame: &Frame, now: u64, cells: &Cells) -> bool {
    frame.started().is_none_or(|started| {
        cells.pinned(frame.cell).latencies.calls(now.saturating_sub(started)).is_some()
    })
}
