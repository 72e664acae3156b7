//! The steps that a thread's own chain usually takes, inline: each does what is to
//! do, or nothing, and tells which.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    cell::{Cell, Cells},
    frames::Frame,
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
    pub(crate) fn close_parked(
        &mut self,
        id: NonZeroU64,
        taken: bool,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> Result<(), Option<NonZeroU64>> {
        let close = self.begin_close(id, taken, clock, cells)?;
        let Some(calls) = close.cell.latencies.calls(close.latency) else {
            return Err(NonZeroU64::new(close.now));
        };
        calls.add(1);
        close.finish();
        Ok(())
    }

    /// The same of one that took long, at a time that was read.
    pub(crate) fn close_long(
        &mut self,
        id: NonZeroU64,
        taken: bool,
        now: u64,
        cells: &Cells,
    ) -> bool {
        let Ok(close) = self.begin_close(id, taken, || now, cells) else { return false };
        let Some(calls) = cells.long_calls(close.cell, close.latency) else { return false };
        calls.add_beside_others(1);
        close.finish();
        true
    }

    #[inline(always)]
    fn begin_close<'a>(
        &'a mut self,
        id: NonZeroU64,
        taken: bool,
        clock: impl FnOnce() -> u64,
        cells: &'a Cells,
    ) -> Result<Close<'a>, Option<NonZeroU64>> {
        let Some((top, leaf)) = self.frames.only_parked(id) else { return Err(None) };
        if !top.is_plain() {
            return Err(None);
        }
        let now = clock();
        let read = Err(NonZeroU64::new(now));
        let Some(ticks) = now.checked_sub(self.since) else { return read };
        let Some(latency) = leaf.latency_at(now, taken) else { return read };
        let awaited = (!top.is_own()).then_some((&mut self.since, ticks));
        Ok(Close { cell: cells.pinned(leaf.cell), leaf, now, latency, awaited })
    }
}

/// A parked span that is about to close, nothing being counted so far.
struct Close<'a> {
    leaf: &'a mut Frame,
    cell: &'a Cell,
    now: u64,
    /// Ticks since its first enter.
    latency: u64,
    /// Where no other own span is entered: up to when time was given out, and the
    /// ticks since then.
    awaited: Option<(&'a mut u64, u64)>,
}

impl Close<'_> {
    /// Counts all but the call by its length.
    #[inline(always)]
    fn finish(self) {
        if let Some((since, ticks)) = self.awaited {
            self.cell.awaited.add(share_of(ticks));
            *since = self.now;
        }
        self.cell.latency.add(self.latency);
        self.cell.max_latency.raise(self.latency);
        self.leaf.free();
    }
}
