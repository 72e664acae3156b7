//! The section that counts.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Runs the spans of a shape and nothing else. Callgrind counts what is between
/// its entry and its return, on every thread; see [`crate::callgrind`].
#[inline(never)]
pub fn measured_section<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

/// How long `work` took, on the wall clock.
pub fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    measured_section(work);
    start.elapsed()
}
