//! A thread's own side: the spans it has entered, and the operation it has to
//! itself.
//!
//! Most spans belong to an operation that one thread has to itself, entered and
//! exited in order. Such an operation has no record. Its open spans are a chain
//! from its root, and they stand in one list: up to `depth` those that are
//! entered, the thread's stack; from there on those that were exited and are
//! still open, *parked*. So polling nested futures moves nothing but the depth:
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

use super::{
    cell::{Cell, Cells, PinnedCell},
    operations::OperationId,
    paths::PathId,
    spans::SpanKey,
    ticks::share_of,
};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A span of the operation that the thread has to itself.
    Alone,
    /// A span of an operation with a record.
    Shared { operation: OperationId, span: SpanKey },
    /// A span that is not recorded.
    Clear,
    /// A span that closed while it was entered: nobody is its child.
    Closed,
}

/// A recorded span's node and counters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) node: PathId,
    pub(crate) cell: PinnedCell,
}

/// A span that is entered on this thread, or parked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// `None` for a frame that takes no time.
    pub(crate) at: Option<At>,
    /// Ticks at the enter.
    pub(crate) start: u64,
    /// Ticks at the first enter of a span alone, or [`NEVER`]. One that never
    /// was entered is the only one parked.
    pub(crate) started: u64,
    /// Up to when the latency of a span alone has been counted.
    pub(crate) counted: u64,
    /// The depth of the next recorded frame below.
    below: u32,
    /// The span stands on the stack below as well.
    duplicate: bool,
}

/// Stands for a first enter that has not been. No clock reads it.
pub(crate) const NEVER: u64 = u64::MAX;

/// A thread's stack and its own operation.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The stack, and above it what is parked.
    frames: Vec<Frame>,
    /// How many of the frames are the stack.
    depth: usize,
    /// The depth of the innermost recorded frame.
    recorded: u32,
    /// How many frames of the stack are of the own operation.
    alone: u32,
    /// Since when the innermost recorded frame has been so.
    since: u64,
    /// Since when the own operation awaits, while none of it is entered.
    await_since: u64,
}

impl State {
    /// The spans that are entered, outermost first.
    pub(crate) fn stack(&self) -> &[Frame] {
        self.frames.get(..self.depth).unwrap_or_default()
    }

    /// The own operation's open spans that are not entered, from the root on.
    pub(crate) fn parked(&self) -> &[Frame] {
        self.frames.get(self.depth..).unwrap_or_default()
    }

    /// Whether anything is parked.
    #[inline]
    pub(crate) fn has_parked(&self) -> bool {
        self.frames.len() > self.depth
    }

    /// Whether nothing is parked and a frame can be parked without allocating.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.frames.len() == self.depth && self.depth < self.frames.capacity()
    }

    /// The innermost frame.
    #[inline]
    pub(crate) fn top(&self) -> Option<&Frame> {
        self.frames.get(self.depth.wrapping_sub(1))
    }

    /// The innermost recorded frame.
    #[inline]
    pub(crate) fn innermost(&self) -> Option<&Frame> {
        self.frames.get((self.recorded as usize).wrapping_sub(1))
    }

    /// The own operation's innermost frame.
    #[inline]
    pub(crate) fn innermost_alone(&self) -> Option<&Frame> {
        self.innermost().filter(|_| self.alone > 0)
    }

    /// Whether the thread has an operation to itself.
    #[inline]
    pub(crate) fn has_own(&self) -> bool {
        self.has_parked() || self.alone > 0
    }

    /// Up to when the own operation's time has been given out.
    pub(crate) fn own_since(&self) -> u64 {
        if self.alone > 0 { self.since } else { self.await_since }
    }

    /// The id of the span that a new one would be a child of: the innermost
    /// that is not entered twice, unless it has closed. That is the Registry's
    /// current span.
    pub(crate) fn current(&self) -> Option<u64> {
        let frame = self.stack().iter().rev().find(|frame| !frame.duplicate)?;
        (frame.kind != Kind::Closed).then_some(frame.id)
    }

    /// The innermost occurrence of an entered span.
    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        self.stack().iter().rposition(|frame| frame.id == id && frame.kind != Kind::Closed)
    }

    /// Bills the innermost recorded frame up to `now`. Returns `now`, or the
    /// last stamp where the clock reads backwards.
    #[inline]
    pub(crate) fn turn(&mut self, now: u64, cells: &Cells) -> u64 {
        let now = now.max(self.since);
        if let Some((at, kind)) = self.innermost_at() {
            bill_busy(cells.pinned(at.cell), kind, now.wrapping_sub(self.since));
        }
        self.since = now;
        now
    }

    #[inline]
    fn innermost_at(&self) -> Option<(At, Kind)> {
        let frame = self.innermost()?;
        Some((frame.at?, frame.kind))
    }

    /// Parks a new span of the own operation, where nothing is parked.
    #[inline]
    pub(crate) fn park_new(&mut self, id: u64, at: At) {
        let at = Some(at);
        let (kind, below, duplicate) = (Kind::Alone, 0, false);
        self.frames.push(Frame {
            id,
            kind,
            at,
            start: 0,
            started: NEVER,
            counted: 0,
            below,
            duplicate,
        });
    }

    /// Whether a span is the next one parked.
    #[inline]
    pub(crate) fn is_next(&self, id: u64) -> bool {
        self.frames.get(self.depth).is_some_and(|frame| frame.id == id)
    }

    /// Enters the next span that is parked, at the time `clock` reads. Returns
    /// whether an operation comes to life.
    #[inline]
    pub(crate) fn enter_next(&mut self, clock: impl FnOnce() -> u64, cells: &Cells) -> bool {
        let now = self.turn(clock(), cells);
        let begins = self.alone == 0 && self.end_await(now, cells);
        let depth = self.depth;
        let below = self.recorded;
        let Some(frame) = self.frames.get_mut(depth) else { return false };
        frame.start = now;
        frame.below = below;
        self.depth = depth + 1;
        self.recorded = self.depth as u32;
        self.alone += 1;
        if let Some(cell) = frame.at.map(|at| cells.pinned(at.cell)) {
            if frame.started == NEVER {
                frame.started = now;
                frame.counted = now;
                cell.started.add(1);
            } else {
                cell.reentered.add(1);
            }
        }
        begins
    }

    /// Bills the own operation's leaf for what was awaited. Returns whether
    /// nothing was, because it has not come to life.
    #[inline]
    fn end_await(&mut self, now: u64, cells: &Cells) -> bool {
        let since = std::mem::replace(&mut self.await_since, now);
        match self.frames.last() {
            Some(Frame { at: Some(at), started, .. }) if *started != NEVER => {
                cells.pinned(at.cell).awaited.add(share_of(now.saturating_sub(since)));
                false
            }
            _ => true,
        }
    }

    /// The frame of a span of the own operation.
    pub(crate) fn own(&self, id: u64) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.id == id && frame.kind == Kind::Alone)
    }

    /// Gives a span of the own operation another node. Returns `false` where it
    /// is too late: the span was entered.
    pub(crate) fn rename_new(&mut self, id: u64, at: At) -> bool {
        let new = |frame: &&mut Frame| frame.id == id && frame.started == NEVER;
        let Some(frame) = self.frames.last_mut().filter(new) else { return false };
        frame.at = Some(at);
        true
    }

    /// Whether a span is the top frame, one alone, and can be parked.
    #[inline]
    pub(crate) fn is_top_alone(&self, id: u64) -> bool {
        let top = self.top().is_some_and(|top| top.id == id && top.kind == Kind::Alone);
        // A span that was never entered is no part of a chain that awaits.
        top && self.frames.last().is_some_and(|leaf| leaf.started != NEVER)
    }

    /// Exits the top frame, one alone, and parks it.
    #[inline]
    pub(crate) fn exit_top(&mut self, now: u64, cells: &Cells) {
        let now = now.max(self.since);
        let depth = self.depth.wrapping_sub(1);
        let Some(frame) = self.frames.get(depth) else { return };
        if let Some(at) = frame.at {
            let cell = cells.pinned(at.cell);
            cell.alone.add(now.wrapping_sub(self.since));
            cell.entered.add(now.wrapping_sub(frame.start));
        }
        self.since = now;
        self.recorded = frame.below;
        self.depth = depth;
        self.alone = self.alone.wrapping_sub(1);
        if self.alone == 0 {
            self.await_since = now;
        }
    }

    /// Whether a span is the last one parked, the end of the chain.
    #[inline]
    pub(crate) fn is_leaf(&self, id: u64) -> bool {
        self.has_parked() && self.frames.last().is_some_and(|leaf| leaf.id == id)
    }

    /// Closes the last span that is parked, at the time `clock` reads.
    #[inline]
    pub(crate) fn close_leaf(&mut self, clock: impl FnOnce() -> u64, cells: &Cells) {
        if let Some(Frame { at: Some(at), started, counted, .. }) = self.frames.last().copied()
            && started != NEVER
        {
            let now = clock();
            if self.alone == 0 {
                self.end_await(now, cells);
            }
            cells
                .pinned(at.cell)
                .end_call(now.saturating_sub(started), now.saturating_sub(counted));
        }
        self.frames.pop();
    }

    /// Forgets the own operation, which has got a record: its entered frames
    /// become what `kinds` yields, what is parked goes.
    pub(crate) fn give_up_own(&mut self, mut kinds: impl Iterator<Item = Kind>) {
        self.frames.truncate(self.depth);
        self.alone = 0;
        for frame in self.frames.iter_mut().filter(|frame| frame.kind == Kind::Alone) {
            frame.kind = kinds.next().unwrap_or(Kind::Clear);
        }
    }

    /// Puts a span of an operation with a record on the stack; `turn` was called
    /// with `now`, and nothing is parked.
    pub(crate) fn push_shared(&mut self, id: u64, kind: Kind, at: At, now: u64) {
        self.push(Frame {
            id,
            kind,
            at: Some(at),
            start: now,
            started: now,
            counted: now,
            below: self.recorded,
            duplicate: self.is_entered(id),
        });
        self.recorded = self.depth as u32;
    }

    /// Puts a span that is not recorded on the stack; nothing is parked.
    pub(crate) fn push_clear(&mut self, id: u64) {
        self.push(Frame {
            id,
            kind: Kind::Clear,
            at: None,
            start: 0,
            started: NEVER,
            counted: 0,
            below: self.recorded,
            duplicate: self.is_entered(id),
        });
    }

    fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.depth = self.frames.len();
    }

    fn is_entered(&self, id: u64) -> bool {
        self.stack().iter().any(|frame| frame.id == id)
    }

    /// Takes any frame off the stack; `turn` was called with `now`.
    pub(crate) fn remove(&mut self, position: usize, now: u64, cells: &Cells) {
        let frame = self.frames.remove(position);
        self.depth = self.depth.saturating_sub(1);
        if let Some(at) = frame.at {
            cells.pinned(at.cell).entered.add(now.saturating_sub(frame.start));
        }
        self.link();
    }

    /// Takes a span's frames off as it closes, as far as time goes; they stay
    /// where the Registry sees them.
    pub(crate) fn close_frames(&mut self, id: u64, now: u64, cells: &Cells) {
        let now = self.turn(now, cells);
        let depth = self.depth;
        for frame in self.frames.iter_mut().take(depth).filter(|frame| frame.id == id) {
            if let Some(at) = frame.at.take() {
                cells.pinned(at.cell).entered.add(now.saturating_sub(frame.start));
            }
            frame.kind = Kind::Closed;
        }
        self.link();
    }

    /// Forgets a closed span's innermost frame, as the Registry does at its exit.
    pub(crate) fn remove_closed(&mut self, id: u64, cells: &Cells) {
        let closed = |frame: &Frame| frame.id == id && frame.kind == Kind::Closed;
        if let Some(position) = self.stack().iter().rposition(closed) {
            self.remove(position, self.since, cells);
        }
    }

    /// Links each frame of the stack to the next recorded one below.
    fn link(&mut self) {
        let mut recorded = 0;
        let depth = self.depth;
        for (at, frame) in self.frames.iter_mut().take(depth).enumerate() {
            frame.below = recorded;
            if frame.at.is_some() {
                recorded = at as u32 + 1;
            }
        }
        self.recorded = recorded;
    }

    /// Bills what is running up to `until`, to other cells than the thread's own,
    /// and moves the stamps there. For snapshots, which count it themselves.
    pub(crate) fn bill_running(&mut self, until: u64, billed: &Cells) {
        if let Some((at, kind)) = self.innermost_at()
            && let Some(cell) = billed.at(at.node)
        {
            bill_busy(cell, kind, until.saturating_sub(self.since));
        }
        self.since = self.since.max(until);
        let depth = self.depth;
        for frame in self.frames.iter_mut().take(depth) {
            if let Some(cell) = frame.at.and_then(|at| billed.at(at.node)) {
                cell.entered.add(until.saturating_sub(frame.start));
                frame.start = frame.start.max(until);
            }
        }
        let alone = self.frames.iter_mut().filter(|frame| frame.kind == Kind::Alone);
        for frame in alone.filter(|frame| frame.started != NEVER) {
            if let Some(cell) = frame.at.and_then(|at| billed.at(at.node)) {
                cell.latency.add(until.saturating_sub(frame.counted));
                frame.counted = frame.counted.max(until);
            }
        }
        if self.alone == 0
            && let Some(Frame { at: Some(at), started, .. }) = self.parked().last()
            && *started != NEVER
            && let Some(cell) = billed.at(at.node)
        {
            cell.awaited.add(share_of(until.saturating_sub(self.await_since)));
            self.await_since = self.await_since.max(until);
        }
    }

    /// The own operation's spans that have been entered, each with its node and
    /// the ticks at its first enter.
    pub(crate) fn started(&self) -> impl Iterator<Item = (PathId, u64)> {
        let alone = self.frames.iter().filter(|frame| frame.kind == Kind::Alone);
        let started = alone.filter(|frame| frame.started != NEVER);
        started.filter_map(|frame| Some((frame.at?.node, frame.started)))
    }

    /// Up to when busy time has been given out.
    pub(crate) fn since(&self) -> u64 {
        self.since
    }
}

#[inline]
fn bill_busy(cell: &Cell, kind: Kind, ticks: u64) {
    if kind == Kind::Alone { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
}
