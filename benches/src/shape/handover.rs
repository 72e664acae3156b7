//! Spans that pass from one thread to another. The passing itself is not timed.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread::scope,
    time::Duration,
};

use tracing::Span;

use super::open;
use crate::measure::timed;

/// Spans passed at a time.
const BATCH: u64 = 100;
/// Passes of one span from thread to thread.
const PASSES: u64 = 10;

/// A unit is a span: created here; entered, exited and closed there.
pub(super) fn other_thread(units: u64) -> Duration {
    with_helper(close_entered, |spans, times| {
        let mut total = Duration::ZERO;
        for first in (0..units).step_by(BATCH as usize) {
            let (time, batch) = create(units.min(first + BATCH) - first);
            total += time + pass(batch, spans, times).0;
        }
        total
    })
}

/// A unit is a poll: an enter and an exit, on another thread than the last.
pub(super) fn migrating(units: u64) -> Duration {
    with_helper(poll, |spans, times| {
        let mut total = Duration::ZERO;
        for _ in 0..units / (BATCH * PASSES * 2) {
            let mut batch = create(BATCH).1;
            for _ in 0..PASSES {
                let (here, polled) = poll(batch);
                let (there, returned) = pass(polled, spans, times);
                total += here + there;
                batch = returned;
            }
        }
        total
    })
}

type Answer = (Duration, Vec<Span>);

fn create(count: u64) -> Answer {
    let mut spans = Vec::with_capacity(count as usize);
    let time = timed(|| spans.extend((0..count).map(|_| open(0))));
    (time, spans)
}

fn close_entered(mut spans: Vec<Span>) -> Answer {
    (timed(|| spans.drain(..).for_each(|span| span.in_scope(|| ()))), spans)
}

fn poll(spans: Vec<Span>) -> Answer {
    (timed(|| spans.iter().for_each(|span| span.in_scope(|| ()))), spans)
}

/// Has the helper work on some spans; what it took, and the spans again.
fn pass(batch: Vec<Span>, spans: &Sender<Vec<Span>>, answers: &Receiver<Answer>) -> Answer {
    if spans.send(batch).is_err() {
        return Answer::default();
    }
    answers.recv().unwrap_or_default()
}

/// Calls `lead` beside a thread that does `work` on whatever it is sent.
fn with_helper(
    work: fn(Vec<Span>) -> Answer,
    lead: impl FnOnce(&Sender<Vec<Span>>, &Receiver<Answer>) -> Duration,
) -> Duration {
    let (spans, batches) = channel::<Vec<Span>>();
    let (answer, answers) = channel();
    scope(|scope| {
        scope.spawn(move || {
            // A thread's first span makes its tables; see `NewThreads` for that.
            open(0).in_scope(|| ());
            for batch in batches {
                if answer.send(work(batch)).is_err() {
                    return;
                }
            }
        });
        let time = lead(&spans, &answers);
        drop(spans);
        time
    })
}
