//! The clock of those who work in an operation, read without its lock.
//!
//! It runs evenly from one change of their number to the next, so whoever knows
//! since when and at what pace can tell what it shows. That is written under the
//! lock and read by the threads that have a [lease](super::lease), a sequence lock
//! between them: odd while the operation is held.

use super::{
    sync::{
        AtomicU64,
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
    ticks::share_of,
};

/// How the clock runs from a moment on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Ticks at that moment.
    pub(crate) since: u64,
    /// What the clock showed then.
    pub(crate) clock: u64,
    /// What was left of the last division.
    pub(crate) remainder: u64,
    /// How many share.
    pub(crate) count: u64,
}

impl Pace {
    /// What the clock shows. Before its moment it stands still.
    #[inline]
    fn at(&self, now: u64) -> Option<u64> {
        let whole = share_of(now.saturating_sub(self.since)).wrapping_add(self.remainder);
        let share = if self.count == 1 { whole } else { whole.checked_div(self.count)? };
        Some(self.clock.wrapping_add(share))
    }
}

/// The clock's pace, shut at first.
#[derive(Debug)]
pub(crate) struct Work {
    version: AtomicU64,
    since: AtomicU64,
    clock: AtomicU64,
    remainder: AtomicU64,
    count: AtomicU64,
}

impl Default for Work {
    fn default() -> Self {
        let [since, clock, remainder, count] = std::array::from_fn(|_| AtomicU64::new(0));
        Self { version: AtomicU64::new(1), since, clock, remainder, count }
    }
}

impl Work {
    /// Lets nobody read it; the operation's lock is held, here and below.
    pub(crate) fn shut(&self) {
        self.version.store(self.version.load(Relaxed) | 1, Relaxed);
        // Whoever reads the real clock later than this thread is about to, and then the
        // version, finds it shut; and what is written now is not seen before that.
        fence(SeqCst);
    }

    /// Lets it be read.
    pub(crate) fn open(&self, pace: Pace) {
        self.since.store(pace.since, Relaxed);
        self.clock.store(pace.clock, Relaxed);
        self.remainder.store(pace.remainder, Relaxed);
        self.count.store(pace.count, Relaxed);
        let version = self.version.load(Relaxed) | 1;
        // Release: whoever sees it open sees the pace.
        self.version.store(version.wrapping_add(1), Release);
    }

    /// What the clock shows, unless it is shut or being changed.
    #[inline]
    pub(crate) fn at(&self, now: u64) -> Option<u64> {
        // Acquire: pairs with the release in `open`.
        let version = self.version.load(Acquire);
        let pace = Pace {
            since: self.since.load(Relaxed),
            clock: self.clock.load(Relaxed),
            remainder: self.remainder.load(Relaxed),
            count: self.count.load(Relaxed),
        };
        // The version is read after the pace; pairs with the fence in `shut`.
        fence(Acquire);
        if version % 2 == 1 || self.version.load(Relaxed) != version {
            return None;
        }
        pace.at(now)
    }
}
