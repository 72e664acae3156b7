//! Pages of a mapped file that are not in memory: who touches one sleeps until it was read.

use std::{
    collections::BTreeMap,
    fs::File,
    hint::black_box,
    io::{self, Write},
    os::fd::AsRawFd,
    ptr,
    time::Duration,
};

use tracing::info_span;
use tracing_flame_layer::profile::ReasonKind;

use super::{
    counters::Source,
    support::{are_to_be_had, assert_slept, assert_within, measures, record, sleep, under},
};

const PAGE: usize = 4_096;
const PAGES: usize = 2_048;

/// A file in memory, mapped, of which nothing is left in the page cache: as far as its file
/// system has anything but memory.
struct Cold {
    file: File,
    start: *const u8,
}

impl Cold {
    fn new() -> io::Result<Self> {
        let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR"))?;
        file.write_all(&vec![1; PAGES * PAGE])?;
        file.sync_all()?;
        let (length, descriptor) = (PAGES * PAGE, file.as_raw_fd());
        // SAFETY: advice about an open file, and a mapping of it that nobody has.
        let start = unsafe {
            libc::posix_fadvise(descriptor, 0, 0, libc::POSIX_FADV_DONTNEED);
            let map = libc::mmap(
                ptr::null_mut(),
                length,
                libc::PROT_READ,
                libc::MAP_SHARED,
                descriptor,
                0,
            );
            // So that what is beside a page is not read with it.
            libc::madvise(map, length, libc::MADV_RANDOM);
            map
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { file, start: start.cast() })
    }

    /// Nothing of it is in the page cache again.
    fn forget(&self) {
        // SAFETY: advice about a mapping that is there, and about an open file.
        unsafe {
            libc::madvise(self.start.cast_mut().cast(), PAGES * PAGE, libc::MADV_DONTNEED);
            libc::posix_fadvise(self.file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED);
        }
    }

    fn touch(&self, page: usize) {
        // SAFETY: the page is of the mapping.
        black_box(unsafe { self.start.add(page % PAGES * PAGE).read_volatile() });
    }
}

impl Drop for Cold {
    fn drop(&mut self) {
        // SAFETY: it was mapped, and nobody has a reference into it.
        unsafe { libc::munmap(self.start.cast_mut().cast(), PAGES * PAGE) };
    }
}

/// How often this thread has slept, and had to wait for a page.
fn usage() -> (i64, i64) {
    // SAFETY: noughts are a value of it, and it may be written.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage);
        usage
    };
    (usage.ru_nvcsw, usage.ru_majflt)
}

#[test]
fn sleep_for_pages_is_told_from_other_sleep() {
    let (subscriber, flame) = record();
    let cold = Cold::new().expect("a file that is mapped");
    let source = Source::of_this_thread().expect("counters");
    let (napped, truth, before, after) = under(&subscriber, || {
        let nap = || sleep(&source, Duration::from_millis(3));
        let napped = info_span!("naps").in_scope(nap);
        let (usage_before, before) = (usage(), source.before());
        // Far from one another: a disk may read what comes next, too.
        info_span!("reads").in_scope(|| (0..64).for_each(|page| cold.touch(page * 31)));
        (napped, source.after().since(before), usage_before, usage())
    });
    let profile = flame.snapshot();
    if !are_to_be_had(&profile) {
        return;
    }
    let (naps, reads) = (measures(&profile, "naps"), measures(&profile, "reads"));
    assert_slept(&naps, napped);
    assert_eq!(naps.busy_states.fault_nanos, 0, "{naps:?}");
    assert_within(&reads, truth);
    let (slept, faults) = (after.0 - before.0, after.1 - before.1);
    assert!(reads.switches.major_faults <= faults as u64, "{reads:?} of {faults}");
    let states = reads.busy_states;
    assert_eq!(reads.wall_states, states, "one thread has the operation to itself");
    // Where the file system is memory nobody waits; where something else had the thread sleep
    // besides, it is not known for what it was.
    if faults > 0 && slept <= faults {
        assert_eq!(states.fault_nanos, states.blocked_nanos, "{reads:?}");
    } else {
        println!("nothing was read for pages alone: {slept} sleeps, {faults} faults");
    }
    assert!(states.fault_nanos <= states.blocked_nanos, "{reads:?}");
}

/// How often it is tried to have faults told with their file: what is mapped is to be looked at
/// before and after, and the machine may be busy.
const TRIES: usize = 2_000;

/// Whether the kernel notes page faults down, as far as files say.
fn may_note_faults() -> bool {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let level = read("/proc/sys/kernel/perf_event_paranoid");
    let is_free = read("/proc/thread-self/status").lines().any(|line| line == "Seccomp:\t0");
    is_free && level.trim().parse().is_ok_and(|level: i32| level <= 2)
}

#[test]
fn sleep_for_pages_is_told_with_the_file_that_they_are_of() {
    let (subscriber, flame) = record();
    let cold = Cold::new().expect("a file that is mapped");
    let mut files = BTreeMap::new();
    for round in 1..=TRIES {
        cold.forget();
        let (before, after) = under(&subscriber, || {
            let before = usage();
            info_span!("reads").in_scope(|| (0..8).for_each(|page| cold.touch(page * 31)));
            (before, usage())
        });
        let profile = flame.snapshot();
        if !are_to_be_had(&profile) || !may_note_faults() || after.1 == before.1 {
            return println!("no faults are told of here");
        }
        let told = measures(&profile, "reads").busy_states.fault_nanos;
        files.clear();
        for it in profile.blocked_on().iter().filter(|it| it.reason.kind == ReasonKind::Fault) {
            assert_eq!(it.reason.call, None, "{it:?}");
            *files.entry(it.reason.file.clone()).or_default() += it.busy_nanos;
        }
        let named: u64 = files.values().sum();
        assert!(named <= told, "{files:?} of {told}");
        if named > 0 {
            println!("told in round {round}: {files:?}");
            break;
        }
    }
    let names: Vec<&str> = files.keys().flatten().map(|name| &**name).collect();
    // It has no name any more: what it had, and that it is gone.
    let directory = env!("CARGO_TARGET_TMPDIR");
    assert!(matches!(names[..], [name] if name.contains(directory)), "{files:?}");
}
