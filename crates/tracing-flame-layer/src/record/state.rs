//! A thread's own side: the spans it has entered, and the operation it has to
//! itself.
//!
//! Most spans belong to an operation that one thread has to itself, entered and
//! exited in order. Such an operation has no record, and its spans stand in no
//! table. They are a chain from its root, and lie in one row ([`frames`]): up to
//! the top those that are entered, the thread's stack; above it those that were
//! exited and are still open, *parked*. So polling nested futures moves nothing but
//! the top:
//!
//! ```text
//! root child |          both entered
//! root | child          exit child
//! | root child          exit root: `child` awaits
//! root | child          enter root
//! ```
//!
//! While the thread works on it, its wall time is its busy time, so only busy
//! time is counted, and marked as *alone*. Whatever does not fit the chain gives
//! the operation a [record](super::operation) first: see `Recorder::share_own`.
//!
//! The four methods that begin with a callback's name are the quick ones: they do
//! what usually is to do, or nothing, and tell which.
//!
//! [`frames`]: super::frames

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    cell::{Cells, PinnedCell},
    frames::{Frame, Frames, Kind, Other},
    paths::PathId,
    ticks::share_of,
};

/// A thread's stack and its own operation.
#[derive(Debug)]
pub(crate) struct State {
    frames: Frames,
    /// Since when the innermost recorded frame has been so. No stamp is later.
    since: u64,
    /// Since when the own operation awaits, while none of it is entered.
    await_since: u64,
}

impl State {
    pub(crate) fn new(cells: &Cells) -> Self {
        Self { frames: Frames::new(cells.ground()), since: 0, await_since: 0 }
    }

    /// Parks a new span where its parent is the innermost of the own operation, or
    /// it is the root of a new one, and it is a child that could be expected.
    #[inline]
    pub(crate) fn create_expected(
        &mut self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
        cells: &Cells,
    ) -> bool {
        if let Some((parent, frame)) = self.frames.free()
            && let Some(cell) = cells.expected_child(parent.cell, metadata)
        {
            cells.pinned(cell).calls.add(1);
            frame.take(id, cell);
            return true;
        }
        false
    }

    /// Enters the next span that is parked, at the time `clock` reads: stamped
    /// last, so that what came before is the span outside's.
    #[inline]
    pub(crate) fn enter_next(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> bool {
        let Some((below, frame)) = self.frames.go_up(id) else { return false };
        let (now, ticks) = advance(&mut self.since, clock());
        frame.start = now;
        let cell = cells.pinned(frame.cell);
        let first = frame.start_if_first(now);
        if first {
            cell.started.add(1);
        } else {
            cell.reentered.add(1);
        }
        if below.is_own() {
            cells.pinned(below.cell).alone.add(ticks);
        } else if !below.is_ground() {
            self.enter_outer(first, now, ticks, cells);
        } else if first {
            cells.begun.add(1);
        } else {
            self.end_await(now, cells);
        }
        true
    }

    /// What else there is to do where an own span was entered `ticks` after the
    /// last stamp, above one that is not an own one.
    #[cold]
    fn enter_outer(&mut self, first: bool, now: u64, ticks: u64, cells: &Cells) {
        let below = self.frames.depth().saturating_sub(1);
        let stack = self.stack().get(..below).unwrap_or_default();
        bill_innermost(stack, ticks, cells);
        let inside = stack.iter().any(Frame::is_own);
        match (first, inside) {
            (_, true) => {}
            (true, false) => cells.begun.add(1),
            (false, false) => self.end_await(now, cells),
        }
    }

    /// Exits the innermost span of the stack, an own one, and parks it.
    #[inline]
    pub(crate) fn exit_top(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        // A span that was never entered is no part of a chain that awaits.
        if self.frames.next().is_own() && !self.chain_can_await() {
            return false;
        }
        let Some(frame) = self.frames.go_down(id) else { return false };
        let (now, ticks) = advance(&mut self.since, now);
        let cell = cells.pinned(frame.cell);
        cell.alone.add(ticks);
        cell.entered.add(now.wrapping_sub(frame.start));
        self.await_since = now;
        true
    }

    /// Closes the only span that is parked, at the time `clock` reads.
    #[inline]
    pub(crate) fn close_parked(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> bool {
        let Some((top, leaf)) = self.frames.only_parked(id) else { return false };
        let Some(started) = leaf.started_here() else { return false };
        let cell = cells.pinned(leaf.cell);
        let now = clock().max(self.since);
        if !top.is_own() {
            if !top.is_ground() {
                return false;
            }
            cell.awaited.add(share_of(now.saturating_sub(self.await_since)));
        }
        cell.end_call(now.wrapping_sub(started), now.wrapping_sub(leaf.counted));
        leaf.free();
        true
    }

    /// Parks a new span of the own operation, where nothing is parked.
    pub(crate) fn park_new(&mut self, id: NonZeroU64, cell: PinnedCell) {
        self.frames.make_room();
        if let Some((_, frame)) = self.frames.free() {
            frame.take(id, cell);
        }
    }

    /// Marks the own span that was entered last as one that another thread's
    /// table knows.
    pub(crate) fn mark_taken(&mut self) {
        if let Some(frame) = self.frames.stack_mut().last_mut().filter(|frame| frame.is_own()) {
            frame.mark_taken();
        }
    }

    /// Closes the own span `id`, if it is the last of the chain and parked,
    /// whatever else there is. Returns whether another thread's table knows it.
    pub(crate) fn close_leaf(&mut self, id: u64, now: u64, cells: &Cells) -> Option<bool> {
        let now = now.max(self.since);
        let leaf = *self.frames.parked().last().filter(|leaf| leaf.own == id)?;
        if let Some(started) = leaf.started() {
            if !self.own_is_entered() {
                self.end_await(now, cells);
            }
            let latency = now.saturating_sub(started);
            cells.pinned(leaf.cell).end_call(latency, now.saturating_sub(leaf.counted));
        }
        self.frames.parked_mut().last_mut()?.free();
        Some(leaf.is_taken())
    }

    /// Whether every open span of the chain has been entered.
    fn chain_can_await(&self) -> bool {
        self.frames.parked().last().is_none_or(|leaf| leaf.started().is_some())
    }

    /// Bills the own operation's leaf for what was awaited.
    #[inline]
    fn end_await(&mut self, now: u64, cells: &Cells) {
        let since = std::mem::replace(&mut self.await_since, now);
        let top = Some(self.frames.top()).filter(|top| top.is_own());
        let leaf = if self.has_parked() { self.parked().last() } else { top };
        if let Some(leaf) = leaf.filter(|leaf| leaf.started().is_some()) {
            cells.pinned(leaf.cell).awaited.add(share_of(now.saturating_sub(since)));
        }
    }

    /// The spans that are entered, outermost first.
    pub(crate) fn stack(&self) -> &[Frame] {
        self.frames.stack()
    }

    /// The own operation's open spans that are not entered, from the root on.
    pub(crate) fn parked(&self) -> &[Frame] {
        self.frames.parked()
    }

    /// Whether anything is parked.
    pub(crate) fn has_parked(&self) -> bool {
        self.frames.next().is_own()
    }

    /// Whether the thread has an operation to itself.
    pub(crate) fn has_own(&self) -> bool {
        self.has_parked() || self.own_is_entered()
    }

    /// Whether a span is one of the thread's own operation.
    pub(crate) fn owns(&self, id: u64) -> bool {
        let of = |frames: &[Frame]| frames.iter().any(|frame| frame.own == id);
        of(self.parked()) || of(self.stack())
    }

    /// The frame of a span of the own operation.
    pub(crate) fn own(&self, id: u64) -> Option<&Frame> {
        self.stack().iter().chain(self.parked()).find(|frame| frame.own == id)
    }

    /// Gives the last span of the own operation other counters. Returns `false`
    /// where it is too late: the span was entered, or is not the last.
    pub(crate) fn rename_new(&mut self, id: u64, cell: PinnedCell) -> bool {
        let new = |frame: &&mut Frame| frame.own == id && frame.started().is_none();
        let frame = self.frames.parked_mut().last_mut().filter(new);
        frame.map(|frame| frame.cell = cell).is_some()
    }

    fn own_is_entered(&self) -> bool {
        self.stack().iter().any(Frame::is_own)
    }

    /// Where new spans are remembered, if what is innermost is their parent or
    /// they have none.
    pub(crate) fn children(&self) -> Option<PinnedCell> {
        let top = self.frames.top();
        (top.is_own() || top.is_ground()).then_some(top.cell)
    }

    /// Up to when the own operation's time has been given out.
    pub(crate) fn own_since(&self) -> u64 {
        if self.own_is_entered() { self.since } else { self.await_since }
    }

    /// The innermost recorded frame, if it is one of the own operation.
    pub(crate) fn innermost_own(&self) -> Option<&Frame> {
        let recorded = |frame: &&Frame| frame.counters().is_some();
        self.stack().iter().rev().find(recorded).filter(|frame| frame.is_own())
    }

    /// The id of the span that a new one would be a child of: the innermost
    /// that is not entered twice, unless it has closed. That is the Registry's
    /// current span.
    pub(crate) fn current(&self) -> Option<u64> {
        let once = |frame: &&Frame| frame.is_own() || !frame.other.duplicate;
        let frame = self.stack().iter().rev().find(once)?;
        (frame.kind() != Kind::Closed).then_some(frame.id())
    }

    /// The innermost occurrence of an entered span.
    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        self.stack().iter().rposition(|frame| frame.id() == id && frame.kind() != Kind::Closed)
    }

    /// Bills the innermost recorded frame up to `now`. Returns `now`, or the
    /// last stamp where the clock reads backwards.
    pub(crate) fn turn(&mut self, now: u64, cells: &Cells) -> u64 {
        let (now, ticks) = advance(&mut self.since, now);
        bill_innermost(self.stack(), ticks, cells);
        now
    }

    /// Forgets the own operation, which has got a record: its entered frames
    /// become what `kinds` yields, what is parked goes.
    pub(crate) fn give_up_own(&mut self, mut kinds: impl Iterator<Item = Kind>, cells: &Cells) {
        self.frames.drop_parked();
        for frame in self.frames.stack_mut().iter_mut().filter(|frame| frame.is_own()) {
            frame.share(kinds.next().unwrap_or(Kind::Clear), cells.aside());
        }
    }

    /// Puts a span that is not an own one on the stack, with its counters if it is
    /// recorded; `turn` was called with `now`, and nothing is parked.
    pub(crate) fn push(
        &mut self,
        id: u64,
        kind: Kind,
        cell: Option<PinnedCell>,
        now: u64,
        cells: &Cells,
    ) {
        let duplicate = self.stack().iter().any(|frame| frame.id() == id);
        self.frames.push(Frame::other(cells.aside(), now, Other { id, kind, cell, duplicate }));
    }

    /// Takes any frame off the stack; `turn` was called with `now`.
    pub(crate) fn remove(&mut self, position: usize, now: u64, cells: &Cells) {
        if let Some(frame) = self.frames.remove(position)
            && let Some(cell) = frame.counters()
        {
            cells.pinned(cell).entered.add(now.saturating_sub(frame.start));
        }
    }

    /// Takes a span's frames off as it closes, as far as time goes; they stay
    /// where the Registry sees them. None is an own one.
    pub(crate) fn close_frames(&mut self, id: u64, now: u64, cells: &Cells) {
        let now = self.turn(now, cells);
        let frames = self.frames.stack_mut().iter_mut();
        for frame in frames.filter(|frame| !frame.is_own() && frame.other.id == id) {
            if let Some(cell) = frame.other.cell.take() {
                cells.pinned(cell).entered.add(now.saturating_sub(frame.start));
            }
            frame.other.kind = Kind::Closed;
        }
    }

    /// Forgets a closed span's innermost frame, as the Registry does at its exit.
    /// Returns whether there was one.
    pub(crate) fn remove_closed(&mut self, id: u64, cells: &Cells) -> bool {
        let closed = |frame: &Frame| frame.id() == id && frame.kind() == Kind::Closed;
        let position = self.stack().iter().rposition(closed);
        if let Some(position) = position {
            self.remove(position, self.since, cells);
        }
        position.is_some()
    }

    /// Bills what is running up to `until`, to other cells than the thread's own,
    /// and moves the stamps there. For snapshots, which count it themselves.
    pub(crate) fn bill_running(&mut self, until: u64, cells: &Cells, billed: &Cells) {
        let billed = |cell: PinnedCell| billed.at(cells.pinned(cell).node());
        if let Some((cell, own)) = innermost(self.stack())
            && let Some(cell) = billed(cell)
        {
            let ticks = until.saturating_sub(self.since);
            if own { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
        }
        self.since = self.since.max(until);
        for frame in self.frames.stack_mut() {
            if let Some(cell) = frame.counters().and_then(billed) {
                cell.entered.add(until.saturating_sub(frame.start));
                frame.start = frame.start.max(until);
            }
            bill_latency(frame, until, billed);
        }
        for frame in self.frames.parked_mut() {
            bill_latency(frame, until, billed);
        }
        if !self.own_is_entered()
            && let Some(leaf) = self.parked().last()
            && leaf.started().is_some()
            && let Some(cell) = billed(leaf.cell)
        {
            cell.awaited.add(share_of(until.saturating_sub(self.await_since)));
            self.await_since = self.await_since.max(until);
        }
    }

    /// The own operation's spans that have been entered, each with its node and
    /// the ticks at its first enter.
    pub(crate) fn started(&self, cells: &Cells) -> impl Iterator<Item = (PathId, u64)> {
        let all = self.stack().iter().chain(self.parked());
        all.filter_map(|frame| Some((cells.pinned(frame.cell).node(), frame.started()?)))
    }

    /// Up to when busy time has been given out.
    pub(crate) fn since(&self) -> u64 {
        self.since
    }
}

/// Moves a stamp to `now`. Returns it and by how much; a clock that reads
/// backwards moves nothing.
#[inline]
fn advance(since: &mut u64, now: u64) -> (u64, u64) {
    match now.checked_sub(*since) {
        Some(ticks) => {
            *since = now;
            (now, ticks)
        }
        None => stand_still(*since),
    }
}

#[cold]
fn stand_still(since: u64) -> (u64, u64) {
    (since, 0)
}

/// The counters of the innermost recorded frame, and whether it is an own one.
fn innermost(stack: &[Frame]) -> Option<(PinnedCell, bool)> {
    stack.iter().rev().find_map(|frame| Some((frame.counters()?, frame.is_own())))
}

fn bill_innermost(stack: &[Frame], ticks: u64, cells: &Cells) {
    if let Some((cell, own)) = innermost(stack) {
        let cell = cells.pinned(cell);
        if own { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
    }
}

/// Bills an own frame's latency up to `until`.
fn bill_latency<'a>(
    frame: &mut Frame,
    until: u64,
    billed: impl Fn(PinnedCell) -> Option<&'a super::cell::Cell>,
) {
    if frame.started().is_some()
        && let Some(cell) = billed(frame.cell)
    {
        cell.latency.add(until.saturating_sub(frame.counted));
        frame.counted = frame.counted.max(until);
    }
}
