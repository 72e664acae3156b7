//! A future that is polled again and again on one thread.

use std::{
    future::{Pending, pending},
    pin::{Pin, pin},
    task::{Context, Waker},
    time::Duration,
};

use super::open;
use crate::measure::timed;

/// Polls of one future.
const POLLS: u64 = 1_000;

/// A unit is a poll.
pub(super) fn polls(units: u64) -> Duration {
    use tracing::Instrument;

    timed(|| {
        for first in (0..units).step_by(POLLS as usize) {
            let future: Pending<()> = pending();
            poll_all(pin!(future.instrument(open(0))), units.min(first + POLLS) - first);
        }
    })
}

/// Spans above the one that is polled.
const ABOVE: usize = 1_000;

/// A unit is a poll of a span that has a thousand ancestors, each entered once and still
/// open, as where a task starts its successor in its own span.
pub(super) fn deep_polls(units: u64) -> Duration {
    let mut chain = vec![open(0)];
    for _ in 0..ABOVE {
        let next = chain.last().map(|above| above.in_scope(|| open(1)));
        chain.extend(next);
    }
    let innermost = chain.last().expect("a chain");
    let took = timed(|| (0..units).for_each(|_| innermost.in_scope(|| ())));
    // The Registry closes a span's parents one inside the other: from the inside out it is
    // one at a time.
    while chain.pop().is_some() {}
    took
}

#[cfg(feature = "peers")]
pub(super) fn polls_fastrace(units: u64) -> Duration {
    use super::{Fastrace, Source, callsites};
    use fastrace::future::FutureExt;

    timed(|| {
        for first in (0..units).step_by(POLLS as usize) {
            Fastrace::within(|| {
                let future: Pending<()> = pending();
                let future = future.enter_on_poll(callsites::NAMES[0]);
                poll_all(pin!(future), units.min(first + POLLS) - first);
            });
        }
    })
}

#[inline]
fn poll_all(mut future: Pin<&mut impl Future<Output = ()>>, times: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        let _pending = future.as_mut().poll(&mut context);
    }
}
