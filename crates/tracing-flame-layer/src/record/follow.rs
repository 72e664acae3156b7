//! A thread's own operation while it is followed: its capture hears of each step
//! that the chain takes.
//!
//! Such a thread does not walk in at the door of the quick way (see
//! `current::with_local`). It has one of its own, which is as quick but for what it
//! tells; the last close goes another way, as the operation ends with it. None of it
//! is inlined, so that others who come by need no room on the stack for it.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    Current, capture::Capture, cell::Cells, operation::ThreadKey, paths::PathId, state::State,
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
        self.following(|state, cells| state.create_and_tell(id, metadata, cells)).unwrap_or(false)
    }

    /// As [`Current::enter_at_once`].
    #[inline(never)]
    pub(crate) fn enter_followed(&self, id: NonZeroU64) -> bool {
        self.following(|state, cells| state.enter_and_tell(id, counter_ticks, cells))
            .unwrap_or(false)
    }

    /// As [`Current::exit_at_once`].
    #[inline(never)]
    pub(crate) fn exit_followed(&self, id: NonZeroU64) -> bool {
        self.following(|state, cells| state.exit_and_tell(id, counter_ticks(), cells))
            .unwrap_or(false)
    }

    /// As [`Current::close_at_once`], for any span but the root.
    #[inline(never)]
    pub(crate) fn close_followed(&self, id: NonZeroU64) -> Result<(), Option<NonZeroU64>> {
        let close = |state: &mut State, cells: &Cells| {
            if state.follows_root_only() {
                return Err(None);
            }
            state.close_and_tell(id, counter_ticks, cells)
        };
        self.following(close).unwrap_or(Err(None))
    }
}

impl State {
    /// Lets a capture follow the own operation, which the calling thread begins next.
    pub(crate) fn follow(&mut self, mut capture: Box<Capture>, thread: ThreadKey) {
        capture.begin_chain(thread);
        self.capture = Some(capture);
    }

    /// Ends following.
    pub(crate) fn unfollow(&mut self) -> Option<Box<Capture>> {
        self.capture.take()
    }

    /// The capture of an own operation that has just ended.
    pub(crate) fn unfollow_ended(&mut self) -> Option<Box<Capture>> {
        self.capture.take_if(|capture| capture.chain_length() == 0)
    }

    /// Whether the own operation is followed.
    pub(crate) fn is_followed(&self) -> bool {
        self.capture.is_some()
    }

    /// The capture, while the own operation is followed.
    pub(crate) fn capture(&mut self) -> Option<&mut Capture> {
        self.capture.as_deref_mut()
    }

    /// Whether nothing but the root of an operation that is followed is open.
    fn follows_root_only(&self) -> bool {
        self.capture.as_ref().is_none_or(|capture| capture.chain_length() == 1)
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
        if let (true, Some(capture)) = (exited, &mut self.capture) {
            capture.chain_exited(self.since);
        }
        exited
    }

    /// As [`State::close_parked`].
    #[inline]
    pub(crate) fn close_and_tell(
        &mut self,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
        cells: &Cells,
    ) -> Result<(), Option<NonZeroU64>> {
        let mut read = 0;
        let clock = || {
            read = clock();
            read
        };
        self.close_parked(id, false, clock, cells)?;
        self.tell_closed(read.max(self.since));
        Ok(())
    }

    /// A span was parked where nothing was.
    pub(super) fn tell_created(&mut self, cells: &Cells) {
        if let Some(capture) = &mut self.capture {
            capture.chain_created(cells.pinned(self.frames.next().cell).node());
        }
    }

    /// The last span of the chain has another node.
    pub(super) fn tell_renamed(&mut self, node: PathId) {
        if let Some(capture) = &mut self.capture {
            capture.chain_renamed(node);
        }
    }

    /// The next span was entered, at the last stamp.
    pub(super) fn tell_entered(&mut self) {
        if let Some(capture) = &mut self.capture {
            capture.chain_entered(self.since);
        }
    }

    /// The last span of the chain has closed.
    pub(super) fn tell_closed(&mut self, now: u64) {
        if let Some(capture) = &mut self.capture {
            capture.chain_closed(now);
        }
    }
}
