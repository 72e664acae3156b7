//! Memory and disk over many spans, and over many threads.

use std::{
    fmt::Display,
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Barrier},
    thread,
};

use crate::{
    Result,
    crew::command,
    shape::{Shape, open},
    subject::{Installed, Subject},
};

/// Parts of a run over many spans; memory is read after the first and the last.
const PARTS: u64 = 10;

/// What many spans left behind, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Growth {
    /// Spans recorded.
    pub spans: u64,
    /// Resident memory once a tenth was recorded.
    pub resident_early: u64,
    /// Resident memory at the end.
    pub resident_late: u64,
    /// The most resident memory there was.
    pub peak: u64,
    /// Size of the files.
    pub disk: u64,
}

/// Has a process of its own record spans in chains of four.
///
/// # Errors
///
/// Where that fails, or this system does not tell a process its memory.
pub fn over_spans(subject: Subject, spans: u64) -> Result<Growth> {
    let output = tempfile::tempdir()?;
    let numbers = ask("memory", subject, output.path(), &[&spans])?;
    let [resident_early, resident_late, peak] = numbers[..] else {
        return Err("a memory worker answers three numbers".into());
    };
    Ok(Growth { spans, resident_early, resident_late, peak, disk: size(output.path())? })
}

/// Starts a worker with some arguments, and reads those it answers.
pub(crate) fn ask(
    job: &str,
    subject: Subject,
    output: &Path,
    told: &[&dyn Display],
) -> Result<Vec<u64>> {
    let mut command = command(job, subject, output)?;
    answers(command.args(told.iter().map(ToString::to_string)))
}

/// Runs a worker, and reads the numbers that it answers.
pub(crate) fn answers(worker: &mut Command) -> Result<Vec<u64>> {
    let answer = worker.output()?;
    if !answer.status.success() {
        let why = String::from_utf8_lossy(&answer.stderr);
        return Err(format!("{worker:?} failed: {why}").into());
    }
    let text = String::from_utf8(answer.stdout)?;
    let numbers = text.split_whitespace().map(|number| Ok(number.parse()?));
    numbers.collect()
}

pub(crate) fn work(installed: &mut Installed, spans: u64) -> Result<()> {
    let mut early = 0;
    for part in 0..PARTS {
        let _time = installed.run(Shape::Depth4, spans / PARTS);
        if part == 0 {
            early = resident("VmRSS")?;
        }
    }
    println!("{early} {} {}", resident("VmRSS")?, resident("VmHWM")?);
    Ok(())
}

/// What threads cost in memory, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads {
    /// Each live thread with one open span, its own stack included.
    pub live: f64,
    /// Each thread that came, entered a span and went, after as many before it.
    pub gone: f64,
}

/// Has a process of its own start threads.
///
/// # Errors
///
/// Where that fails, or this system does not tell a process its memory.
pub fn over_threads(subject: Subject, threads: u64) -> Result<Threads> {
    let output = tempfile::tempdir()?;
    let numbers = ask("threads", subject, output.path(), &[&threads])?;
    let [start, live, early, late] = numbers[..] else {
        return Err("a threads worker answers four numbers".into());
    };
    let each = |from: u64, to: u64| (to as f64 - from as f64) / threads as f64;
    Ok(Threads { live: each(start, live), gone: each(early, late) })
}

pub(crate) fn work_threads(installed: &Installed, threads: u64) -> Result<()> {
    let _one = installed.run(Shape::NewThreads, 1);
    let start = resident("VmRSS")?;
    let live = with_live(threads, || resident("VmRSS"))?;
    let _early = installed.run(Shape::NewThreads, threads);
    let early = resident("VmRSS")?;
    let _late = installed.run(Shape::NewThreads, threads);
    println!("{start} {live} {early} {}", resident("VmRSS")?);
    Ok(())
}

/// Calls `read` while so many threads are in a span each.
fn with_live<T>(threads: u64, read: impl FnOnce() -> T) -> T {
    let barrier = Arc::new(Barrier::new(threads as usize + 1));
    let wait = || {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            let _entered = open(0).entered();
            barrier.wait();
            barrier.wait();
        })
    };
    let waiting: Vec<_> = (0..threads).map(|_| wait()).collect();
    barrier.wait();
    let result = read();
    barrier.wait();
    for thread in waiting {
        let _joined = thread.join();
    }
    result
}

/// A figure of this process's memory, in bytes: `VmRSS`, or `VmHWM` for the most.
pub(crate) fn resident(key: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.ok_or("the kernel does not tell")?.parse::<u64>()? * 1024)
}

/// The size of all files below a directory.
fn size(directory: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        total += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(total)
}
