//! How much of a CPU a thread has used, read from any thread.
//!
//! POSIX gives each thread a clock of its CPU time, and on Linux the clock's id
//! stays valid in any thread for as long as the thread lives; after that reading
//! it fails, and no more. Reading it is a system call: snapshots do, and a thread
//! that reads its counters. Elsewhere nothing is known.

/// The CPU time that a thread has used since it began to record.
#[derive(Debug)]
pub(crate) struct CpuClock(Option<imp::Running>);

impl CpuClock {
    /// That of the calling thread, from now on.
    pub(crate) fn of_this_thread() -> Self {
        Self(imp::Running::of_this_thread())
    }

    /// Nanoseconds so far; `None` where the platform does not tell.
    pub(crate) fn nanos(&self) -> Option<u64> {
        self.0.as_ref()?.nanos()
    }
}

pub(crate) use imp::cpu_of_this_thread;
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(super) use imp::{clock_of_this_thread, time_of};

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod imp {
    /// A thread's clock, and what it said when the thread began to record.
    #[derive(Debug)]
    pub(super) struct Running {
        clock: libc::clockid_t,
        begun: u64,
    }

    impl Running {
        pub(super) fn of_this_thread() -> Option<Self> {
            let clock = clock_of_this_thread()?;
            Some(Self { clock, begun: time_of(clock)? })
        }

        pub(super) fn nanos(&self) -> Option<u64> {
            Some(time_of(self.clock)?.saturating_sub(self.begun))
        }
    }

    /// The clock of the calling thread's CPU time, for any thread to read.
    pub(crate) fn clock_of_this_thread() -> Option<libc::clockid_t> {
        let mut clock = 0;
        // SAFETY: the calling thread lives, and `clock` may be written.
        let found = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        (found == 0).then_some(clock)
    }

    /// Nanoseconds that the calling thread has used of a CPU.
    pub(crate) fn cpu_of_this_thread() -> Option<u64> {
        time_of(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// What a clock says, in nanoseconds.
    pub(crate) fn time_of(clock: libc::clockid_t) -> Option<u64> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: any number may be asked for as a clock, and `time` be written.
        if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
            return None;
        }
        let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
        seconds.ok()?.checked_mul(1_000_000_000)?.checked_add(nanos.ok()?)
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod imp {
    #[derive(Debug)]
    pub(super) enum Running {}

    pub(crate) fn cpu_of_this_thread() -> Option<u64> {
        None
    }

    impl Running {
        pub(super) fn of_this_thread() -> Option<Self> {
            None
        }

        pub(super) fn nanos(&self) -> Option<u64> {
            match *self {}
        }
    }
}

#[cfg(all(test, target_os = "linux", not(loom), not(miri)))]
mod tests {
    use std::{hint::black_box, sync::mpsc::channel, thread};

    use super::*;

    #[test]
    fn a_threads_clock_is_read_by_another_thread() {
        let (ready, is_ready) = channel();
        let (go, may_go) = channel::<()>();
        let worker = thread::spawn(move || {
            let clock = CpuClock::of_this_thread();
            for i in 0..100_000_u32 {
                black_box(i);
            }
            ready.send(clock).expect("somebody waits");
            // Ends once the other side has read the clock.
            may_go.recv().expect_err("nothing is sent");
        });
        let clock = is_ready.recv().expect("a clock");
        // No CPU counts to 100,000 in less.
        assert!(clock.nanos().expect("a living thread's clock") > 10_000);
        drop(go);
        worker.join().expect("no panic");
    }
}
