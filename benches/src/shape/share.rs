//! Two threads at once, and threads that come and go.

use std::{sync::Barrier, thread, time::Duration};

use tracing::Span;

use super::open;
use crate::measure::timed;

/// A unit is one of `work` on each of two threads.
pub(super) fn two_threads(units: u64, work: impl Fn(u64) -> Duration + Sync) -> Duration {
    both(|| (), |()| work(units))
}

/// A unit is an enter and an exit on each thread of a span below a span that only
/// this thread has entered.
pub(super) fn inner(units: u64) -> Duration {
    let root = open(0);
    both(|| (root.clone().entered(), open(1).entered()), |_entered| again(&open(2), units))
}

/// A unit is an enter and an exit on each thread of a child of the root, while
/// both have entered the root. Whoever is in a child makes the other wait for it.
pub(super) fn near(units: u64) -> Duration {
    let root = open(0);
    both(|| root.clone().entered(), |_entered| again(&open(1), units))
}

/// A unit is an enter and an exit of the root on each thread: one thread more,
/// one less.
pub(super) fn root(units: u64) -> Duration {
    let root = open(0);
    both(|| (), |()| again(&root, units))
}

/// A unit is a thread: spawned, one span, joined.
pub(super) fn new_threads(units: u64) -> Duration {
    timed(|| {
        for _ in 0..units {
            let _joined = thread::spawn(|| open(0).in_scope(|| ())).join();
        }
    })
}

fn again(span: &Span, times: u64) -> Duration {
    timed(|| (0..times).for_each(|_| span.in_scope(|| ())))
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
