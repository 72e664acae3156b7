//! Allocations, counted.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use crate::{
    Result,
    memory::ask,
    shape::Shape,
    subject::{Installed, Subject},
};

/// Units of the shorter and of the longer run, as in [`crate::callgrind`].
const UNITS: [u64; 2] = [4_000, 20_000];

static COUNT: AtomicU64 = AtomicU64::new(0);
/// Off while anything is timed.
static COUNTING: AtomicBool = AtomicBool::new(false);

/// The system's allocator, and how often it was asked.
#[derive(Debug)]
pub struct Counting;

// SAFETY: every request goes to the system's allocator as it is, the methods
// with a default body through these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Relaxed: set before the threads that are counted start, read after them.
        if COUNTING.load(Relaxed) {
            COUNT.fetch_add(1, Relaxed);
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on; `alloc` had it from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Allocations that each further unit of a shape takes. Programs whose allocator
/// is not [`Counting`] fail.
///
/// # Errors
///
/// Where a process fails.
pub fn per_unit(subject: Subject, shape: Shape) -> Result<f64> {
    let output = tempfile::tempdir()?;
    let count = |units: u64| {
        let counted = ask("allocations", subject, output.path(), &[&shape, &units])?;
        Ok::<_, crate::Error>(counted.first().copied().ok_or("no number")? as f64)
    };
    let [short, long] = UNITS;
    Ok((count(long)? - count(short)?) / (long - short) as f64)
}

pub(crate) fn work(installed: &Installed, shape: Shape, units: u64) -> Result<()> {
    COUNTING.store(true, Relaxed);
    drop(black_box(Box::new(shape)));
    let before = COUNT.load(Relaxed);
    if before == 0 {
        return Err("this program does not count its allocations".into());
    }
    let _time = installed.run(shape, units);
    println!("{}", COUNT.load(Relaxed) - before);
    Ok(())
}
