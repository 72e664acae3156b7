//! Memory that the kernel writes a thread's records to, and what is locked for it.

use std::{
    fs::File,
    io::Read,
    ptr::null_mut,
    sync::atomic::{
        AtomicPtr, AtomicU64, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use super::super::counters::Spare;

/// Bytes that are locked for all events of this process.
static LOCKED: AtomicUsize = AtomicUsize::new(0);

/// The least that can be mapped, in which there is room for no record.
pub(super) const PAGE: usize = 4_096;
/// What the kernel writes records to; a power of two.
const RECORDS: usize = 8 * PAGE;
/// Behind the page by which both sides say how far they are.
pub(super) const MAPPED: usize = PAGE + RECORDS;
/// Where that page says how far records are written, and have been read.
const HEAD: usize = 1_024;
const TAIL: usize = HEAD + 8;
/// More than that is locked for nobody's limit: 8 MiB is what most have.
const MOST_LOCKED: usize = 2 << 20;
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

/// A thread's records, taken away from where others look for them, and put back in the end.
pub(super) struct Mapped<'a> {
    base: *mut u8,
    place: &'a AtomicPtr<u8>,
}

impl<'a> Mapped<'a> {
    pub(super) fn take(place: &'a AtomicPtr<u8>) -> Option<Self> {
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

    pub(super) fn head(&self) -> u64 {
        // Acquire: the kernel writes records before it says so.
        self.number(HEAD).load(Acquire)
    }

    pub(super) fn tail(&self) -> u64 {
        // Relaxed: only we write it, and whoever did has put the mapping back.
        self.number(TAIL).load(Relaxed)
    }

    pub(super) fn advance(&self, tail: u64) {
        // Release: the kernel writes there only once all has been read.
        self.number(TAIL).store(tail, Release);
    }

    /// A word of a record: these are made of words, as the memory for them is.
    pub(super) fn word(&self, at: u64) -> u64 {
        let place = at as usize & (RECORDS - 1) & !7;
        // SAFETY: it lies in what is mapped behind the first page, and the kernel leaves
        // alone what lies between tail and head.
        unsafe { self.base.add(PAGE + place).cast::<u64>().read() }
    }

    /// Ends the event.
    pub(super) fn unmap(self) {
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
pub(super) fn open(bytes: usize, switches: bool) -> *mut u8 {
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

/// What a parent had locked is not in its child.
pub(super) fn forget_locked() {
    // Relaxed: whoever sees it goes by nothing else that was done.
    LOCKED.store(0, Relaxed);
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
pub(super) fn may_be_filtered() -> bool {
    let mut text = [0_u8; 4_096];
    let read = File::open("/proc/thread-self/status").and_then(|mut file| file.read(&mut text));
    let text = text.get(..read.unwrap_or(0)).unwrap_or_default();
    let mut lines = text.split(|byte| *byte == b'\n');
    let mode = lines.find_map(|line| line.strip_prefix(b"Seccomp:"));
    mode.is_none_or(|mode| mode.trim_ascii() != b"0")
}
