//! The calling thread's counters, read by other means than the recorder's.

use std::{fs::File, io, os::unix::fs::FileExt};

/// Nanoseconds so far. They are read one after the other, so that between two readings `cpu`
/// and `delay` are of stretches that contain that of `wall`, and that of `around` contains
/// theirs, however long the thread was kept from its CPU meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) wall: u64,
    pub(crate) around: u64,
    pub(crate) cpu: u64,
    pub(crate) delay: u64,
    pub(crate) switches: u64,
}

/// What they are read from.
pub(crate) struct Source(File);

impl Source {
    /// Of the calling thread.
    pub(crate) fn of_this_thread() -> io::Result<Self> {
        File::open("/proc/thread-self/schedstat").map(Self)
    }

    /// Before something: the clocks last, so that no reading is part of it.
    pub(crate) fn before(&self) -> Counters {
        let around = clock(libc::CLOCK_MONOTONIC);
        let (delay, switches) = (self.delay(), switches());
        let cpu = clock(libc::CLOCK_THREAD_CPUTIME_ID);
        Counters { around, delay, switches, cpu, wall: clock(libc::CLOCK_MONOTONIC) }
    }

    /// And after it: the clocks first.
    pub(crate) fn after(&self) -> Counters {
        let wall = clock(libc::CLOCK_MONOTONIC);
        let cpu = clock(libc::CLOCK_THREAD_CPUTIME_ID);
        let (delay, switches) = (self.delay(), switches());
        Counters { wall, cpu, delay, switches, around: clock(libc::CLOCK_MONOTONIC) }
    }

    fn delay(&self) -> u64 {
        let mut text = [0; 96];
        let read = self.0.read_at(&mut text, 0).unwrap_or(0);
        let text = String::from_utf8_lossy(&text[..read]).into_owned();
        text.split_whitespace().nth(1).and_then(|delay| delay.parse().ok()).unwrap_or(0)
    }
}

impl Counters {
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            wall: self.wall - earlier.wall,
            around: self.around - earlier.around,
            cpu: self.cpu - earlier.cpu,
            delay: self.delay - earlier.delay,
            switches: self.switches - earlier.switches,
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            around: self.around + other.around,
            cpu: self.cpu + other.cpu,
            delay: self.delay + other.delay,
            switches: self.switches + other.switches,
        }
    }
}

fn clock(id: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it may be written.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn switches() -> u64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: it may be written, and nought is a value of each of its numbers.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr());
        usage.assume_init()
    };
    (usage.ru_nvcsw + usage.ru_nivcsw) as u64
}
