//! What stamps are: the processor's counter, or where time comes from elsewhere a number
//! that all threads count together.
//!
//! A clock of the host's own may stand still, and others are too coarse to tell what
//! happened first: there a number orders entries, and an entry says besides what the
//! clock said.

use super::sync::{AtomicU64, SeqCst, counter};
use crate::Clock;

/// What stamps are.
#[derive(Debug)]
pub(crate) enum Order {
    /// The counter that the clock is, too.
    Counter,
    /// How many entries were stamped so far.
    Number(AtomicU64),
}

impl Order {
    /// What fits a clock.
    pub(crate) fn of(clock: &Clock) -> Self {
        if clock.reads_counter() { Self::Counter } else { Self::Number(AtomicU64::new(0)) }
    }

    /// The stamp of an entry that is written now.
    #[inline]
    pub(crate) fn stamp(&self) -> u64 {
        match self {
            Self::Counter => counter(),
            // SeqCst, and a change and no load: what this thread stored before, its writing
            // cursor above all, is seen by whoever gets a larger number.
            Self::Number(number) => number.fetch_add(1, SeqCst).wrapping_add(1),
        }
    }

    /// What the latest entry is stamped with at the most.
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::Counter => counter(),
            // A change by nothing, and no load: it has a place among all the changes, and sees
            // what each thread stored before one that comes earlier.
            Self::Number(number) => number.fetch_add(0, SeqCst),
        }
    }

    /// Whether stamps are not the clock's times.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// Whether it takes a barrier to know that what comes is stamped later.
    pub(super) fn needs_barrier(&self) -> bool {
        matches!(self, Self::Counter)
    }

    /// By how much stamps of two processors may be in the wrong order.
    pub(crate) fn skew(&self) -> u64 {
        // Some microseconds of the counter; numbers are in the right one.
        if self.is_number() { 0 } else { 1 << 13 }
    }
}
