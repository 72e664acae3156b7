//! What the engine takes to read what threads have logged.
//!
//! A snapshot reads all logs first. So threads log as much as wakes no collector, and the
//! snapshot behind that is timed: one of a longer run less one of a shorter.

use std::{
    hint::black_box,
    sync::{Condvar, Mutex, PoisonError},
    thread,
    time::Instant,
};

use tracing_flame_layer::Flame;

use crate::{
    Result,
    figures::median,
    memory::ask,
    shape::{Shape, open},
    subject::{Installed, Subject},
};

/// Entries of a shorter and of a longer run: 47 chunks of 255, where 64 wake the collector.
pub(crate) const ENTRIES: [u64; 2] = [4_000, 12_000];
/// Snapshots of each.
const ROUNDS: usize = 41;
/// Spans of a chain that threads make in turn.
const DEPTH: u64 = 4;

/// What is logged.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Spans of this shape; with several threads chains of four.
    pub shape: Shape,
    /// So many threads, of which each makes two entries and then the next one two, and so on.
    pub threads: u64,
}

impl Drain {
    /// The units that make so many entries.
    pub(crate) fn units(self, entries: u64) -> u64 {
        entries / self.entries()
    }

    /// Entries of a unit: a span is created, entered, exited and closed; a poll enters and
    /// exits.
    pub(crate) fn entries(self) -> u64 {
        match self.shape {
            Shape::Polls | Shape::Migrating => 2,
            _ => 4,
        }
    }
}

/// Nanoseconds an entry takes to read and to interpret, by a process of its own.
///
/// # Errors
///
/// Where that fails.
pub fn nanos_an_entry(drain: Drain) -> Result<f64> {
    let output = tempfile::tempdir()?;
    let told: [&dyn std::fmt::Display; 2] = [&drain.shape, &drain.threads];
    let numbers = ask("drain", Subject::Ours, output.path(), &told)?;
    let [short, long] = numbers[..] else {
        return Err("a drain worker answers two numbers".into());
    };
    let [less, more] = ENTRIES;
    Ok((long as f64 - short as f64) / (more - less) as f64)
}

pub(crate) fn work(installed: &Installed, shape: Shape, threads: u64) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours is drained")?;
    let drain = Drain { shape, threads };
    let mut nanos = [Vec::new(), Vec::new()];
    for _ in 0..=ROUNDS {
        for (entries, nanos) in ENTRIES.iter().zip(&mut nanos) {
            nanos.push(once(flame, drain, drain.units(*entries)));
        }
    }
    // The first one of each warms up.
    let [short, long] = nanos.map(|nanos| median(nanos[1..].to_vec()).unwrap_or_default());
    println!("{short:.0} {long:.0}");
    Ok(())
}

pub(crate) fn work_once(installed: &Installed, drain: Drain, units: u64) -> Result<()> {
    let flame = installed.flame.as_ref().ok_or("only ours is drained")?;
    // All stacks are known then.
    write(drain, drain.units(ENTRIES[1]));
    drop(flame.snapshot());
    once(flame, drain, units);
    Ok(())
}

/// Has units written and reads them; the nanoseconds that it took to read.
fn once(flame: &Flame, drain: Drain, units: u64) -> f64 {
    write(drain, units);
    let start = Instant::now();
    drained_section(flame);
    start.elapsed().as_nanos() as f64
}

/// Reads all logs. Callgrind counts what is between its entry and its return.
#[inline(never)]
fn drained_section(flame: &Flame) {
    drop(black_box(flame.snapshot()));
}

fn write(drain: Drain, units: u64) {
    if drain.threads > 1 {
        in_turn(drain.threads, units / DEPTH / drain.threads);
    } else {
        let _time = drain.shape.run(units);
    }
}

/// Each thread makes so many chains.
fn in_turn(threads: u64, chains: u64) {
    let turns = Turns { next: Mutex::new(0), threads, changed: Condvar::new() };
    thread::scope(|scope| {
        for thread in 0..threads {
            let turns = &turns;
            scope.spawn(move || (0..chains).for_each(|_| chain(turns, thread, 0)));
        }
    });
}

fn chain(turns: &Turns, thread: u64, depth: u64) {
    if depth < DEPTH {
        let span = turns.take(thread, || open(depth as usize).entered());
        chain(turns, thread, depth + 1);
        turns.take(thread, || drop(span));
    }
}

/// Threads that do something one after the other.
struct Turns {
    next: Mutex<u64>,
    threads: u64,
    changed: Condvar,
}

impl Turns {
    fn take<T>(&self, thread: u64, call: impl FnOnce() -> T) -> T {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(next, |next| *next != thread);
        let mut next = waited.unwrap_or_else(PoisonError::into_inner);
        let result = call();
        *next = (thread + 1) % self.threads;
        self.changed.notify_all();
        result
    }
}
