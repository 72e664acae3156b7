//! Two threads that make nothing but spans, on two processors or on one.

use std::{process::Command, sync::Barrier, thread, time::Instant};

use crate::{
    Result,
    clock::{nanos_a_tick, raw_ticks},
    crew::command,
    delays::Delays,
    memory::answers,
    shape::{Source, Tracing},
    subject::{Installed, Subject},
};

const THREADS: u64 = 2;
/// The parts of all chains whose delays are told.
pub const PARTS: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Spans a second, of both threads.
    pub spans_a_second: f64,
    /// Nanoseconds within which so large a [part](PARTS) of the chains was made.
    pub nanos: [f64; 4],
    /// Spans that were made and are not in the picture; of no subject but ours.
    pub unrecorded: f64,
}

/// Has a process of its own make so many spans, in chains of `depth`.
///
/// # Errors
///
/// Where that fails, or there is no `taskset` to keep it to one processor.
pub fn measure(subject: Subject, depth: u64, spans: u64, on_one_core: bool) -> Result<Overload> {
    let output = tempfile::tempdir()?;
    let mut worker = command("overload", subject, output.path())?;
    if on_one_core {
        let mut on_one = Command::new("taskset");
        on_one.args(["-c", "0"]).arg(worker.get_program()).args(worker.get_args());
        worker = on_one;
    }
    let numbers = answers(worker.args([depth.to_string(), spans.to_string()]))?;
    let [nanos, p50, p99, p999, p9999, unrecorded] = numbers[..] else {
        return Err("an overload worker answers six numbers".into());
    };
    Ok(Overload {
        spans_a_second: spans as f64 / (nanos as f64 / 1e9),
        nanos: [p50, p99, p999, p9999].map(|nanos| nanos as f64),
        unrecorded: unrecorded as f64,
    })
}

pub(crate) fn work(installed: &Installed, depth: u64, spans: u64) -> Result<()> {
    let chains = spans / THREADS / depth;
    let make = || chain(0, depth as usize);
    let (nanos, _) = at_once(&|| (0..chains).for_each(|_| make()));
    // Once more, each chain timed: to read the clock takes a part of what a span does.
    let (_, delays) = at_once(&|| {
        let mut delays = Delays::default();
        for _ in 0..chains {
            let start = raw_ticks();
            make();
            delays.add(raw_ticks().wrapping_sub(start));
        }
        delays
    });
    let all = delays.iter().fold(Delays::default(), Delays::and);
    let nanos_a_tick = nanos_a_tick();
    let [p50, p99, p999, p9999] = PARTS.map(|part| (all.at(part) as f64 * nanos_a_tick) as u64);
    let made = 2 * chains * THREADS * depth;
    let recorded = installed.flame.as_ref().map_or(made, |flame| flame.snapshot().spans());
    println!("{nanos} {p50} {p99} {p999} {p9999} {}", made.abs_diff(recorded));
    Ok(())
}

fn chain(callsite: usize, left: usize) {
    if left > 0 {
        Tracing::span(callsite, || chain(callsite + 1, left - 1));
    }
}

/// Calls on each thread at once; nanoseconds until the last is done, and what each returned.
fn at_once<T: Send>(work: &(dyn Fn() -> T + Sync)) -> (u64, Vec<T>) {
    let barrier = Barrier::new(THREADS as usize + 1);
    thread::scope(|scope| {
        let one = || {
            // A thread's first span makes its log.
            chain(0, 0);
            barrier.wait();
            work()
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
        barrier.wait();
        let start = Instant::now();
        let done = threads.into_iter().filter_map(|thread| thread.join().ok()).collect();
        (start.elapsed().as_nanos() as u64, done)
    })
}
