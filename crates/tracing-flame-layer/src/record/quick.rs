//! The quick way of each callback: what usually is to do, inline, without a call.
//!
//! Each tells whether that was it. If not, nothing was done.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::Current;
use crate::clock::counter_ticks;

impl Current {
    /// Creates a span below the current one.
    #[inline(always)]
    pub(crate) fn create_at_once(
        &self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
    ) -> bool {
        // SAFETY: nothing is called that makes a span, nor is memory asked for, which
        // may be the program's own code; so here and below.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        own.state.create_expected(id, metadata, &record.cells)
    }

    /// Enters a span.
    #[inline(always)]
    pub(crate) fn enter_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        own.state.enter_next(id, counter_ticks, &record.cells)
    }

    /// Exits a span.
    #[inline(always)]
    pub(crate) fn exit_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        own.state.exit_top(id, counter_ticks(), &record.cells)
    }

    /// Closes a span. If not, returns the time if it was read.
    #[inline(always)]
    pub(crate) fn close_at_once(&self, id: NonZeroU64) -> Result<(), Option<NonZeroU64>> {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return Err(None) };
        own.state.close_parked(id, false, counter_ticks, &record.cells)
    }

    /// Closes a span that took long, at a time that was read.
    pub(crate) fn close_long_at_once(&self, id: NonZeroU64, now: u64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        own.state.close_long(id, false, now, &record.cells)
    }

    /// Creates a root that another thread probably enters.
    pub(crate) fn create_fresh_at_once(
        &self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
    ) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        self.recorder.create_fresh(record, &mut own, id, metadata)
    }

    /// Enters such a root first.
    #[inline(always)]
    pub(crate) fn enter_fresh_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        self.recorder.take_fresh(record, &mut own.state, id, counter_ticks)
    }

    /// Creates a span of the chain that the thread has on lease.
    pub(crate) fn create_leased_at_once(
        &self,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
    ) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.leased_at_once() }) else { return false };
        own.state.create_leased(id, metadata, &record.cells)
    }

    /// Enters one.
    pub(crate) fn enter_leased_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.leased_at_once() }) else { return false };
        self.recorder.enter_leased(record, &mut own.state, id, counter_ticks)
    }

    /// Exits one.
    pub(crate) fn exit_leased_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.leased_at_once() }) else { return false };
        self.recorder.exit_leased(record, &mut own.state, id, counter_ticks())
    }

    /// Closes one.
    pub(crate) fn close_leased_at_once(&self, id: NonZeroU64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.leased_at_once() }) else { return false };
        own.state.close_leased_at_once(id, counter_ticks(), &record.cells)
    }

    /// Closes a root that this thread has taken, at a time that was read.
    #[inline(always)]
    pub(crate) fn close_taken_at_once(&self, id: NonZeroU64, now: u64) -> bool {
        // SAFETY: as above.
        let Some((record, mut own)) = (unsafe { self.at_once() }) else { return false };
        self.recorder.close_taken(record, &mut own.state, id, now)
    }
}
