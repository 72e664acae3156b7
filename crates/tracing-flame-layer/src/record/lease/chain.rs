//! The chain that a thread has on lease, in its own frames.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::super::{
    cell::{Cell, Cells, PinnedCell},
    frames::{Frame, Kind},
    state::{State, end},
};

impl State {
    /// The counters of the span that is on lease.
    pub(super) fn leased(&self) -> Option<PinnedCell> {
        self.lease?;
        let is_shared = |frame: &&Frame| matches!(frame.kind(), Kind::Shared { .. });
        self.stack().iter().rev().find(is_shared)?.counters()
    }

    /// Parks a new span of the chain on lease, if it is a child that could be expected
    /// and that stays on this thread.
    pub(in super::super) fn create_leased(
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
            if !child.is_visited() {
                child.calls.add(1);
                frame.take(id, cell);
                return true;
            }
        }
        false
    }

    /// Enters the next span of the chain, all time being given out.
    pub(super) fn enter_drawn(&mut self, id: NonZeroU64, cells: &Cells) {
        let now = self.since;
        let Some((_, frame)) = self.frames.go_up(id) else { return };
        frame.entered = now;
        let cell = cells.pinned(frame.cell);
        let first = frame.start_if_first(now);
        if first { &cell.started } else { &cell.reentered }.add(1);
    }

    /// Exits the innermost span of the chain, all time being given out.
    pub(super) fn exit_drawn(&mut self, id: NonZeroU64, cells: &Cells) {
        let now = self.since;
        let Some(frame) = self.frames.go_down(id) else { return };
        cells.pinned(frame.cell).entered.add(now.saturating_sub(frame.entered));
    }

    /// The same at once, where that takes no memory.
    pub(in super::super) fn close_leased_at_once(
        &mut self,
        id: NonZeroU64,
        now: u64,
        cells: &Cells,
    ) -> bool {
        let now = now.max(self.since);
        self.parked().last().is_some_and(|leaf| can_end(leaf, now, cells))
            && self.close_leased(id, now, cells)
    }

    /// Closes the last span of the chain on lease, if it is parked.
    pub(in super::super) fn close_leased(
        &mut self,
        id: NonZeroU64,
        now: u64,
        cells: &Cells,
    ) -> bool {
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
    pub(super) fn draw<'a>(
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
        let cell = self.frames.top().counters().or_else(|| self.counters_below());
        if let Some(cell) = cell.and_then(counters) {
            cell.beside.add(ticks);
            cell.shared.add(share);
        }
        drawn
    }

    /// The counters of the innermost recorded span, below others.
    #[cold]
    fn counters_below(&self) -> Option<PinnedCell> {
        self.innermost()?.counters()
    }

    /// Counts the entered time of the chain's spans up to the last stamp.
    pub(super) fn count_entered<'a>(&mut self, counters: impl Fn(PinnedCell) -> Option<&'a Cell>) {
        let now = self.since;
        for frame in self.frames.stack_mut().iter_mut().filter(|frame| frame.is_own()) {
            if let Some(cell) = counters(frame.cell) {
                cell.entered.add(now.saturating_sub(frame.entered));
                frame.entered = now;
            }
        }
    }
}

/// Whether a call can end without memory for its latency.
fn can_end(frame: &Frame, now: u64, cells: &Cells) -> bool {
    frame.started().is_none_or(|started| {
        let latency = now.saturating_sub(started);
        let cell = cells.pinned(frame.cell);
        cell.latencies.calls(latency).is_some() || cells.long_calls(cell, latency).is_some()
    })
}
