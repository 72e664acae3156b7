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
//! time is counted, and marked as *alone*. Nor are enter-to-exit times: a span's is
//! its own busy time, and the same of its children, which lie in it. Whatever does not
//! fit the chain gives the operation a [record](super::operation) first: see
//! `Recorder::share_own`. The usual steps of a chain are taken in
//! [`chain`](super::chain). A chain below a span on [lease](super::lease) lies in the
//! same row.
//!
//! [`frames`]: super::frames

use std::num::NonZeroU64;

use super::{
    capture::Capture,
    cell::{Cell, Cells, PinnedCell},
    frames::{Frame, Frames, Kind, Other},
    lease::Lease,
    paths::PathId,
    ticks::share_of,
};

/// A thread's stack and its own operation.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) frames: Frames,
    /// Up to when time has been given out: to the innermost recorded frame, and to
    /// the own operation's last span while it awaits. No stamp is later.
    pub(super) since: u64,
    /// Where own spans are a chain on lease.
    pub(super) lease: Option<Lease>,
    /// What follows the own operation, if anything does.
    pub(super) capture: Option<Box<Capture>>,
}

impl State {
    /// `None` where there is no memory.
    pub(crate) fn try_new(cells: &Cells) -> Option<Self> {
        Some(Self {
            frames: Frames::try_new(cells.ground())?,
            since: 0,
            lease: None,
            capture: None,
        })
    }

    /// Where a root may be parked and entered at once: on the ground, with nothing
    /// parked.
    #[inline]
    pub(crate) fn is_idle(&mut self) -> bool {
        self.frames.free().is_some_and(|(top, _)| top.is_ground())
    }

    /// Parks and enters a root that this thread has taken, where it
    /// [is idle](Self::is_idle).
    #[inline(always)]
    pub(crate) fn enter_taken(
        &mut self,
        id: NonZeroU64,
        cell: PinnedCell,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) {
        if let Some((_, frame)) = self.frames.free() {
            frame.take(id, cell);
        }
        let Some((_, frame)) = self.frames.go_up(id) else { return };
        self.since = clock().max(self.since);
        frame.start_if_first(self.since);
        frame.mark_taken();
        cells.pinned(cell).started.add(1);
        cells.begun().add(1);
    }

    /// Enters the next span that is parked, whatever it is entered above.
    pub(crate) fn enter_next_above_others(
        &mut self,
        id: NonZeroU64,
        now: u64,
        cells: &Cells,
    ) -> bool {
        if self.frames.next().own != id.get() {
            return false;
        }
        let now = self.turn(now, cells);
        let begins = !self.own_is_entered();
        let Some((_, frame)) = self.frames.go_up(id) else { return false };
        let cell = cells.pinned(frame.cell);
        if frame.start_if_first(now) {
            cell.started.add(1);
            cells.begun().add(u64::from(begins));
        } else {
            cell.reentered.add(1);
        }
        self.tell_entered();
        true
    }

    /// Parks a new span of the own operation, where nothing is parked; `None` where
    /// there is no memory.
    pub(crate) fn park_new(
        &mut self,
        id: NonZeroU64,
        cell: PinnedCell,
        cells: &Cells,
    ) -> Option<()> {
        self.frames.make_room()?;
        let (_, frame) = self.frames.free()?;
        frame.take(id, cell);
        self.tell_created(cells);
        Some(())
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
        let leaf = *self.parked().last().filter(|leaf| leaf.own == id)?;
        let now = if self.own_is_entered() { now.max(self.since) } else { self.turn(now, cells) };
        end(&leaf, now, cells);
        self.frames.free_last_parked();
        self.tell_closed(now);
        Some(leaf.is_taken())
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
    #[inline]
    pub(crate) fn has_parked(&self) -> bool {
        self.frames.next().is_own()
    }

    /// Whether the thread has an operation to itself, or a lease.
    pub(crate) fn has_own(&self) -> bool {
        self.has_parked() || self.own_is_entered() || self.lease.is_some()
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
        if self.lease.is_some() {
            return top.counters();
        }
        (top.is_own() || top.is_ground()).then_some(top.cell)
    }

    /// The innermost recorded frame.
    pub(super) fn innermost(&self) -> Option<&Frame> {
        self.stack().iter().rev().find(|frame| frame.counters().is_some())
    }

    /// The innermost recorded frame, if it is one of the own operation.
    pub(crate) fn innermost_own(&self) -> Option<&Frame> {
        self.innermost().filter(|frame| frame.is_own())
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

    /// Gives time out up to `now`. Returns `now`, or the last stamp where the clock
    /// reads backwards.
    pub(crate) fn turn(&mut self, now: u64, cells: &Cells) -> u64 {
        let ticks = now.saturating_sub(self.since);
        self.since = self.since.max(now);
        self.give_out(ticks, |cell| Some(cells.pinned(cell)));
        self.since
    }

    /// Gives `ticks` out as things stand.
    fn give_out<'a>(&self, ticks: u64, counters: impl Fn(PinnedCell) -> Option<&'a Cell>) {
        let stack = || self.stack().iter().rev();
        let own = stack().find(|frame| frame.is_own());
        let innermost = stack().find_map(|frame| Some((frame.counters()?, frame.is_own())));
        if let Some((cell, is_own)) = innermost
            && let Some(cell) = counters(cell)
        {
            if is_own { cell.alone.add(ticks) } else { cell.beside.add(ticks) }
        }
        if let (Some(own), Some((_, false))) = (own, innermost)
            && let Some(cell) = counters(own.cell)
        {
            cell.covered.add(ticks);
        }
        if let (None, Some(leaf)) = (own, self.frames.awaiting())
            && let Some(cell) = counters(leaf.cell)
        {
            cell.awaited.add(share_of(ticks));
        }
    }

    /// Forgets the own operation, which gets a record: `kind` is told its frames
    /// from the root on, and whether they are entered. Those that are become what it
    /// says, what is parked goes. Of what it has no kind for, nothing is recorded
    /// after the last stamp.
    pub(crate) fn give_up_own(
        &mut self,
        mut kind: impl FnMut(&Frame, bool) -> Option<Kind>,
        cells: &Cells,
    ) {
        let now = self.since;
        for frame in self.frames.stack_mut().iter_mut().filter(|frame| frame.is_own()) {
            let kind = kind(frame, true);
            if kind.is_none() {
                end(frame, now, cells);
            }
            frame.share(kind, cells.aside(), now);
        }
        for frame in self.frames.parked() {
            if kind(frame, false).is_none() {
                end(frame, now, cells);
            }
        }
        self.frames.drop_parked();
    }

    /// Puts a span that is not an own one on the stack, with its counters if it is
    /// recorded; `turn` was called with `now`, and nothing is parked. `None` where
    /// there is no memory.
    pub(crate) fn push(
        &mut self,
        id: u64,
        kind: Kind,
        cell: Option<PinnedCell>,
        now: u64,
        cells: &Cells,
    ) -> Option<()> {
        let duplicate = self.stack().iter().any(|frame| frame.id() == id);
        self.frames.push(Frame::other(cells.aside(), now, Other { id, kind, cell, duplicate }))
    }

    /// Takes any frame off the stack; `turn` was called with `now`.
    pub(crate) fn remove(&mut self, position: usize, now: u64, cells: &Cells) {
        if let Some(frame) = self.frames.remove(position)
            && let Some(cell) = frame.counters()
        {
            cells.pinned(cell).entered.add(now.saturating_sub(frame.start()));
        }
    }

    /// Takes a span's frames off as it closes, as far as time goes; they stay
    /// where the Registry sees them. None is an own one.
    pub(crate) fn close_frames(&mut self, id: u64, now: u64, cells: &Cells) {
        let now = self.turn(now, cells);
        let frames = self.frames.stack_mut().iter_mut();
        for frame in frames.filter(|frame| !frame.is_own() && frame.other.id == id) {
            if let Some(cell) = frame.other.cell.take() {
                cells.pinned(cell).entered.add(now.saturating_sub(frame.start()));
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

    /// Gives time out up to `until`, to other cells than the thread's own, and moves
    /// the stamps there. For snapshots, which count it themselves.
    pub(crate) fn bill_running(&mut self, until: u64, cells: &Cells, billed: &Cells) {
        let counters = |cell: PinnedCell| billed.at(cells.pinned(cell).node());
        self.give_out(until.saturating_sub(self.since), counters);
        self.since = self.since.max(until);
        for frame in self.frames.stack_mut().iter_mut().filter(|frame| !frame.is_own()) {
            if let Some(cell) = frame.other.cell.and_then(counters) {
                cell.entered.add(until.saturating_sub(frame.start()));
                frame.start_from(until);
            }
        }
        self.frames.stack_mut().iter_mut().for_each(|frame| bill_latency(frame, until, counters));
        self.frames.parked_mut().iter_mut().for_each(|frame| bill_latency(frame, until, counters));
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

/// Ends the call of an own span.
pub(super) fn end(frame: &Frame, now: u64, cells: &Cells) {
    if let (Some(started), Some(counted)) = (frame.started(), frame.counted()) {
        let latency = now.saturating_sub(started);
        cells.end_call(frame.cell, latency, now.saturating_sub(counted));
    }
}

/// Bills an own frame's latency up to `until`.
fn bill_latency<'a>(
    frame: &mut Frame,
    until: u64,
    counters: impl Fn(PinnedCell) -> Option<&'a Cell>,
) {
    if let Some(counted) = frame.counted()
        && let Some(cell) = counters(frame.cell)
    {
        cell.latency.add(until.saturating_sub(counted));
        frame.count_to(until);
    }
}
