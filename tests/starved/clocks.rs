//! Clocks that nobody should be asked to live by.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tracing_flame_layer::Clock;

/// A clock whose reading is made of how often it was read.
fn clock(reading: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Clock {
    let readings = AtomicU64::new(0);
    Clock::from_nanos(move || reading(readings.fetch_add(1, Relaxed)))
}

/// Each with what it does.
pub(crate) fn all() -> Vec<(&'static str, Clock)> {
    let scattered = |n: u64| n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    vec![
        ("a clock that stands still", clock(|_| 5)),
        ("a clock that stands at the end", clock(|_| u64::MAX)),
        ("a clock that runs backwards", clock(|n| (1 << 40) - n * 1_000)),
        ("a clock that runs backwards past nought", clock(|n| 50_u64.wrapping_sub(n))),
        ("a clock that jumps ahead by centuries", clock(|n| n << 58)),
        (
            "a clock that goes back and forth",
            clock(|n| if n.is_multiple_of(2) { n } else { 1 << 60 }),
        ),
        (
            "a clock that is at either end",
            clock(|n| if n.is_multiple_of(2) { 0 } else { u64::MAX }),
        ),
        ("a clock that shows anything", clock(scattered)),
    ]
}
