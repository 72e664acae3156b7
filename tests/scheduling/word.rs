//! A host that uses restartable sequences itself, as some allocators do: it writes the word
//! that tells that a thread was switched out.

use std::{ptr, thread, time::Duration};

use tracing::info_span;

use super::{
    counters::{Counters, Source},
    support::{are_to_be_had, assert_slept, assert_within, measures, record, sleep, under},
};

const MILLI: Duration = Duration::from_millis(1);

/// As `struct rseq_cs` of `linux/rseq.h`.
#[repr(C, align(32))]
struct Section {
    version: u32,
    flags: u32,
    start: *const u32,
    length: u64,
    abort: *const u32,
}

// SAFETY: it is read only, by the kernel.
unsafe impl Sync for Section {}

/// What the C library has registered, which the kernel looks for before an abort's place.
static ABORT: [u32; 2] = [0x5305_3053, 0];
/// The host's own stretch of code, in which nobody is.
static SECTION: Section =
    Section { version: 0, flags: 0, start: &ABORT[1], length: 0, abort: &ABORT[1] };

/// The calling thread's word.
fn word() -> *mut *const Section {
    // SAFETY: the C library's symbol, a number that never changes; and the thread pointer
    // stands where it points to itself.
    unsafe {
        let offset = libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_offset".as_ptr()).cast::<isize>();
        let thread: *mut u8;
        std::arch::asm!("mov {}, fs:0", out(reg) thread, options(nostack, readonly, pure));
        thread.wrapping_offset(*offset + 8).cast()
    }
}

#[test]
fn a_host_that_writes_the_word_itself_has_the_same_numbers_and_its_word() {
    let (subscriber, flame) = record();
    if !are_to_be_had(&flame.snapshot()) {
        return;
    }
    let source = Source::of_this_thread().expect("counters");
    let mut slept = Counters::default();
    let truth = under(&subscriber, || {
        let before = source.before();
        for round in 0..40 {
            info_span!("mixed").in_scope(|| {
                // It begins its own stretch, or leaves it.
                let mine = if round % 2 == 0 { &raw const SECTION } else { ptr::null() };
                // SAFETY: the word may be written by its thread.
                unsafe { word().write_volatile(mine) };
                if round % 4 < 2 {
                    slept = slept.plus(sleep(&source, MILLI));
                }
            });
        }
        source.after().since(before)
    });
    let profile = flame.snapshot();
    let mixed = measures(&profile, "mixed");
    assert_within(&mixed, truth);
    assert_slept(&mixed, slept);
    assert_eq!(mixed.busy_states.unknown_nanos, 0, "{mixed:?}");
}

#[test]
fn a_word_that_is_the_hosts_when_a_thread_ends_is_left_to_it() {
    let (subscriber, flame) = record();
    if !are_to_be_had(&flame.snapshot()) {
        return;
    }
    let ending = thread::spawn(move || {
        let source = Source::of_this_thread().expect("counters");
        let slept = under(&subscriber, || info_span!("mixed").in_scope(|| sleep(&source, MILLI)));
        // SAFETY: the word may be written by its thread.
        unsafe { word().write_volatile(&raw const SECTION) };
        slept
    });
    // The thread's log ends within it, and the kernel looks at the word at each switch.
    let slept = ending.join().expect("no panic");
    assert_slept(&measures(&flame.snapshot(), "mixed"), slept);
}
