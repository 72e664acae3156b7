//! A thread's own side: the spans it has entered, and the operation it has to
//! itself.
//!
//! Most spans belong to an operation that one thread has to itself, entered and
//! exited in order. Such an operation has no record. Its open spans are a chain
//! from its root: first those that are entered, on the thread's stack above all
//! other frames, then those that were exited and are still open, *parked* with
//! the leaf first. So polling nested futures moves spans between the two ends:
//!
//! ```text
//! stack: root, child         parked:
//! stack: root                parked: child              exit child
//! stack:                     parked: child, root        exit root: `child` awaits
//! stack: root                parked: child              enter root
//! ```
//!
//! While the thread works on it, its wall time is its busy time, so only busy
//! time is counted, and marked as *alone*. Whatever does not fit the chain gives
//! the operation a [record](super::operation) first: see `Recorder::share`.

use super::{
    cell::{Cells, PinnedCell},
    operations::OperationId,
    paths::PathId,
    spans::SpanKey,
    ticks::share_of,
};

/// What a frame on the stack is.
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

/// A span entered on this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// `None` for a frame that takes no time.
    pub(crate) at: Option<At>,
    /// Ticks at the enter.
    pub(crate) start: u64,
    /// Ticks at the span's first enter, for a span alone.
    pub(crate) started: u64,
    /// The stack's height up to the next recorded frame below.
    below: usize,
    /// The span stands on the stack below as well.
    duplicate: bool,
}

/// An open span of the thread's own operation that is not entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parked {
    pub(crate) id: u64,
    pub(crate) at: At,
    /// Ticks at the first enter; `None` for one created and not entered yet,
    /// which is then the only one parked.
    pub(crate) started: Option<u64>,
}

/// A thread's stack and its own operation.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) stack: Vec<Frame>,
    pub(crate) parked: Vec<Parked>,
    /// The stack's height up to the innermost recorded frame.
    recorded: usize,
    /// Since when the innermost recorded frame has been so.
    pub(crate) since: u64,
    /// Since when the own operation awaits, while it has no frame.
    pub(crate) await_since: u64,
}

impl State {
    /// The innermost recorded frame.
    #[inline]
    pub(crate) fn innermost(&self) -> Option<&Frame> {
        self.stack.get(self.recorded.checked_sub(1)?)
    }

    /// The own operation's innermost frame.
    #[inline]
    pub(crate) fn innermost_alone(&self) -> Option<&Frame> {
        self.innermost().filter(|frame| frame.kind == Kind::Alone)
    }

    /// Whether the thread has an operation to itself.
    #[inline]
    pub(crate) fn has_own(&self) -> bool {
        !self.parked.is_empty() || self.innermost_alone().is_some()
    }

    /// The id of the span that a new one would be a child of: the innermost
    /// that is not entered twice, unless it has closed. That is the Registry's
    /// current span.
    #[inline]
    pub(crate) fn current(&self) -> Option<u64> {
        let frame = match self.stack.last() {
            Some(top) if !top.duplicate => top,
            _ => self.stack.iter().rev().find(|frame| !frame.duplicate)?,
        };
        (frame.kind != Kind::Closed).then_some(frame.id)
    }

    /// The innermost occurrence of an entered span.
    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        self.stack.iter().rposition(|frame| frame.id == id && frame.kind != Kind::Closed)
    }

    /// Bills the innermost recorded frame up to `now`. Returns `now`, or the
    /// last stamp where the clock reads backwards.
    #[inline]
    pub(crate) fn turn(&mut self, now: u64, cells: &Cells) -> u64 {
        let ticks = now.saturating_sub(self.since);
        self.bill_busy(ticks, cells);
        self.since = self.since.wrapping_add(ticks);
        self.since
    }

    #[inline]
    fn bill_busy(&self, ticks: u64, cells: &Cells) {
        if let Some(Frame { at: Some(at), kind, .. }) = self.innermost() {
            let cell = cells.pinned(at.cell);
            if *kind == Kind::Alone { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
        }
    }

    /// Puts a recorded span on the stack; `turn` was called with `now`.
    #[inline]
    pub(crate) fn push(&mut self, id: u64, kind: Kind, at: At, now: u64, started: u64) {
        let duplicate = kind != Kind::Alone && self.is_entered(id);
        let below = self.recorded;
        self.stack.push(Frame { id, kind, at: Some(at), start: now, started, below, duplicate });
        self.recorded = self.stack.len();
    }

    /// Puts a span that is not recorded on the stack.
    pub(crate) fn push_clear(&mut self, id: u64) {
        let duplicate = self.is_entered(id);
        let below = self.recorded;
        let kind = Kind::Clear;
        self.stack.push(Frame { id, kind, at: None, start: 0, started: 0, below, duplicate });
    }

    fn is_entered(&self, id: u64) -> bool {
        self.stack.iter().any(|frame| frame.id == id)
    }

    /// Takes the top frame off; `turn` was called with `now`.
    #[inline]
    pub(crate) fn pop(&mut self, now: u64, cells: &Cells) -> Option<Frame> {
        let frame = self.stack.pop()?;
        if let Some(at) = frame.at {
            cells.pinned(at.cell).entered.add(now.saturating_sub(frame.start));
            self.recorded = frame.below;
        }
        Some(frame)
    }

    /// Takes any frame off; `turn` was called with `now`.
    pub(crate) fn remove(&mut self, position: usize, now: u64, cells: &Cells) {
        let above = self.stack.split_off(position + 1);
        let height = self.stack.len();
        self.recorded = match self.stack.last() {
            Some(top) if top.at.is_none() => top.below,
            _ => height,
        };
        self.pop(now, cells);
        for frame in above {
            let below = self.recorded;
            self.stack.push(Frame { below, ..frame });
            if frame.at.is_some() {
                self.recorded = self.stack.len();
            }
        }
    }

    /// Takes a span's frames off as it closes, as far as time goes; they stay
    /// where the Registry sees them.
    pub(crate) fn close_frames(&mut self, id: u64, now: u64, cells: &Cells) {
        self.turn(now, cells);
        let mut recorded = 0;
        for index in 0..self.stack.len() {
            let frame = &mut self.stack[index];
            if frame.id == id {
                if let Some(at) = frame.at.take() {
                    cells.pinned(at.cell).entered.add(self.since.saturating_sub(frame.start));
                }
                frame.kind = Kind::Closed;
            }
            frame.below = recorded;
            if frame.at.is_some() {
                recorded = index + 1;
            }
        }
        self.recorded = recorded;
    }

    /// Forgets a closed span's innermost frame, as the Registry does at its exit.
    pub(crate) fn remove_closed(&mut self, id: u64, cells: &Cells) -> bool {
        let closed = |frame: &Frame| frame.id == id && frame.kind == Kind::Closed;
        let Some(position) = self.stack.iter().rposition(closed) else { return false };
        self.remove(position, self.since, cells);
        true
    }

    /// Bills what is running up to `at`, to other cells than the thread's own,
    /// and moves the stamps there. For snapshots, which count it themselves.
    pub(crate) fn bill_running(&mut self, at: u64, billed: &Cells) {
        if let Some(Frame { at: Some(top), kind, .. }) = self.innermost()
            && let Some(cell) = billed.at(top.node)
        {
            let ticks = at.saturating_sub(self.since);
            if *kind == Kind::Alone { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
        }
        self.since = self.since.max(at);
        for frame in &mut self.stack {
            if let Some(cell) = frame.at.and_then(|frame| billed.at(frame.node)) {
                cell.entered.add(at.saturating_sub(frame.start));
                frame.start = frame.start.max(at);
            }
        }
        if let (None, Some(leaf)) = (self.innermost_alone(), self.parked.first())
            && leaf.started.is_some()
            && let Some(cell) = billed.at(leaf.at.node)
        {
            cell.awaited.add(share_of(at.saturating_sub(self.await_since)));
            self.await_since = self.await_since.max(at);
        }
    }

    /// The own operation's spans that have been entered, each with its node and
    /// the ticks at its first enter.
    pub(crate) fn started(&self) -> impl Iterator<Item = (PathId, u64)> {
        let frames = self.stack.iter().filter(|frame| frame.kind == Kind::Alone);
        let frames = frames.filter_map(|frame| Some((frame.at?.node, frame.started)));
        frames.chain(self.parked.iter().filter_map(|p| Some((p.at.node, p.started?))))
    }
}
