//! When a thread reads its counters: see [`reading`](super::reading).

use std::cell::Cell;

use crate::platform::{Counted, Counters, Switched, Usage, Used, keeping_error};

use super::{budget::Budget, order::Order, reading::Reading};

/// How often counters are read again at the most.
const TRIES: u32 = 3;

/// What a thread knows of its readings in one of its logs.
pub(super) struct Watch {
    flag: Switched,
    budget: Budget,
    /// What was counted at the latest.
    usage: Cell<Usage>,
    /// How often the thread's flag had been found raised, by whatever log, when this one
    /// had its latest reading.
    seen: Cell<u64>,
    /// Up to when the thread, which has said so, does not read its counters; 0 where it does.
    dark: Cell<u64>,
    /// What it had used at its latest change of frames, where that is wanted, and in which
    /// process.
    used: Option<Cell<(u32, Used)>>,
}

/// What a thread finds as it looks whether its counters are to be read.
pub(super) enum Look {
    Reading(Reading),
    /// They are, and may not: from here on it is not known what the thread does.
    Dark,
}

thread_local! {
    /// How often the thread's flag was found raised. All of its logs share the flag, and each
    /// wants to know.
    static RAISED: Cell<u64> = const { Cell::new(0) };
}

impl Watch {
    /// Of a thread that is to be watched if `is_wanted`: by its flag, or where it has none by
    /// all of its changes of frames. What it uses is read at each of them if it `wants_used`.
    pub(super) fn of_this_thread(is_wanted: bool, wants_used: bool) -> Self {
        let (flag, budget) = match Switched::of_this_thread() {
            _ if !is_wanted => (Switched::never(), Budget::of_switches()),
            Some(flag) => (flag, Budget::of_switches()),
            None => (Switched::always(), Budget::of_changes()),
        };
        // What came before this is of no frame.
        let used = || Cell::new((std::process::id(), Usage::of_this_thread().used));
        Self {
            flag,
            budget,
            usage: Cell::default(),
            seen: Cell::new(u64::MAX),
            dark: Cell::new(0),
            used: wants_used.then(|| keeping_error(used)),
        }
    }

    /// What tells whether there is something to be read at a change of frames.
    pub(super) fn flag(&self) -> Switched {
        if self.used.is_some() { Switched::always() } else { self.flag }
    }

    /// What the thread used since its latest change of frames, where that is wanted and
    /// anything.
    pub(super) fn used(&self) -> Option<Used> {
        let latest = self.used.as_ref()?;
        let process = std::process::id();
        let now = keeping_error(Usage::of_this_thread).used;
        let (before_in, before) = latest.replace((process, now));
        // A child that was forked counts from nought.
        let before = if before_in == process { before } else { Used::default() };
        Some(now.since(before)).filter(|used| *used != Used::default())
    }

    /// What the thread's counters say, if it may have been switched out since they were read
    /// last.
    ///
    /// # Safety
    ///
    /// Only the thread whose log this is may call it.
    pub(super) unsafe fn look(&self, counters: &Counters, order: &Order) -> Option<Look> {
        if self.flag.is_never() {
            return None;
        }
        let process = std::process::id();
        if counters.are_anothers(process) {
            self.begin_anew(counters);
            return Some(Look::Dark);
        }
        if self.flag.is_always() {
            return self.look_at_change(counters, order, process);
        }
        // SAFETY: the caller's promise, passed on.
        if !unsafe { self.is_due() } {
            return None;
        }
        let all = self.budget.take(order.now());
        let reading = self.read(counters, all, process)?;
        Some(Look::Reading(reading))
    }

    /// What a thread without a flag finds: it reads all that is counted, or nothing. Once it has
    /// used up what it may read, it goes on when that is there again in full, so that what
    /// is known are stretches and no single instants.
    fn look_at_change(&self, counters: &Counters, order: &Order, process: u32) -> Option<Look> {
        let now = order.now();
        let may_read = self.dark.get() <= now && self.budget.take(now);
        if may_read && self.dark.get() > 0 {
            // What was counted meanwhile is of no frame that anybody knows.
            self.usage.set(Usage::of_this_thread());
        }
        let reading = if may_read { self.read(counters, true, process) } else { None };
        let dark = if reading.is_some() { 0 } else { self.budget.full() };
        let was_dark = self.dark.replace(dark) > 0;
        match reading {
            Some(reading) => Some(Look::Reading(reading)),
            None => (!was_dark).then_some(Look::Dark),
        }
    }

    /// Up to when the thread need not look, in ticks of the counter.
    pub(super) fn dark(&self) -> u64 {
        if self.used.is_some() { 0 } else { self.dark.get() }
    }

    /// The thread has been forked: its counters are others from now on, and what it did since
    /// it read them last was in part its parent's.
    fn begin_anew(&self, counters: &Counters) {
        keeping_error(|| counters.open());
        self.usage.set(Usage::of_this_thread());
        self.seen.set(u64::MAX);
    }

    /// Whether the thread has been switched out since the latest reading, or there was none.
    ///
    /// # Safety
    ///
    /// As for [`look`](Self::look).
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

    /// Reads the CPU time, or all that is counted, in the process of this number.
    fn read(&self, counters: &Counters, all: bool, process: u32) -> Option<Reading> {
        keeping_error(|| {
            if !counters.are_open(process) {
                counters.open();
                self.usage.set(Usage::of_this_thread());
            }
            let since = all.then(|| {
                let usage = Usage::of_this_thread();
                usage.since(self.usage.replace(usage))
            });
            Some(Reading::of_itself(self.count(counters, all)?, since.as_ref()))
        })
    }

    /// Reads the counters again if the thread was switched out meanwhile, as they would be of
    /// two moments; not for ever.
    fn count(&self, counters: &Counters, all: bool) -> Option<Counted> {
        let mut counted = counters.of_this_thread(all)?;
        for _ in 0..TRIES {
            // SAFETY: whoever reads is the thread whose log this is.
            unsafe {
                if self.flag.is_always() || !self.flag.is_raised() {
                    break;
                }
                self.flag.arm();
            }
            // Others of the thread's logs have not seen it.
            RAISED.with(|raised| {
                raised.set(raised.get().wrapping_add(1));
                self.seen.set(raised.get());
            });
            counted = counters.of_this_thread(all)?;
        }
        Some(counted)
    }

    /// The thread ends.
    ///
    /// # Safety
    ///
    /// As for [`look`](Self::look).
    pub(super) unsafe fn end(&self) {
        // SAFETY: the caller's promise, passed on.
        unsafe { self.flag.disarm() };
    }
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod tests {
    use super::*;

    /// What a thread used before it was forked is not what it used in the child.
    #[test]
    fn what_a_thread_did_around_a_fork_is_not_known() {
        let (watch, counters) = (Watch::of_this_thread(true, false), Counters::default());
        // SAFETY: the log is this thread's, as nobody else has it.
        let look = || unsafe { watch.look(&counters, &Order::Counter) };
        assert!(matches!(look(), Some(Look::Reading(_))));
        counters.give_away();
        assert!(matches!(look(), Some(Look::Dark)));
        let Some(Look::Reading(reading)) = look() else { panic!("it reads as soon as it may") };
        assert!(reading.delay.is_some() && reading.voluntary.is_some(), "{reading:?}");
        // SAFETY: this thread's.
        unsafe { watch.end() };
    }
}
