//! The page faults of a thread for which something had to be read, each with its address and
//! its time, as the kernel notes them down; and if they are wanted, its switches.
//!
//! A *perf event* (`perf_event_open(2)`) of the kernel's own, which counts such faults, writes a
//! record for each into memory that it shares with us. No rights are needed for one's own
//! threads where `kernel.perf_event_paranoid` is 2 or less, faults within the kernel left out.
//! Where it is not allowed a thread goes without.
//!
//! What it takes of the host:
//!
//! - **Descriptors**: none for longer than it takes to map an event, which the mapping keeps;
//!   and not that one where the host has few.
//! - **Locked memory**, which a thread's records are in: ours is a quarter of the limit at the
//!   most, as some of what else is locked counts against the limit too.
//! - **Filters**: one that kills for the call would end the host, so a thread that is under any
//!   (`/proc/thread-self/status`) does not call.
//! - **Time**: 1.4 us a switch where switches are noted down. The first event on a machine takes some 10 ms, so a thread of ours opens one, which
//!   is kept until the process ends; before that others have none. From then on one takes some
//!   30 us, once a thread, and 1 us at each switch of that thread. So a thread that is switched
//!   often and has no faults gives its event up.
//!
//! A child that was forked has none of these mappings, so what is of another process is never
//! looked at.

pub(crate) use imp::{PerfEvent, PerfKey, raw_time};

/// A page fault for which something had to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageFault {
    /// When it was over, in nanoseconds of [`raw_time`].
    pub(crate) at: u64,
    pub(crate) address: u64,
}

/// A thread's switch.
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    allow(dead_code, reason = "nothing is noted down there")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// It lost its CPU, or let go of it.
    Out {
        /// Whether it was ready to go on.
        preempted: bool,
    },
    /// It has a CPU again.
    In,
    /// Here one is missing, or more.
    Missing,
}

/// What is noted down of a thread, and when, in nanoseconds of [`raw_time`].
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    allow(dead_code, reason = "nothing is noted down there")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Fault(PageFault),
    Switch(u64, Switch),
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod imp {
    use std::{
        fs::File,
        io::Read,
        ptr::null_mut,
        sync::atomic::{
            AtomicPtr, AtomicU32, AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    };

    use super::{
        super::{
            counters::{Spare, keeping_error},
            cpu::time_of,
            elsewhere::elsewhere,
        },
        PageFault, Record, Switch,
    };

    /// Which process this is, by its number and by how many forks lie before it: a child in a
    /// name space of its own may have its parent's number.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct PerfKey(u64);

    /// How many forks lie before this process.
    static FORKS: AtomicU32 = AtomicU32::new(0);
    /// The key of the process in which threads may open events, one of which is held; 0 of none.
    static HELD_IN: AtomicU64 = AtomicU64::new(0);
    /// Bytes that are locked for all events of that process.
    static LOCKED: AtomicUsize = AtomicUsize::new(0);

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

    const PAGE: usize = 4_096;
    /// What the kernel writes records to; a power of two.
    const RECORDS: usize = 8 * PAGE;
    /// Behind the page by which both sides say how far they are.
    const MAPPED: usize = PAGE + RECORDS;
    /// Where that page says how far records are written, and have been read.
    const HEAD: usize = 1_024;
    const TAIL: usize = HEAD + 8;
    /// `PERF_RECORD_LOST`, `PERF_RECORD_SAMPLE`, `PERF_RECORD_SWITCH`
    const LOST: u32 = 2;
    const SAMPLE: u32 = 9;
    const SWITCH: u32 = 14;
    /// Bits of a switch: `PERF_RECORD_MISC_SWITCH_OUT`, `PERF_RECORD_MISC_SWITCH_OUT_PREEMPT`
    const IS_OUT: u64 = 1 << (32 + 13);
    const IS_PREEMPTED: u64 = 1 << (32 + 14);

    /// More than that is locked for nobody's limit: 8 MiB is what most have.
    const MOST_LOCKED: usize = 2 << 20;
    /// After so many switches without a fault a thread gives its event up.
    const QUIET: u32 = 1_000;
    /// After so many, if they are noted down, these are to be read: a quarter of what there is
    /// room for.
    const MANY: u32 = 256;

    /// As `struct perf_event_attr` of `linux/perf_event.h`, up to its third version.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        kind: u32,
        size: u32,
        config: u64,
        period: u64,
        sample: u64,
        read: u64,
        flags: u64,
        wakeup: u32,
        breakpoint: u32,
        config_1: u64,
        config_2: u64,
        branches: u64,
        user_registers: u64,
        user_stack: u32,
        clock: i32,
    }

    impl Attributes {
        /// Page faults, and the thread's switches if these are wanted.
        fn of_page_faults(switches: bool) -> Self {
            Self {
                kind: 1, // PERF_TYPE_SOFTWARE
                size: size_of::<Self>() as u32,
                config: 6,      // PERF_COUNT_SW_PAGE_FAULTS_MAJ
                period: 1,      // each of them
                sample: 0b1100, // PERF_SAMPLE_TIME, PERF_SAMPLE_ADDR
                flags: 1 << 5       // exclude_kernel
                    | 1 << 6        // exclude_hv
                    | 1 << 18       // sample_id_all: the time of others, too
                    | 1 << 25       // use_clockid
                    | u64::from(switches) << 26, // context_switch
                clock: libc::CLOCK_MONOTONIC_RAW,
                ..Self::default()
            }
        }
    }

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
            // What a parent had locked is not in its child.
            LOCKED.store(0, Relaxed);
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

    /// A thread's records, taken away from where others look for them, and put back in the end.
    struct Mapped<'a> {
        base: *mut u8,
        place: &'a AtomicPtr<u8>,
    }

    impl<'a> Mapped<'a> {
        fn take(place: &'a AtomicPtr<u8>) -> Option<Self> {
            // Acquire: pairs with the releases of whoever opened it, or put it back.
            let base = place.swap(null_mut(), Acquire);
            (!base.is_null()).then_some(Self { base, place })
        }

        fn number(&self, at: usize) -> &AtomicU64 {
            // SAFETY: it is one of the numbers of the first page, which the kernel and whoever
            // has taken the mapping change as one; it is mapped in this process until
            // `unmap`, which takes what this borrows.
            unsafe { &*self.base.add(at).cast::<AtomicU64>() }
        }

        fn head(&self) -> u64 {
            // Acquire: the kernel writes records before it says so.
            self.number(HEAD).load(Acquire)
        }

        fn tail(&self) -> u64 {
            // Relaxed: only we write it, and whoever did has put the mapping back.
            self.number(TAIL).load(Relaxed)
        }

        fn advance(&self, tail: u64) {
            // Release: the kernel writes there only once all has been read.
            self.number(TAIL).store(tail, Release);
        }

        /// A word of a record: these are made of words, as the memory for them is.
        fn word(&self, at: u64) -> u64 {
            let place = at as usize & (RECORDS - 1) & !7;
            // SAFETY: it lies in what is mapped behind the first page, and the kernel leaves
            // alone what lies between tail and head.
            unsafe { self.base.add(PAGE + place).cast::<u64>().read() }
        }

        /// Ends the event.
        fn unmap(self) {
            unmap(self.base, MAPPED);
            std::mem::forget(self);
        }
    }

    impl Drop for Mapped<'_> {
        fn drop(&mut self) {
            // Release: as for whoever opened it.
            self.place.store(self.base, Release);
        }
    }

    /// An event of the calling thread's, mapped; null where there is none to be had.
    fn open(bytes: usize, switches: bool) -> *mut u8 {
        let locked = LOCKED.fetch_add(bytes, Relaxed).saturating_add(bytes);
        let may = locked <= may_lock() && !may_be_filtered();
        let mapped = if may { map(bytes, switches) } else { None };
        if mapped.is_none() {
            LOCKED.fetch_sub(bytes, Relaxed);
        }
        mapped.unwrap_or(null_mut())
    }

    fn map(bytes: usize, switches: bool) -> Option<*mut u8> {
        let _spare = Spare::take()?;
        let attributes = Attributes::of_page_faults(switches);
        let (this_thread, any_cpu, no_group) = (0, -1, -1);
        let close_on_exec: libc::c_ulong = 8; // PERF_FLAG_FD_CLOEXEC
        // SAFETY: the kernel reads as much as the attributes say they are long.
        let event = unsafe {
            libc::syscall(
                libc::SYS_perf_event_open,
                &raw const attributes,
                this_thread,
                any_cpu,
                no_group,
                close_on_exec,
            )
        };
        let event = i32::try_from(event).ok().filter(|event| *event >= 0)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let mapped = if Spare::is_fit(event) {
            // SAFETY: a new mapping, wherever there is room.
            unsafe { libc::mmap(null_mut(), bytes, access, libc::MAP_SHARED, event, 0) }
        } else {
            libc::MAP_FAILED
        };
        // SAFETY: it was opened above, and nobody else knows of it.
        unsafe { libc::close(event) };
        (mapped != libc::MAP_FAILED).then_some(mapped.cast())
    }

    fn unmap(mapped: *mut u8, bytes: usize) {
        // SAFETY: it is mapped in this process, so long, and nobody has it any more.
        unsafe { libc::munmap(mapped.cast(), bytes) };
        LOCKED.fetch_sub(bytes, Relaxed);
    }

    /// How much we may lock in all.
    fn may_lock() -> usize {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it may be written.
        let known = unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) } == 0;
        let quarter = if known { limit.rlim_cur / 4 } else { 0 };
        usize::try_from(quarter).unwrap_or(usize::MAX).min(MOST_LOCKED)
    }

    /// Whether a filter of system calls may be in force on the calling thread.
    fn may_be_filtered() -> bool {
        let mut text = [0_u8; 4_096];
        let read = File::open("/proc/thread-self/status").and_then(|mut file| file.read(&mut text));
        let text = text.get(..read.unwrap_or(0)).unwrap_or_default();
        let mut lines = text.split(|byte| *byte == b'\n');
        let mode = lines.find_map(|line| line.strip_prefix(b"Seccomp:"));
        mode.is_none_or(|mode| mode.trim_ascii() != b"0")
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
            assert_eq!(may_be_filtered(), !is_free);
        }
    }
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))))]
mod imp {
    use super::Record;

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct PerfKey;

    impl PerfKey {
        pub(crate) fn of_this_process() -> Self {
            Self
        }

        #[cfg(all(target_os = "linux", not(loom), not(miri)))]
        pub(crate) fn note_fork() {}
    }

    /// Elsewhere there are none.
    #[derive(Debug, Default)]
    pub(crate) struct PerfEvent {}

    impl PerfEvent {
        pub(crate) fn find() {}

        pub(crate) fn allow() {}

        pub(crate) fn keep_up(&self, _: bool, _: u32, _: u32) -> bool {
            false
        }

        pub(crate) fn read(&self, _: PerfKey, _: impl FnMut(Record)) {}
    }

    pub(crate) fn raw_time() -> Option<u64> {
        None
    }
}
