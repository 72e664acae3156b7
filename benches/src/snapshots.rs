//! Snapshots while threads are idle, and while they make spans.

use std::{
    sync::{
        Barrier,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

use tracing_flame_layer::Flame;

use crate::{
    Result,
    clock::{nanos_a_tick, raw_ticks},
    figures::median,
    memory::ask,
    shape::{Shape, open},
    stacks::grow,
    subject::{Installed, Subject},
};

/// Snapshots of which the median is told.
const SNAPSHOTS: usize = 31;
/// Between one and the next: time for something to happen.
const APART: Duration = Duration::from_millis(2);
/// Spans that busy threads make between one look at whether that is enough and the next.
const SPANS: u64 = 1_000;

/// Has a process of its own take snapshots beside threads that have recorded spans and wait,
/// and threads that make nothing but spans. The median, in nanoseconds.
///
/// # Errors
///
/// Where that fails.
pub fn measure(subject: Subject, idle: u64, busy: u64) -> Result<f64> {
    let output = tempfile::tempdir()?;
    let numbers = ask("snapshots", subject, output.path(), &[&idle, &busy])?;
    Ok(*numbers.first().ok_or("a snapshots worker answers a number")? as f64)
}

pub(crate) fn work(installed: &Installed, idle: usize, busy: usize) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours has snapshots")?;
    let (barrier, enough) = (Barrier::new(idle + 1), AtomicBool::new(false));
    let nanos = thread::scope(|scope| {
        for _ in 0..idle {
            scope.spawn(|| {
                let _spans = Shape::Depth4.run(4);
                let _entered = open(0).entered();
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        for _ in 0..busy {
            scope.spawn(|| {
                flat_out(&enough, |spans| {
                    let _time = Shape::Flat.run(spans);
                });
            });
        }
        let taken = (0..SNAPSHOTS).map(|_| {
            thread::sleep(APART);
            let start = Instant::now();
            drop(flame.snapshot());
            start.elapsed().as_nanos() as f64
        });
        let nanos = median(taken.collect());
        enough.store(true, Relaxed);
        barrier.wait();
        nanos
    });
    println!("{:.0}", nanos.unwrap_or_default());
    Ok(())
}

fn flat_out(enough: &AtomicBool, make: impl Fn(u64)) {
    // Relaxed: nothing but the flag is passed.
    while !enough.load(Relaxed) {
        make(SPANS);
    }
}

/// What a snapshot of many stacks does to those who go on meanwhile. Times in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Meanwhile {
    /// The longest snapshot.
    pub snapshot: f64,
    /// The longest of each, while no snapshot was taken.
    pub before: Longest,
    /// And while some were.
    pub during: Longest,
    /// Spans that were made and are not in the picture.
    pub unrecorded: f64,
}

/// The longest that each took.
#[derive(Clone, Copy, Debug)]
pub struct Longest {
    /// A span, of two threads that make nothing but spans.
    pub span: f64,
    /// A thread that comes, makes a span, and goes.
    pub thread: f64,
    /// A `fork`, until it returned.
    pub fork: f64,
}

/// Has a process of its own record so many stacks and take snapshots of them while two
/// threads make nothing but spans, others come and go, and children are forked.
///
/// # Errors
///
/// Where that fails.
pub fn meanwhile(subject: Subject, stacks: u64) -> Result<Meanwhile> {
    let output = tempfile::tempdir()?;
    let numbers = ask("meanwhile", subject, output.path(), &[&stacks])?;
    let numbers: Vec<_> = numbers.iter().map(|number| *number as f64).collect();
    let [snapshot, span, thread, fork, span_during, thread_during, fork_during, unrecorded] =
        numbers[..]
    else {
        return Err("a meanwhile worker answers eight numbers".into());
    };
    let before = Longest { span, thread, fork };
    let during = Longest { span: span_during, thread: thread_during, fork: fork_during };
    Ok(Meanwhile { snapshot, before, during, unrecorded })
}

/// The longest of each so far, in nanoseconds.
#[derive(Default)]
struct Watch {
    span: AtomicU64,
    thread: AtomicU64,
    fork: AtomicU64,
}

impl Watch {
    fn forget(&self) -> String {
        let [span, thread, fork] =
            [&self.span, &self.thread, &self.fork].map(|most| most.swap(0, SeqCst));
        format!("{span} {thread} {fork}")
    }
}

/// Calls; how long it took counts if it is the longest.
fn watched(longest: &AtomicU64, call: impl FnOnce()) {
    let start = Instant::now();
    call();
    longest.fetch_max(start.elapsed().as_nanos() as u64, Relaxed);
}

pub(crate) fn work_meanwhile(installed: &Installed, stacks: u64) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours has snapshots")?;
    let _time = grow(stacks);
    drop(flame.snapshot());
    let (watch, enough, made) = (Watch::default(), AtomicBool::new(false), AtomicU64::new(stacks));
    let nanos_a_tick = nanos_a_tick();
    let spans = |count| {
        let longest = (0..count).map(|_| {
            let start = raw_ticks();
            open(0).in_scope(|| ());
            raw_ticks().wrapping_sub(start)
        });
        let longest = longest.max().unwrap_or_default() as f64 * nanos_a_tick;
        watch.span.fetch_max(longest as u64, Relaxed);
        made.fetch_add(count, Relaxed);
    };
    let (snapshot, before, during) = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| flat_out(&enough, spans));
        }
        scope.spawn(|| flat_out(&enough, |_| come_and_go(&watch, &made)));
        scope.spawn(|| flat_out(&enough, |_| fork(&watch)));
        let seen = look(flame, &watch);
        enough.store(true, Relaxed);
        seen
    });
    let recorded = flame.snapshot().spans();
    let unrecorded = made.load(SeqCst).abs_diff(recorded);
    println!("{snapshot} {before} {during} {unrecorded}");
    Ok(())
}

/// The longest snapshot, what was seen while none was taken, and while some were.
fn look(flame: &Flame, watch: &Watch) -> (u64, String, String) {
    let pause = Duration::from_millis(500);
    thread::sleep(pause);
    drop(watch.forget());
    thread::sleep(pause * 3);
    let before = watch.forget();
    let longest = AtomicU64::new(0);
    for _ in 0..3 {
        watched(&longest, || drop(flame.snapshot()));
    }
    // What waited for the last one is over then.
    thread::sleep(pause);
    (longest.into_inner(), before, watch.forget())
}

fn come_and_go(watch: &Watch, made: &AtomicU64) {
    watched(&watch.thread, || {
        let _joined = thread::spawn(|| open(0).in_scope(|| ())).join();
    });
    made.fetch_add(1, Relaxed);
    thread::sleep(Duration::from_millis(1));
}

#[cfg(unix)]
fn fork(watch: &Watch) {
    let mut child = 0;
    // SAFETY: the child does nothing but end.
    watched(&watch.fork, || unsafe {
        child = libc::fork();
        if child == 0 {
            libc::_exit(0);
        }
    });
    let mut status = 0;
    // SAFETY: the status is a place of ours.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    thread::sleep(Duration::from_millis(5));
}

#[cfg(not(unix))]
fn fork(_: &Watch) {
    thread::sleep(Duration::from_millis(5));
}
