//! Two threads at once, and threads that come and go.

use std::{sync::Barrier, thread, time::Duration};

use super::open;
use crate::measure::timed;

/// A unit is one of `work` on each of two threads.
pub(super) fn two_threads(units: u64, work: impl Fn(u64) -> Duration + Sync) -> Duration {
    both(|| (), |()| work(units))
}

/// A unit is an enter and an exit of a child span on each thread, while both
/// have entered the root.
pub(super) fn inner(units: u64) -> Duration {
    let root = open(0);
    both(
        || root.clone().entered(),
        |_entered| {
            let child = open(1);
            timed(|| (0..units).for_each(|_| child.in_scope(|| ())))
        },
    )
}

/// A unit is an enter and an exit of the root on each thread: one thread more,
/// one less.
pub(super) fn root(units: u64) -> Duration {
    let root = open(0);
    both(|| (), |()| timed(|| (0..units).for_each(|_| root.in_scope(|| ()))))
}

/// A unit is a thread: spawned, one span, joined.
pub(super) fn new_threads(units: u64) -> Duration {
    timed(|| {
        for _ in 0..units {
            let _joined = thread::spawn(|| open(0).in_scope(|| ())).join();
        }
    })
}

/// Prepares two threads and lets them work at once; their mean time.
fn both<T>(prepare: impl Fn() -> T + Sync, work: impl Fn(T) -> Duration + Sync) -> Duration {
    let barrier = Barrier::new(2);
    let one = || {
        let prepared = prepare();
        barrier.wait();
        let time = work(prepared);
        barrier.wait();
        time
    };
    thread::scope(|scope| {
        let other = scope.spawn(one);
        (one() + other.join().unwrap_or_default()) / 2
    })
}
