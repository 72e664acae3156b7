//! A root that one thread makes and another enters, as a runtime's tasks are.
//!
//! Once a thread has seen that others enter its roots of a callsite, it puts those
//! where others find them, and whoever enters one first takes it by one
//! compare-and-swap. This is the quick way of it; each of these tells whether that
//! was it. If not, nothing was done. Roots that are to be followed go another way:
//! whoever enters one fetches what follows it.

use std::num::NonZeroU64;

use tracing::Metadata;

use super::{
    recorder::Recorder,
    state::State,
    table::{Entry, Place},
    thread::{Owned, ThreadRecord},
};

impl Recorder {
    /// Creates a root of a callsite whose roots wander, inside the thread's section.
    #[inline]
    pub(super) fn create_fresh(
        &self,
        record: &ThreadRecord,
        own: &mut Owned,
        id: NonZeroU64,
        metadata: &'static Metadata<'static>,
    ) -> bool {
        let Some(cell) = record.cells.expected_wanderer(metadata) else { return false };
        let cell = record.cells.pinned(cell);
        let entry = Entry { place: Place::Fresh { followed: false }, node: cell.node() };
        let placed =
            own.state.stack().is_empty() && record.table.slot(id.get()).fill(id.get(), entry);
        if placed {
            cell.calls.add(1);
            own.settle(id.get(), record.key, &self.threads);
        }
        placed
    }

    /// Takes a root that nobody has entered and enters it, on a thread that does
    /// nothing else.
    #[inline]
    pub(super) fn take_fresh(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        clock: impl FnOnce() -> u64,
    ) -> bool {
        if !state.is_idle() {
            return false;
        }
        let Some(slot) = self.guessed_slot(id.get()) else { return false };
        let Some(cell) = slot.fresh().and_then(|node| record.cells.pin_taken(node)) else {
            return false;
        };
        let taken = slot.take_fresh(record.key);
        if taken {
            state.enter_taken(id, cell, clock, &record.cells);
        }
        taken
    }

    /// Closes a root that this thread has taken, the only span that is parked.
    #[inline]
    pub(super) fn close_taken(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        now: u64,
    ) -> bool {
        let closed = state.close_parked(id, true, || now, &record.cells).is_ok()
            || state.close_long(id, true, now, &record.cells);
        if closed && !self.guessed_slot(id.get()).is_some_and(|slot| slot.clear(id.get())) {
            self.forget(record, id.get());
        }
        closed
    }
}
