//! How often a thread reads all of its counters, which takes some microseconds.

use std::cell::Cell;

/// How many readings a thread may take at once, after a time without any.
const ADVANCE: u64 = 64;

/// The readings of one thread, of which one comes in so many ticks.
#[derive(Debug)]
pub(super) struct Budget {
    apart: u64,
    /// Up to when readings have been paid for.
    paid: Cell<u64>,
}

impl Budget {
    /// That of a thread that is told when it was switched out. Where that is more often than
    /// 40,000 times a second (of a counter of 2.6 GHz), it reads its CPU time alone in between,
    /// an eighth of the work.
    pub(super) fn of_switches() -> Self {
        Self::new(1 << 16)
    }

    /// That of a thread that has to read at each change of frames, switched out or not: 5,000
    /// a second (of such a counter), so that it takes some two hundredths of its time.
    pub(super) fn of_changes() -> Self {
        Self::new(1 << 19)
    }

    fn new(apart: u64) -> Self {
        Self { apart, paid: Cell::new(0) }
    }

    /// Takes a reading at a moment in ticks, if there is one.
    pub(super) fn take(&self, now: u64) -> bool {
        let paid = self.paid.get().max(now.saturating_sub(self.most()));
        let is_there = paid <= now;
        if is_there {
            self.paid.set(paid.saturating_add(self.apart));
        }
        is_there
    }

    /// From when on as many are there as there can be.
    pub(super) fn full(&self) -> u64 {
        self.paid.get().saturating_add(self.most())
    }

    fn most(&self) -> u64 {
        self.apart.saturating_mul(ADVANCE)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_the_time_and_some_at_once() {
        let (budget, start) = (Budget::new(10), 10_000);
        assert!(budget.full() <= start);
        let at_once = (0..1_000).filter(|_| budget.take(start)).count();
        assert_eq!(at_once, 65, "those in advance, and the one of now");
        assert_eq!(budget.full(), start + 650);
        let later = (start..start + 1_000).filter(|now| budget.take(*now)).count();
        assert_eq!(later, 99);
        assert_eq!(budget.full(), start + 1_000 + 640);
    }
}
