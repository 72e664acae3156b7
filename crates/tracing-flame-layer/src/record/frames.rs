//! The frames of one thread: those it has entered, and above them those parked.
//!
//! They lie side by side, with a cursor at the innermost one that is entered:
//!
//! ```text
//! ground | entered entered | parked | free free .. | guard guard
//!                  ^top
//! ```
//!
//! The ground below is no span's, and the guards above never become one's, so
//! there is a frame on either side of the cursor at all times and nobody needs to
//! ask whether there is. All `unsafe` of the stack is here: the cursor goes up only
//! onto a frame that has a span's id and down only from one that has, and neither
//! the ground nor a guard does.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "places in one row: less than its length, which is no more than memory has bytes"
)]

use std::{num::NonZeroU64, ptr::NonNull, slice};

use super::{cell::PinnedCell, operations::OperationId, spans::SpanKey};

// Marks and what stands for no time are more than any clock reads.

/// Marks a first enter of a span that another thread's table knows.
const TAKEN: u64 = 1 << 63;
/// Marks a first enter of a span whose latency has been counted up to a stamp.
const COUNTED: u64 = 1 << 62;
/// Stands for a first enter that has not been.
const NEVER: u64 = u64::MAX;
/// Stands for a first enter in a frame that is free.
const FREE: u64 = u64::MAX - 1;

/// A span that is entered on this thread, or parked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The id of a span of the operation that the thread has to itself, or of its
    /// chain on lease; 0 for any other frame.
    pub(crate) own: u64,
    /// Where children of the frame's span are remembered, and, of an own one, its
    /// counters.
    pub(crate) cell: PinnedCell,
    /// Ticks at an own span's first enter, or one of the above.
    started: u64,
    /// Ticks at the enter, where it is not an own span; up to when a snapshot has
    /// counted the latency of one that is.
    stamp: u64,
    /// Ticks at the enter of a span on lease.
    pub(crate) entered: u64,
    /// What it is if it is not an own span.
    pub(crate) other: Other,
}

/// An entered span that is not of the thread's own operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Other {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// Its counters; `None` for a frame that takes no time.
    pub(crate) cell: Option<PinnedCell>,
    /// The span stands on the stack below as well.
    pub(crate) duplicate: bool,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A span of the operation that the thread has to itself.
    Own,
    /// A span of an operation with a record.
    Shared { operation: OperationId, span: SpanKey },
    /// A span that is not recorded.
    Clear,
    /// A span that closed while it was entered: nobody is its child.
    Closed,
}

impl Frame {
    /// A frame that is no span's; children that are remembered at `cell` may be
    /// made on it.
    const fn nobody(cell: PinnedCell, started: u64) -> Self {
        let other = Other { id: 0, kind: Kind::Clear, cell: None, duplicate: false };
        Self { own: 0, cell, started, stamp: 0, entered: 0, other }
    }

    /// A frame that is no own span's, entered at `start`.
    pub(crate) fn other(children: PinnedCell, start: u64, other: Other) -> Self {
        Self { stamp: start, other, ..Self::nobody(children, NEVER) }
    }

    /// Whether nothing is entered but what is above it.
    pub(crate) fn is_ground(&self) -> bool {
        !self.is_own() && self.is_plain()
    }

    /// Whether an own span may stand right above it: it is one itself, or the
    /// ground.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.other.id == 0
    }

    /// Whether it is a span of the thread's own operation.
    #[inline]
    pub(crate) fn is_own(&self) -> bool {
        self.own != 0
    }

    pub(crate) fn id(&self) -> u64 {
        if self.is_own() { self.own } else { self.other.id }
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.is_own() { Kind::Own } else { self.other.kind }
    }

    /// Its counters, unless it takes no time.
    pub(crate) fn counters(&self) -> Option<PinnedCell> {
        if self.is_own() { Some(self.cell) } else { self.other.cell }
    }

    /// Remembers an own span's first enter; whether that was it.
    #[inline]
    pub(crate) fn start_if_first(&mut self, now: u64) -> bool {
        let first = self.started == NEVER;
        if first {
            self.started = now;
        }
        first
    }

    /// Ticks at an own span's first enter.
    pub(crate) fn started(&self) -> Option<u64> {
        (self.is_own() && self.started != NEVER).then_some(self.started & !(TAKEN | COUNTED))
    }

    /// How long ago an own span was entered first, where no more need be known of it
    /// than whether another thread's table knows it: with another mark it seems to
    /// start later than any clock reads.
    #[inline]
    pub(crate) fn latency_at(&self, now: u64, taken: bool) -> Option<u64> {
        now.checked_sub(self.started ^ if taken { TAKEN } else { 0 })
    }

    /// Whether an own span, entered or parked, was ever entered; of no other frame
    /// above the top.
    #[inline]
    fn was_entered(&self) -> bool {
        self.started < FREE
    }

    /// Up to when an own span's latency has been counted, once it was entered.
    pub(crate) fn counted(&self) -> Option<u64> {
        let started = self.started()?;
        Some(if self.started & COUNTED == 0 { started } else { self.stamp })
    }

    /// Remembers up to when an own span's latency has been counted.
    pub(crate) fn count_to(&mut self, now: u64) {
        if let Some(counted) = self.counted() {
            self.stamp = counted.max(now);
            self.started |= COUNTED;
        }
    }

    /// Whether another thread's table knows of the own span.
    pub(crate) fn is_taken(&self) -> bool {
        self.started().is_some() && self.started & TAKEN != 0
    }

    /// Marks an own span that was entered as one that another thread's table
    /// knows.
    pub(crate) fn mark_taken(&mut self) {
        self.started |= TAKEN;
    }

    /// Ticks at the enter of a span that is not an own one.
    pub(crate) fn start(&self) -> u64 {
        self.stamp
    }

    /// Lets a span that is not an own one count as entered from later on.
    pub(crate) fn start_from(&mut self, now: u64) {
        self.stamp = self.stamp.max(now);
    }

    /// Makes an own span one of an operation with a record, or one that is not
    /// recorded; its children are remembered nowhere. Up to `now` its entered time is
    /// counted as that of an own one.
    pub(crate) fn share(&mut self, kind: Option<Kind>, aside: PinnedCell, now: u64) {
        let cell = kind.is_some().then_some(self.cell);
        let kind = kind.unwrap_or(Kind::Clear);
        let other = Other { id: self.own, kind, cell, duplicate: false };
        *self = Self::other(aside, now, other);
    }
}

/// The frames of one thread.
#[derive(Debug)]
pub(crate) struct Frames {
    /// The ground.
    first: NonNull<Frame>,
    /// The innermost entered frame, or the ground.
    top: NonNull<Frame>,
    /// All frames from the ground to the last guard.
    length: usize,
}

// SAFETY: the frames are reached through the one that holds them.
unsafe impl Send for Frames {}

/// The ground and two guards: whoever is at the last frame has two above.
const FIXED: usize = 3;
/// Frames that there is room for at first.
const ROOM: usize = super::sync::sized(29, 1);

impl Frames {
    /// No frames, on a ground at which the children remembered are roots; `None`
    /// where there is no memory.
    pub(crate) fn try_new(ground: PinnedCell) -> Option<Self> {
        let mut all = Vec::new();
        all.try_reserve_exact(FIXED + ROOM).ok()?;
        all.push(Frame::nobody(ground, NEVER));
        Some(Self::lay_out(all, 0, ground))
    }

    /// Takes over frames from the ground on, up to a top, and fills up with free
    /// ones and guards.
    fn lay_out(mut all: Vec<Frame>, top: usize, guard: PinnedCell) -> Self {
        // There is room for so many, so that nothing is moved or shrunk.
        let length = all.capacity();
        all.resize(length.saturating_sub(2), Frame::nobody(guard, FREE));
        all.resize(length, Frame::nobody(guard, NEVER));
        let first = NonNull::from(Box::leak(all.into_boxed_slice())).cast::<Frame>();
        // SAFETY: `top` is below `length`.
        Self { first, top: unsafe { first.add(top) }, length }
    }

    /// The innermost entered frame, or the ground.
    #[inline]
    pub(crate) fn top(&self) -> &Frame {
        // SAFETY: the cursor is at a frame.
        unsafe { self.top.as_ref() }
    }

    /// What is parked next, free, or a guard.
    #[inline]
    pub(crate) fn next(&self) -> &Frame {
        // SAFETY: two guards are above the last frame that the cursor reaches.
        unsafe { self.top.add(1).as_ref() }
    }

    /// The top, and a free frame above it; `None` where something is parked or
    /// there is no room.
    #[inline]
    pub(crate) fn free(&mut self) -> Option<(&Frame, &mut Frame)> {
        // SAFETY: as in `next`; the two are not the same.
        let (top, next) = unsafe { (self.top.as_ref(), self.top.add(1).as_mut()) };
        (next.started == FREE).then_some((top, next))
    }

    /// Goes up to the parked own span `id`, if it is the next. Returns the frame
    /// below and the span's.
    #[inline]
    pub(crate) fn go_up(&mut self, id: NonZeroU64) -> Option<(&Frame, &mut Frame)> {
        if self.next().own != id.get() {
            return None;
        }
        // SAFETY: the next frame has a span's id and so is no guard.
        unsafe {
            let below = self.top.as_ref();
            self.top = self.top.add(1);
            Some((below, self.top.as_mut()))
        }
    }

    /// Goes down from the own span `id`, if it is the top. Returns its frame.
    #[inline]
    pub(crate) fn go_down(&mut self, id: NonZeroU64) -> Option<&mut Frame> {
        if self.top().own != id.get() {
            return None;
        }
        // SAFETY: the top has a span's id and so is not the ground.
        unsafe {
            let frame = self.top.as_mut();
            self.top = self.top.sub(1);
            Some(frame)
        }
    }

    /// The own span `id`, if it is the only one parked, after the top.
    #[inline]
    pub(crate) fn only_parked(&mut self, id: NonZeroU64) -> Option<(&Frame, &mut Frame)> {
        // SAFETY: as in `next`; if that has a span's id, it is no guard, so that
        // one more is above it. They are not the same.
        unsafe {
            let (top, next) = (self.top.as_ref(), self.top.add(1).as_mut());
            let alone = next.own == id.get() && self.top.add(2).as_ref().own == 0;
            alone.then_some((top, next))
        }
    }

    /// The last of the frames that are parked and were entered: it awaits. Only the
    /// last one of all may never have been.
    #[inline]
    pub(crate) fn awaiting(&self) -> Option<&Frame> {
        let mut last = None;
        let mut at = self.top;
        loop {
            // SAFETY: the cursor is below a guard, and so is a frame with a span's
            // id; one more is above it.
            at = unsafe { at.add(1) };
            // SAFETY: as above.
            match unsafe { at.as_ref() } {
                frame if frame.was_entered() => last = Some(frame),
                _ => return last,
            }
        }
    }

    /// Frees the last of the frames that are parked.
    pub(crate) fn free_last_parked(&mut self) {
        if let Some(last) = self.parked_mut().last_mut() {
            last.free();
        }
    }

    /// Makes room for one more frame than is entered and parked; `None` where there
    /// is no memory.
    pub(crate) fn make_room(&mut self) -> Option<()> {
        if self.next().started == FREE { Some(()) } else { self.grow() }
    }

    #[cold]
    fn grow(&mut self) -> Option<()> {
        let used = 1 + self.depth() + self.parked().len();
        if used + 2 < self.length {
            return Some(());
        }
        let mut all = Vec::new();
        all.try_reserve_exact(self.length.checked_mul(2)?).ok()?;
        all.extend_from_slice(self.all().get(..used)?);
        *self = Self::lay_out(all, self.depth(), self.ground().cell);
        Some(())
    }

    /// How many frames are entered.
    pub(crate) fn depth(&self) -> usize {
        // SAFETY: both are in the same allocation, and the top is not below.
        unsafe { self.top.offset_from_unsigned(self.first) }
    }

    /// The entered frames, outermost first.
    pub(crate) fn stack(&self) -> &[Frame] {
        self.all().get(1..=self.depth()).unwrap_or_default()
    }

    pub(crate) fn stack_mut(&mut self) -> &mut [Frame] {
        let depth = self.depth();
        self.all_mut().get_mut(1..=depth).unwrap_or_default()
    }

    /// The own operation's open spans that are not entered, from the root on.
    pub(crate) fn parked(&self) -> &[Frame] {
        let above = self.all().get(self.depth() + 1..).unwrap_or_default();
        let parked = above.iter().position(|frame| !frame.is_own()).unwrap_or_default();
        above.get(..parked).unwrap_or_default()
    }

    pub(crate) fn parked_mut(&mut self) -> &mut [Frame] {
        let (depth, parked) = (self.depth(), self.parked().len());
        self.all_mut().get_mut(depth + 1..=depth + parked).unwrap_or_default()
    }

    /// Puts a frame on the stack, where there is memory. Nothing may be parked; what
    /// is, goes.
    pub(crate) fn push(&mut self, frame: Frame) -> Option<()> {
        self.drop_parked();
        self.make_room()?;
        let depth = self.depth();
        let room = self.length - 2;
        if let (true, Some(free)) = (depth + 1 < room, self.all_mut().get_mut(depth + 1)) {
            *free = frame;
            // SAFETY: the frame above the top is no guard.
            self.top = unsafe { self.top.add(1) };
        }
        Some(())
    }

    /// Takes a frame off the stack; what is above it moves down.
    pub(crate) fn remove(&mut self, position: usize) -> Option<Frame> {
        let (depth, used) = (self.depth(), self.depth() + self.parked().len());
        let frame = *self.stack().get(position)?;
        let above = self.all_mut().get_mut(position + 1..=used)?;
        above.rotate_left(1);
        *above.last_mut()? = Frame::nobody(frame.cell, FREE);
        // SAFETY: there was a frame at `position`, so the top was not the ground.
        self.top = unsafe { self.first.add(depth - 1) };
        Some(frame)
    }

    /// Frees what is parked.
    pub(crate) fn drop_parked(&mut self) {
        self.parked_mut().iter_mut().for_each(Frame::free);
    }

    fn ground(&self) -> &Frame {
        // SAFETY: the first frame is there.
        unsafe { self.first.as_ref() }
    }

    fn all(&self) -> &[Frame] {
        // SAFETY: so many frames lie there.
        unsafe { slice::from_raw_parts(self.first.as_ptr(), self.length) }
    }

    /// All frames. Only those between the ground and the guards may be changed.
    fn all_mut(&mut self) -> &mut [Frame] {
        // SAFETY: so many frames lie there, and `self` is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.first.as_ptr(), self.length) }
    }
}

impl Frame {
    /// Makes a free frame that of an own span, parked and never entered.
    #[inline]
    pub(crate) fn take(&mut self, id: NonZeroU64, cell: PinnedCell) {
        self.own = id.get();
        self.cell = cell;
        self.started = NEVER;
    }

    /// Frees it.
    #[inline]
    pub(crate) fn free(&mut self) {
        self.own = 0;
        self.started = FREE;
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        let all = NonNull::slice_from_raw_parts(self.first, self.length);
        // SAFETY: `lay_out` took them from a box of as many.
        drop(unsafe { Box::from_raw(all.as_ptr()) });
    }
}
