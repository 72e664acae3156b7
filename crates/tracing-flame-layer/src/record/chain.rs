//! The steps that a thread's own chain usually takes, inline: each does what is to
//! do, or nothing, and tells which.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    cell::{Cell, Cells, Counter},
    state::State,
    ticks::share_of,
};

impl State {
    /// Parks a new span where its parent is the innermost of the own operation, or
    /// it is the root of a new one, and it is a child that could be expected.
    #[inline(always)]
    pub(crate) fn create_expected(
        &mut self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
        cells: &Cells,
    ) -> bool {
        if let Some((parent, frame)) = self.frames.free()
            && let Some(child) = cells.expected_child(parent.cell, metadata)
        {
            let cell = child.cell();
            cells.pinned(cell).calls.add(1);
            frame.take(id, cell);
            return true;
        }
        false
    }

    /// Enters the next span that is parked, at the time `clock` reads: stamped
    /// last, so that what came before is the span outside's.
    #[inline(always)]
    pub(crate) fn enter_next(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> bool {
        if !self.frames.top().is_plain() {
            return false;
        }
        let Some((below, frame)) = self.frames.go_up(id) else { return false };
        let now = clock();
        let Some(ticks) = now.checked_sub(self.since) else {
            self.frames.go_down(id);
            return false;
        };
        self.since = now;
        let (inside, outside) = (cells.pinned(frame.cell), cells.pinned(below.cell));
        // That of the ground is nobody's.
        outside.alone.add(ticks);
        if frame.start_if_first(now) {
            inside.started.add(1);
            outside.begun.add(1);
        } else {
            inside.reentered.add(1);
            if !below.is_own() {
                let leaf = self.frames.awaiting().unwrap_or(self.frames.top());
                cells.pinned(leaf.cell).awaited.add(share_of(ticks));
            }
        }
        true
    }

    /// Exits the innermost span of the stack, an own one, and parks it.
    #[inline(always)]
    pub(crate) fn exit_top(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        let Some(ticks) = now.checked_sub(self.since) else { return false };
        let Some(frame) = self.frames.go_down(id) else { return false };
        self.since = now;
        cells.pinned(frame.cell).alone.add(ticks);
        true
    }

    /// Closes the only span that is parked, at the time `clock` reads. If that is
    /// not what is to do, returns the time if it was read: an end is not put off.
    #[inline(always)]
    pub(crate) fn close_parked<'c>(
        &mut self,
        id: NonZeroU64,
        taken: bool,
        clock: impl FnOnce() -> u64,
        cells: &'c Cells,
    ) -> Result<(), Option<NonZeroU64>> {
        let find = |cell: &'c Cell, latency| cell.latencies.calls(latency);
        self.close_counted(id, taken, clock, cells, find, |calls| calls.add(1))
    }

    /// The same of one that took long, at a time that was read.
    pub(crate) fn close_long<'c>(
        &mut self,
        id: NonZeroU64,
        taken: bool,
        now: u64,
        cells: &'c Cells,
    ) -> bool {
        let find = |cell: &'c Cell, latency| cells.long_calls(cell, latency);
        let add = |calls: &Counter| calls.add_beside_others(1);
        self.close_counted(id, taken, || now, cells, find, add).is_ok()
    }

    #[inline(always)]
    fn close_counted<'c>(
        &mut self,
        id: NonZeroU64,
        taken: bool,
        clock: impl FnOnce() -> u64,
        cells: &'c Cells,
        find: impl FnOnce(&'c Cell, u64) -> Option<&'c Counter>,
        add: impl FnOnce(&Counter),
    ) -> Result<(), Option<NonZeroU64>> {
        let Some((top, leaf)) = self.frames.only_parked(id) else { return Err(None) };
        if !top.is_plain() {
            return Err(None);
        }
        let cell = cells.pinned(leaf.cell);
        let now = clock();
        let read = Err(NonZeroU64::new(now));
        let Some(ticks) = now.checked_sub(self.since) else { return read };
        let Some(latency) = leaf.latency_at(now, taken) else { return read };
        let Some(calls) = find(cell, latency) else { return read };
        if !top.is_own() {
            cell.awaited.add(share_of(ticks));
            self.since = now;
        }
        add(calls);
        cell.latency.add(latency);
        cell.max_latency.raise(latency);
        leaf.free();
        Ok(())
    }
}
