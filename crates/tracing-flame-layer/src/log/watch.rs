//! When a thread reads its counters: see [`reading`](super::reading).

use std::cell::Cell;

use crate::platform::{Counted, Counters, Switched, Usage, keeping_error};

use super::{order::Order, reading::Reading};

/// Ticks between two readings of all that is counted, in the long run, and how many a thread
/// may have in advance. One that is switched out more often reads its CPU time alone in
/// between, an eighth of the work: what else it did then is not told.
const APART: u64 = 1 << 16;
const ADVANCE: u64 = 64 * APART;
/// How often counters are read again at the most.
const TRIES: u32 = 3;

/// What a thread knows of its readings in one of its logs.
pub(super) struct Watch {
    flag: Switched,
    /// Up to when readings of all have been paid for, and what was counted at the latest.
    paid: Cell<u64>,
    usage: Cell<Usage>,
    /// How often the thread's flag had been found raised, by whatever log, when this one
    /// had its latest reading.
    seen: Cell<u64>,
}

thread_local! {
    /// How often the thread's flag was found raised. All of its logs share the flag, and each
    /// wants to know.
    static RAISED: Cell<u64> = const { Cell::new(0) };
}

impl Watch {
    /// Of a thread that is to be watched if `is_wanted`, and can be.
    pub(super) fn of_this_thread(is_wanted: bool) -> Self {
        let flag = if is_wanted { Switched::of_this_thread() } else { None };
        Self {
            flag: flag.unwrap_or_else(Switched::never),
            paid: Cell::new(0),
            usage: Cell::default(),
            seen: Cell::new(u64::MAX),
        }
    }

    pub(super) fn flag(&self) -> Switched {
        self.flag
    }

    /// Whether the thread has been switched out since the latest reading, or there was none.
    ///
    /// # Safety
    ///
    /// Only the thread whose log this is may call it.
    unsafe fn is_due(&self) -> bool {
        RAISED.with(|raised| {
            // SAFETY: the caller's promise, passed on.
            unsafe {
                if self.flag.is_raised() {
                    raised.set(raised.get().wrapping_add(1));
                    // Armed before anything is read: a switch in between is found next time,
                    // when little is left of it to be told.
                    self.flag.arm();
                }
            }
            self.seen.replace(raised.get()) != raised.get()
        })
    }

    /// What the thread's counters say, if it was switched out since they were read last.
    ///
    /// # Safety
    ///
    /// As for [`is_due`](Self::is_due).
    pub(super) unsafe fn read(&self, counters: &Counters, order: &Order) -> Option<Reading> {
        // SAFETY: the caller's promise, passed on.
        if self.flag.is_never() || !unsafe { self.is_due() } {
            return None;
        }
        keeping_error(|| {
            if !counters.are_open() {
                counters.open();
                self.usage.set(Usage::of_this_thread());
            }
            let now = order.now();
            let paid = self.paid.get().max(now.saturating_sub(ADVANCE));
            let all = paid <= now;
            let mut since = None;
            if all {
                self.paid.set(paid.saturating_add(APART));
                let usage = Usage::of_this_thread();
                since = Some(usage.since(self.usage.replace(usage)));
            }
            // SAFETY: the caller's promise, passed on.
            let counted = unsafe { self.count(counters, all) }?;
            Some(Reading::of_itself(counted, since.as_ref()))
        })
    }

    /// Reads the counters again if the thread was switched out meanwhile, as they would be of
    /// two moments; not for ever.
    ///
    /// # Safety
    ///
    /// As for [`is_due`](Self::is_due).
    unsafe fn count(&self, counters: &Counters, all: bool) -> Option<Counted> {
        let mut counted = counters.of_this_thread(all)?;
        for _ in 0..TRIES {
            // SAFETY: the caller's promise, passed on.
            unsafe {
                if !self.flag.is_raised() {
                    break;
                }
                self.flag.arm();
            }
            counted = counters.of_this_thread(all)?;
        }
        Some(counted)
    }

    /// The thread ends.
    ///
    /// # Safety
    ///
    /// As for [`is_due`](Self::is_due).
    pub(super) unsafe fn end(&self) {
        // SAFETY: the caller's promise, passed on.
        unsafe { self.flag.disarm() };
    }
}
