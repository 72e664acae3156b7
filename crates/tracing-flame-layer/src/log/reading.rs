//! What a thread's counters said, as it stands in a log.
//!
//! A thread that finds itself switched out since it read its counters last reads them again,
//! at its next enter or exit and ahead of that one's entry. So whatever it did not spend on a
//! CPU since the reading before lies behind its last enter or exit. One that has nothing to find
//! that by reads them at each, or says that it does not.

use crate::platform::{Counted, Seen, Usage};

/// A reading of a thread's counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "tests reach it by a feature")]
pub struct Reading {
    /// Nanoseconds on a CPU so far.
    pub cpu: u64,
    /// Nanoseconds that it waited for a CPU so far; `None` where that was not read.
    pub delay: Option<u64>,
    /// Whether `delay` may lack a wait that is under way.
    pub may_be_waiting: bool,
    /// How often it let go of its CPU since the reading before; `None` where that was not
    /// read.
    pub voluntary: Option<u32>,
    /// How often that was taken from it.
    pub involuntary: u32,
    /// How often it had to wait for a page to be read.
    pub major_faults: u32,
}

/// Bits of each number of switches, and of faults; more than they hold is cut off, and
/// the largest stands for none that was read.
const BITS: u32 = 20;
const MOST: u64 = (1 << BITS) - 1;
/// Stands for a delay that was not read.
const NO_DELAY: u64 = u64::MAX;

impl Reading {
    /// Stands for numbers that were not read.
    pub(crate) const NOT_COUNTED: u64 = MOST;

    /// What a thread read of itself.
    pub(crate) fn of_itself(counted: Counted, since: Option<&Usage>) -> Self {
        let small = |count: u64| count.min(MOST - 1) as u32;
        Self {
            cpu: counted.cpu,
            delay: counted.delay,
            // It is on a CPU.
            may_be_waiting: false,
            voluntary: since.map(|since| small(since.voluntary)),
            involuntary: since.map_or(0, |since| small(since.involuntary)),
            major_faults: since.map_or(0, |since| small(since.major_faults)),
        }
    }

    /// What was read of another thread.
    pub(crate) fn of_another(seen: Seen) -> Self {
        let Seen { counted: Counted { cpu, delay }, may_be_waiting } = seen;
        let (voluntary, involuntary, major_faults) = (None, 0, 0);
        Self { cpu, delay, may_be_waiting, voluntary, involuntary, major_faults }
    }

    /// Whether the thread went to sleep since the reading before, and had no fewer major faults:
    /// then each sleep was for a page that had to be read, as far as each fault takes one.
    pub(crate) fn slept_for_pages_alone(&self) -> bool {
        let slept = self.voluntary.filter(|slept| u64::from(*slept) < MOST - 1);
        slept.is_some_and(|slept| (1..=self.major_faults).contains(&slept))
    }

    /// The delay, where it has all waits in it: one under way is counted later, as if it had
    /// begun then.
    pub(crate) fn whole_delay(&self) -> Option<u64> {
        self.delay.filter(|_| !self.may_be_waiting)
    }

    /// The numbers of switches and faults, in one.
    pub(super) fn counts(&self) -> u64 {
        self.voluntary.map_or(MOST, u64::from)
            | u64::from(self.involuntary) << BITS
            | u64::from(self.major_faults) << (2 * BITS)
    }

    /// The delay, in one number.
    pub(super) fn delay_word(&self) -> u64 {
        self.delay.unwrap_or(NO_DELAY)
    }

    /// What was written.
    pub(crate) fn of_words(cpu: u64, delay: u64, counts: u64) -> Self {
        let part = |from: u32| (counts >> from & MOST) as u32;
        Self {
            cpu,
            delay: (delay != NO_DELAY).then_some(delay),
            may_be_waiting: false,
            voluntary: Some(part(0)).filter(|count| u64::from(*count) < MOST),
            involuntary: part(BITS),
            major_faults: part(2 * BITS),
        }
    }
}
