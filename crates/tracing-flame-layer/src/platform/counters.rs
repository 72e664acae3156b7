//! What Linux counts for a thread: time on a CPU and time that it waited for one.
//!
//! `/proc/thread-self/schedstat` has both (`Documentation/scheduler/sched-stats.rst`), the
//! first of which is late by up to a tick, so that it is read from the thread's CPU clock. A
//! file costs a descriptor, which is the host's to give: ours together leave it most of its
//! limit, and a thread goes without where there is none. The host may close descriptors that
//! are not its own, and open others under their numbers: each is looked at before it is used.

/// What a thread's counters said, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// On a CPU so far.
    pub(crate) cpu: u64,
    /// Waiting for a CPU so far, not counting a wait that is under way; `None` where that
    /// is not known.
    pub(crate) delay: Option<u64>,
}

/// What was found of another thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) counted: Counted,
    /// Whether it may have a wait for a CPU under way, which is not counted yet.
    pub(crate) may_be_waiting: bool,
}

/// How often the calling thread was switched out, how often it had to wait for a page to be
/// read, and what else it used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) voluntary: u64,
    pub(crate) involuntary: u64,
    pub(crate) major_faults: u64,
    pub(crate) used: Used,
}

/// What the calling thread used of what is counted without a switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Page faults for which nothing had to be read.
    pub(crate) minor_faults: u64,
    /// Blocks of 512 bytes that it had read from disks, and that it made dirty.
    pub(crate) blocks_read: u64,
    pub(crate) blocks_written: u64,
}

impl Used {
    /// What came after `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            minor_faults: self.minor_faults.saturating_sub(earlier.minor_faults),
            blocks_read: self.blocks_read.saturating_sub(earlier.blocks_read),
            blocks_written: self.blocks_written.saturating_sub(earlier.blocks_written),
        }
    }
}

impl Usage {
    /// What came after `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            used: self.used.since(earlier.used),
            voluntary: self.voluntary.saturating_sub(earlier.voluntary),
            involuntary: self.involuntary.saturating_sub(earlier.involuntary),
            major_faults: self.major_faults.saturating_sub(earlier.major_faults),
        }
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
pub(super) use imp::Spare;
pub(crate) use imp::{Counters, keeping_error};

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod imp {
    use std::{
        fs,
        io::Read,
        mem::MaybeUninit,
        sync::atomic::{
            AtomicI32, AtomicU32, AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    };

    use super::{
        super::cpu::{clock_of_this_thread, time_of},
        Counted, Seen, Usage, Used,
    };

    /// Descriptors that all threads of the process have for this.
    static OURS: AtomicUsize = AtomicUsize::new(0);
    /// How many descriptors the host has left at the least, whatever its limit.
    const SPARE: u64 = 100;
    const NONE: i32 = -1;

    /// One of the descriptors that we may have, until this is dropped.
    #[derive(Debug)]
    pub(in super::super) struct Spare(());

    impl Spare {
        /// `None` where the host is to have all that are left.
        pub(in super::super) fn take() -> Option<Self> {
            // Ours take less than half of what is beyond the first hundreds, which leaves a host
            // with a small limit all of it.
            let most = (limit() / 2).saturating_sub(128);
            // Relaxed: a number, read for itself.
            let spare = (OURS.fetch_add(1, Relaxed), Self(()));
            (spare.0 < usize::try_from(most).unwrap_or(usize::MAX)).then_some(spare.1)
        }

        /// Whether the host has enough of them left with this one.
        pub(in super::super) fn is_fit(descriptor: i32) -> bool {
            u64::try_from(descriptor).is_ok_and(|it| it.saturating_add(SPARE) < limit())
        }
    }

    impl Drop for Spare {
        fn drop(&mut self) {
            OURS.fetch_sub(1, Relaxed);
        }
    }

    /// The counters of one thread. It opens them itself; then any thread may read them.
    #[derive(Debug)]
    pub(crate) struct Counters {
        /// The process in which they were opened: a child that was forked has others.
        process: AtomicU32,
        thread: AtomicI32,
        clock: AtomicI32,
        /// The descriptor of its statistics, or [`NONE`], and what file that is.
        file: AtomicI32,
        device: AtomicU64,
        inode: AtomicU64,
    }

    impl Default for Counters {
        fn default() -> Self {
            Self {
                process: AtomicU32::new(0),
                thread: AtomicI32::new(0),
                clock: AtomicI32::new(0),
                file: AtomicI32::new(NONE),
                device: AtomicU64::new(0),
                inode: AtomicU64::new(0),
            }
        }
    }

    impl Counters {
        /// Whether there are any on this platform.
        pub(crate) const ARE_TO_BE_HAD: bool = true;

        /// Whether they were opened in this process, of this number.
        pub(crate) fn are_open(&self, process: u32) -> bool {
            // Relaxed, here and below: the thread that opened them asks, or a child of its
            // process, which began with what was stored before. Others acquire `file`.
            self.process.load(Relaxed) == process
        }

        /// Whether they were opened in another process than this one, of this number: this one
        /// was forked from that.
        pub(crate) fn are_anothers(&self, process: u32) -> bool {
            // Relaxed: as in `are_open`.
            let opened = self.process.load(Relaxed);
            opened != 0 && opened != process
        }

        /// The number of their thread, where they were opened in the process of this number.
        fn thread(&self, process: u32) -> Option<i32> {
            // Acquire: pairs with the release in `open`, which stores the number before.
            (self.process.load(Acquire) == process).then(|| self.thread.load(Relaxed))
        }

        /// Opens those of the calling thread, as far as they are to be had.
        pub(crate) fn open(&self) {
            let Some(clock) = clock_of_this_thread() else { return };
            // SAFETY: asks for the calling thread's number.
            self.thread.store(unsafe { libc::gettid() }, Relaxed);
            self.clock.store(clock, Relaxed);
            self.close();
            if let Some((file, device, inode)) = open_statistics() {
                self.device.store(device, Relaxed);
                self.inode.store(inode, Relaxed);
                // Release: whoever finds the file finds what it is.
                self.file.store(file, Release);
            }
            // Release: whoever finds the process finds the thread's number.
            self.process.store(std::process::id(), Release);
        }

        /// As if they had been opened in another process.
        #[cfg(test)]
        pub(crate) fn give_away(&self) {
            self.process.store(u32::MAX, Relaxed);
        }

        /// What those of the calling thread say, with the time that it waited for a CPU if
        /// `all` is to be known.
        pub(crate) fn of_this_thread(&self, all: bool) -> Option<Counted> {
            let delay = if all { self.delay() } else { None };
            Some(Counted { cpu: time_of(libc::CLOCK_THREAD_CPUTIME_ID)?, delay })
        }

        /// What they say, read from another thread. `asleep` is what they said when it was
        /// found asleep at the latest such look, and is kept up to date: one that has used no
        /// CPU since is taken to be asleep still, as it is dear to look.
        pub(crate) fn of_another_thread(
            &self,
            process: u32,
            asleep: &mut Option<Counted>,
        ) -> Option<Seen> {
            if !self.are_open(process) {
                return None;
            }
            let clock = self.clock.load(Relaxed);
            let before = time_of(clock)?;
            if let Some(counted) = asleep.filter(|asleep| asleep.cpu == before) {
                return Some(Seen { counted, may_be_waiting: false });
            }
            let delay = self.delay();
            let sleeps = delay.is_some() && self.sleeps();
            // Last, so that the caller knows when. One that has used some meanwhile has a CPU.
            let cpu = time_of(clock)?;
            let counted = Counted { cpu, delay };
            *asleep = (sleeps && cpu == before).then_some(counted);
            Some(Seen { counted, may_be_waiting: !sleeps && cpu == before })
        }

        /// Looks at their thread from another one; `None` where it used a CPU meanwhile. One
        /// that was found asleep was asleep all the time, and what they say is what they said
        /// then.
        pub(crate) fn during<T>(
            &self,
            process: u32,
            look: impl FnOnce(i32) -> T,
        ) -> Option<(T, Counted)> {
            let thread = self.thread(process)?;
            let clock = self.clock.load(Relaxed);
            let cpu = time_of(clock)?;
            let delay = self.delay();
            let found = look(thread);
            (time_of(clock)? == cpu).then_some((found, Counted { cpu, delay }))
        }

        fn delay(&self) -> Option<u64> {
            // Acquire: pairs with the release in `open`.
            let file = self.file.load(Acquire);
            if file == NONE || !self.is_ours(file) {
                return None;
            }
            let mut text = [0_u8; 96];
            // SAFETY: as many bytes may be written there.
            let read = unsafe { libc::pread(file, text.as_mut_ptr().cast(), text.len(), 0) };
            let text = text.get(..usize::try_from(read).ok()?)?;
            std::str::from_utf8(text).ok()?.split_ascii_whitespace().nth(1)?.parse().ok()
        }

        /// Whether a descriptor is still of the file that was opened.
        fn is_ours(&self, file: i32) -> bool {
            identity(file) == Some((self.device.load(Relaxed), self.inode.load(Relaxed)))
        }

        /// Whether the thread sleeps at this moment; `None` where that is not known.
        pub(crate) fn sleeps_now(&self, process: u32) -> Option<bool> {
            let state = if self.are_open(process) { self.state() } else { None };
            state.map(is_asleep)
        }

        fn sleeps(&self) -> bool {
            self.state().is_some_and(is_asleep)
        }

        /// The letter that the system has for what the thread does.
        fn state(&self) -> Option<u8> {
            let path = format!("/proc/self/task/{}/stat", self.thread.load(Relaxed));
            let mut text = [0_u8; 128];
            let read = fs::File::open(path).and_then(|mut file| file.read(&mut text));
            // The state stands behind the name, which is in brackets and may have any in it.
            let text = text.get(..read.unwrap_or(0)).unwrap_or_default();
            let name = text.iter().rposition(|byte| *byte == b')')?;
            text.get(name.saturating_add(2)).copied()
        }

        fn close(&self) {
            let file = self.file.swap(NONE, Relaxed);
            if file == NONE {
                return;
            }
            drop(Spare(()));
            if self.is_ours(file) {
                // SAFETY: it is the one that was opened here, which nobody else closes.
                unsafe { libc::close(file) };
            }
        }
    }

    impl Drop for Counters {
        fn drop(&mut self) {
            self.close();
        }
    }

    fn is_asleep(state: u8) -> bool {
        matches!(state, b'S' | b'D' | b'I' | b'T' | b't')
    }

    /// The statistics of the calling thread, and which file that is.
    fn open_statistics() -> Option<(i32, u64, u64)> {
        let spare = Spare::take()?;
        let flags = libc::O_RDONLY | libc::O_CLOEXEC;
        // SAFETY: the name is a string that ends.
        let file = unsafe { libc::open(c"/proc/thread-self/schedstat".as_ptr(), flags) };
        let opened = (file >= 0).then(|| identity(file)).flatten();
        match opened.filter(|_| Spare::is_fit(file)) {
            Some((device, inode)) => {
                // Given back where it is closed.
                std::mem::forget(spare);
                Some((file, device, inode))
            }
            None => {
                if file >= 0 {
                    // SAFETY: it was opened above.
                    unsafe { libc::close(file) };
                }
                None
            }
        }
    }

    /// How many descriptors the process may have.
    fn limit() -> u64 {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it may be written.
        let known = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0;
        if known { limit.rlim_cur } else { 0 }
    }

    fn identity(file: i32) -> Option<(u64, u64)> {
        let mut stat = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: it may be written, and is read only where it was.
        unsafe {
            (libc::fstat(file, stat.as_mut_ptr()) == 0).then(|| {
                let stat = stat.assume_init();
                (stat.st_dev, stat.st_ino)
            })
        }
    }

    impl Usage {
        /// That of the calling thread, so far.
        pub(crate) fn of_this_thread() -> Self {
            let mut usage = MaybeUninit::<libc::rusage>::uninit();
            // SAFETY: it may be written, and is read only where it was.
            let usage = unsafe {
                if libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) != 0 {
                    return Self::default();
                }
                usage.assume_init()
            };
            let count = |count: libc::c_long| u64::try_from(count).unwrap_or(0);
            Self {
                voluntary: count(usage.ru_nvcsw),
                involuntary: count(usage.ru_nivcsw),
                major_faults: count(usage.ru_majflt),
                used: Used {
                    minor_faults: count(usage.ru_minflt),
                    blocks_read: count(usage.ru_inblock),
                    blocks_written: count(usage.ru_oublock),
                },
            }
        }
    }

    /// Calls, and leaves the last error that the host saw as it was.
    pub(crate) fn keeping_error<T>(call: impl FnOnce() -> T) -> T {
        // SAFETY: each thread has one.
        let error = unsafe { libc::__errno_location() };
        // SAFETY: it is this thread's, for as long as that lives.
        unsafe {
            let before = *error;
            let result = call();
            *error = before;
            result
        }
    }

    #[cfg(test)]
    mod tests {
        use std::io;

        use super::*;

        #[test]
        fn descriptors_that_the_host_has_taken_are_left_alone() {
            let counters = Counters::default();
            counters.open();
            assert!(counters.are_open(std::process::id()));
            let file = counters.file.load(Relaxed);
            assert!(counters.of_this_thread(true).is_some_and(|counted| counted.delay.is_some()));
            let (other, _keep) = io::pipe().expect("a pipe");
            // SAFETY: both are open; this test stands for a host that does so.
            unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&other), file) };
            assert!(counters.of_this_thread(true).is_some_and(|counted| counted.delay.is_none()));
            drop(counters);
            assert!(identity(file).is_some(), "closed, though it is the host's now");
            // SAFETY: it was made above.
            unsafe { libc::close(file) };
        }

        #[test]
        fn what_a_thread_was_told_before_is_what_it_is_told_after() {
            // SAFETY: the name is a string that ends.
            let none = unsafe { libc::open(c"/there/is/none".as_ptr(), libc::O_RDONLY) };
            let before = io::Error::last_os_error().raw_os_error();
            assert_eq!((none, before), (-1, Some(libc::ENOENT)));
            keeping_error(|| {
                // SAFETY: no such descriptor; that is what makes an error.
                unsafe { libc::close(i32::MAX) };
            });
            assert_eq!(io::Error::last_os_error().raw_os_error(), before);
        }
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod imp {
    use super::{Counted, Seen, Usage};

    /// Elsewhere nothing is known.
    #[derive(Debug, Default)]
    pub(crate) struct Counters {}

    impl Counters {
        pub(crate) const ARE_TO_BE_HAD: bool = false;

        pub(crate) fn are_open(&self, _: u32) -> bool {
            true
        }

        pub(crate) fn are_anothers(&self, _: u32) -> bool {
            false
        }

        pub(crate) fn during<T>(&self, _: u32, _: impl FnOnce(i32) -> T) -> Option<(T, Counted)> {
            None
        }

        pub(crate) fn open(&self) {}

        pub(crate) fn of_this_thread(&self, _: bool) -> Option<Counted> {
            None
        }

        pub(crate) fn of_another_thread(&self, _: u32, _: &mut Option<Counted>) -> Option<Seen> {
            None
        }

        pub(crate) fn sleeps_now(&self, _: u32) -> Option<bool> {
            None
        }
    }

    impl Usage {
        pub(crate) fn of_this_thread() -> Self {
            Self::default()
        }
    }

    pub(crate) fn keeping_error<T>(call: impl FnOnce() -> T) -> T {
        call()
    }
}
