//! A thread's own operation while it is followed: its capture hears of each step
//! that the chain takes.
//!
//! Such a thread does not walk in at the door of the quick way (see
//! `current::with_local`). It has one of its own, which is as quick but for a word
//! that it notes. It is out of line, so that others who come by need no room on the
//! stack for it. Where there is no room for one the callback goes another way, as does
//! the last close, the operation ending with it.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    Current,
    capture::{Capture, Step},
    cell::Cells,
    operation::ThreadKey,
    paths::PathId,
    state::State,
};
use crate::clock::counter_ticks;

impl Current {
    /// As [`Current::create_at_once`].
    #[inline(never)]
    pub(crate) fn create_followed(
        &self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
    ) -> bool {
        // SAFETY: nothing is called that makes a span, nor is memory asked for; so here
        // and below.
        let Some((record, mut own)) = (unsafe { self.followed_at_once() }) else { return false };
        own.state.create_and_note(id, metadata, &record.cells)
    }

    /// As [`Current::enter_at_once`].
    #[inline(never)]
    pub(crate) fn enter_followed(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.followed_at_once() }) else { return false };
        own.state.enter_and_note(id, counter_ticks, &record.cells)
    }

    /// As [`Current::exit_at_once`].
    #[inline(never)]
    pub(crate) fn exit_followed(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.followed_at_once() }) else { return false };
        own.state.exit_and_note(id, counter_ticks(), &record.cells)
    }

    /// As [`Current::close_at_once`], for a span below one that is entered.
    #[inline(never)]
    pub(crate) fn close_followed(&self, id: NonZeroU64) -> Result<(), Option<NonZeroU64>> {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.followed_at_once() }) else {
            return Err(None);
        };
        own.state.close_and_note(id, counter_ticks, &record.cells)
    }
}

/// The quick way: a step is noted, or not taken.
impl State {
    #[inline]
    fn has_note_room(&self) -> bool {
        self.capture.as_ref().is_some_and(|capture| capture.has_note_room())
    }

    #[inline]
    fn note(&mut self, step: Step) {
        if let Some(capture) = &mut self.capture {
            capture.note(step);
        }
    }

    #[inline]
    fn create_and_note(
        &mut self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
        cells: &Cells,
    ) -> bool {
        let created = self.has_note_room() && self.create_expected(id, metadata, cells);
        if created {
            self.note(Step::Created(cells.pinned(self.frames.next().cell).node()));
        }
        created
    }

    #[inline]
    fn enter_and_note(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> bool {
        let entered = self.has_note_room() && self.enter_next(id, clock, cells);
        if entered {
            self.note(Step::Entered(self.since));
        }
        entered
    }

    #[inline]
    fn exit_and_note(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        let exited = self.has_note_room() && self.exit_top(id, now, cells);
        if exited {
            self.note(Step::Exited(now));
        }
        exited
    }

    /// The root is not closed here, as the operation ends with it.
    #[inline]
    fn close_and_note(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> Result<(), Option<NonZeroU64>> {
        if !self.frames.top().is_own() || !self.has_note_room() {
            return Err(None);
        }
        let now = clock();
        self.close_parked(id, false, || now, cells)?;
        self.note(Step::Closed(now));
        Ok(())
    }
}

/// The other way, on which there may be memory to ask for.
impl State {
    /// Lets a capture follow the own operation, which the calling thread begins next.
    pub(crate) fn follow(&mut self, mut capture: Box<Capture>, thread: ThreadKey) {
        capture.begin_chain(thread, self.since);
        self.capture = Some(capture);
    }

    /// Ends following.
    pub(crate) fn unfollow(&mut self) -> Option<Box<Capture>> {
        self.capture.take()
    }

    /// The capture of an own operation that has just ended.
    pub(crate) fn unfollow_ended(&mut self) -> Option<Box<Capture>> {
        if self.capture.is_none() || self.has_own() { None } else { self.capture.take() }
    }

    /// Whether the own operation is followed.
    pub(crate) fn is_followed(&self) -> bool {
        self.capture.is_some()
    }

    /// The capture, while the own operation is followed.
    pub(crate) fn capture(&mut self) -> Option<&mut Capture> {
        self.capture.as_deref_mut()
    }

    /// As [`State::create_expected`].
    #[inline]
    pub(crate) fn create_and_tell(
        &mut self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
        cells: &Cells,
    ) -> bool {
        let created = self.create_expected(id, metadata, cells);
        if created {
            self.tell_created(cells);
        }
        created
    }

    /// As [`State::enter_next`].
    #[inline]
    pub(crate) fn enter_and_tell(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> bool {
        let entered = self.enter_next(id, clock, cells);
        if entered {
            self.tell_entered();
        }
        entered
    }

    /// As [`State::exit_top`].
    #[inline]
    pub(crate) fn exit_and_tell(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        let exited = self.exit_top(id, now, cells);
        if exited {
            self.tell(Step::Exited(now));
        }
        exited
    }

    /// As [`State::close_parked`], at a time that was read.
    #[inline]
    pub(crate) fn close_and_tell(&mut self, id: NonZeroU64, now: u64, cells: &Cells) -> bool {
        let closed = self.close_parked(id, false, || now, cells).is_ok();
        if closed {
            self.tell_closed(now);
        }
        closed
    }

    /// A span was parked where nothing was.
    pub(super) fn tell_created(&mut self, cells: &Cells) {
        self.tell(Step::Created(cells.pinned(self.frames.next().cell).node()));
    }

    /// The last span of the chain has another node.
    pub(super) fn tell_renamed(&mut self, node: PathId) {
        if let Some(capture) = &mut self.capture {
            capture.chain_renamed(node);
        }
    }

    /// The next span was entered, at the last stamp.
    pub(super) fn tell_entered(&mut self) {
        self.tell(Step::Entered(self.since));
    }

    /// The last span of the chain has closed.
    pub(super) fn tell_closed(&mut self, now: u64) {
        self.tell(Step::Closed(now));
    }

    fn tell(&mut self, step: Step) {
        if let Some(capture) = &mut self.capture {
            capture.tell(step);
        }
    }
}
