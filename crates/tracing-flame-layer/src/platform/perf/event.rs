//! A thread's event: who has one, and what is read of it.

use std::{
    ptr::null_mut,
    sync::atomic::{
        AtomicPtr, AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use super::{
    super::{counters::keeping_error, cpu::time_of, elsewhere::elsewhere},
    PageFault, Record, Switch,
    mapping::{self, MAPPED, Mapped, PAGE, open},
};

/// Which process this is, by its number and by how many forks lie before it: a child in a
/// name space of its own may have its parent's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PerfKey(u64);

/// How many forks lie before this process.
static FORKS: AtomicU32 = AtomicU32::new(0);
/// The key of the process in which threads may open events, one of which is held; 0 of none.
static HELD_IN: AtomicU64 = AtomicU64::new(0);
impl PerfKey {
    pub(crate) fn of_this_process() -> Self {
        // Relaxed: a fork changed it before the child had a second thread.
        Self(u64::from(FORKS.load(Relaxed)) << 32 | u64::from(std::process::id()))
    }

    /// The process is a child from now on.
    pub(crate) fn note_fork() {
        // Relaxed: there is but one thread.
        FORKS.fetch_add(1, Relaxed);
    }
}

/// `PERF_RECORD_LOST`, `PERF_RECORD_SAMPLE`, `PERF_RECORD_SWITCH`
const LOST: u32 = 2;
const SAMPLE: u32 = 9;
const SWITCH: u32 = 14;
/// Bits of a switch: `PERF_RECORD_MISC_SWITCH_OUT`, `PERF_RECORD_MISC_SWITCH_OUT_PREEMPT`
const IS_OUT: u64 = 1 << (32 + 13);
const IS_PREEMPTED: u64 = 1 << (32 + 14);

/// After so many switches without a fault a thread gives its event up.
const QUIET: u32 = 1_000;
/// After so many, if they are noted down, these are to be read: a quarter of what there is
/// room for.
const MANY: u32 = 256;

/// The clock by which faults are timed, in nanoseconds.
pub(crate) fn raw_time() -> Option<u64> {
    time_of(libc::CLOCK_MONOTONIC_RAW)
}

/// A thread's event, if it has one. The thread opens it and gives it up; whoever has the
/// logs reads it.
#[derive(Debug)]
pub(crate) struct PerfEvent {
    /// The process in which the thread asked for it, and was given it or not.
    asked_in: AtomicU64,
    /// What is mapped. Whoever uses it takes it away meanwhile, so that nobody else does;
    /// null where there is none.
    mapped: AtomicPtr<u8>,
    /// The thread's switches since its latest fault; where these are noted down, since they
    /// were said to be many.
    quiet: AtomicU32,
}

impl Default for PerfEvent {
    fn default() -> Self {
        let (asked_in, quiet) = (AtomicU64::new(0), AtomicU32::new(0));
        Self { asked_in, mapped: AtomicPtr::default(), quiet }
    }
}

impl PerfEvent {
    /// Finds out whether threads of this process may have events, on one of ours, and lets
    /// them if so. Takes some milliseconds the first time.
    pub(crate) fn find() {
        // Relaxed: as in `allow`.
        if HELD_IN.load(Relaxed) != PerfKey::of_this_process().0 {
            elsewhere(Self::allow);
        }
    }

    /// Tries on this thread, which is one of ours, whether events may be had, and keeps one.
    pub(crate) fn allow() {
        let key = PerfKey::of_this_process().0;
        // Relaxed, here and below: whoever sees it goes by nothing else that was done.
        if HELD_IN.load(Relaxed) == key {
            return;
        }
        mapping::forget_locked();
        // Never unmapped, so that there is one for as long as the process is there.
        if !open(PAGE, false).is_null() {
            HELD_IN.store(key, Relaxed);
        }
    }

    /// What the thread does once it has read its counters: opens its event, keeps it, or
    /// gives it up, by how often it was switched out since, and how many faults it had. One
    /// whose switches are wanted keeps it. Whether what is noted down should be read soon.
    pub(crate) fn keep_up(&self, wanted: bool, switches: u32, faults: u32) -> bool {
        let key = PerfKey::of_this_process().0;
        // Relaxed: these are stored by this thread, or by `allow` as argued there.
        let was_asked = self.asked_in.load(Relaxed) == key;
        let quiet = if faults > 0 { 0 } else { self.quiet.load(Relaxed) };
        let quiet = quiet.saturating_add(switches);
        self.quiet.store(quiet, Relaxed);
        if !was_asked && (wanted || quiet < QUIET) && HELD_IN.load(Relaxed) == key {
            // Relaxed: nobody looks there before the next store shows it.
            self.mapped.store(null_mut(), Relaxed);
            // Release: whoever finds the event to be of this process does not find what was
            // mapped in the one that this was forked from.
            self.asked_in.store(key, Release);
            let mapped = keeping_error(|| open(MAPPED, wanted));
            // Release: whoever takes it finds what is mapped there.
            self.mapped.store(mapped, Release);
        }
        if wanted {
            let are_many = quiet >= MANY;
            if are_many {
                self.quiet.store(0, Relaxed);
            }
            return are_many || faults > 0;
        }
        if was_asked && quiet >= QUIET && faults == 0 {
            self.give_up();
        }
        faults > 0
    }

    /// Unless something is noted down there that nobody has read, or is being read.
    fn give_up(&self) {
        let taken = Mapped::take(&self.mapped);
        if let Some(mapped) = taken.filter(|mapped| mapped.head() == mapped.tail()) {
            mapped.unmap();
            // Relaxed: this thread loads it. From now on it may ask again.
            self.asked_in.store(0, Relaxed);
        }
    }

    /// Reads what was noted down since this was called last, in the order of time; a fault
    /// that there was no room for is missing. Nobody but whoever has the logs calls it.
    pub(crate) fn read(&self, process: PerfKey, mut take: impl FnMut(Record)) {
        // Acquire: pairs with the release in `keep_up`.
        if self.asked_in.load(Acquire) != process.0 {
            return;
        }
        let Some(mapped) = Mapped::take(&self.mapped) else { return };
        let (head, mut tail) = (mapped.head(), mapped.tail());
        while tail < head {
            let record = mapped.word(tail);
            // Its kind, some bits, and its length.
            let (kind, length) = (record as u32, record >> 48);
            let word = |place: u64| mapped.word(tail.wrapping_add(8 * place));
            match kind {
                SAMPLE => take(Record::Fault(PageFault { at: word(1), address: word(2) })),
                SWITCH if record & IS_OUT == 0 => take(Record::Switch(word(1), Switch::In)),
                SWITCH => {
                    let preempted = record & IS_PREEMPTED != 0;
                    take(Record::Switch(word(1), Switch::Out { preempted }));
                }
                // Behind the event's number, and how many were lost.
                LOST => take(Record::Switch(word(3), Switch::Missing)),
                _ => {}
            }
            // One without a length would never end.
            tail = tail.saturating_add(length.max(8));
        }
        mapped.advance(head);
    }
}

impl Drop for PerfEvent {
    fn drop(&mut self) {
        // Of another process nothing is mapped here.
        if *self.asked_in.get_mut() == PerfKey::of_this_process().0
            && let Some(mapped) = Mapped::take(&self.mapped)
        {
            mapped.unmap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event of this thread's; `None` where none is to be had.
    fn opened() -> Option<PerfEvent> {
        PerfEvent::find();
        let event = PerfEvent::default();
        event.keep_up(false, 1, 0);
        let is_open = !event.mapped.load(Relaxed).is_null();
        if !is_open {
            println!("no perf events are to be had here");
        }
        is_open.then_some(event)
    }

    #[test]
    fn a_thread_that_has_no_faults_gives_its_event_up_until_it_has_one() {
        let Some(event) = opened() else { return };
        let is_open = || !event.mapped.load(Relaxed).is_null();
        assert!(!event.keep_up(false, QUIET - 2, 0) && is_open());
        assert!(!event.keep_up(false, 1, 0) && !is_open(), "it was switched too often");
        assert!(!event.keep_up(false, 1, 0) && !is_open());
        assert!(event.keep_up(false, 1, 1) && is_open(), "it had a fault");
        assert!(event.keep_up(false, QUIET, 1) && is_open());
    }

    #[test]
    fn while_records_are_read_an_event_is_left_alone() {
        let Some(event) = opened() else { return };
        let taken = Mapped::take(&event.mapped).expect("an event");
        event.give_up();
        assert_eq!(event.asked_in.load(Relaxed), PerfKey::of_this_process().0);
        drop(taken);
        event.give_up();
        assert_eq!(event.asked_in.load(Relaxed), 0);
    }

    #[test]
    fn what_is_of_another_process_is_neither_read_nor_unmapped() {
        let Some(mut event) = opened() else { return };
        let mapped = *event.mapped.get_mut();
        let (here, other) = (PerfKey::of_this_process(), PerfKey(u64::MAX));
        event.read(other, |record| panic!("{record:?}"));
        *event.asked_in.get_mut() = other.0;
        drop(event);
        // It would be a fault of another kind if it were not there.
        let event = PerfEvent::default();
        event.mapped.store(mapped, Relaxed);
        event.asked_in.store(here.0, Relaxed);
        event.read(here, |_| ());
        assert!(!event.mapped.load(Relaxed).is_null());
    }

    #[test]
    fn a_thread_of_ours_is_under_no_filter_here_and_may_be_told() {
        let text = std::fs::read_to_string("/proc/thread-self/status").expect("/proc");
        let is_free = text.lines().any(|line| line == "Seccomp:\t0");
        assert_eq!(mapping::may_be_filtered(), !is_free);
    }
}
