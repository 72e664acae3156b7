//! Instructions and lines that were in no cache, counted by callgrind.
//!
//! Counts of a whole process differ from run to run, because a clock is
//! calibrated at its start. So only one function counts, on whichever thread it
//! runs, and two runs of different length are subtracted, which leaves what each
//! further unit takes, to the instruction.

use std::{fmt::Display, fs, path::Path, process::Command};

use crate::{Result, crew, drain, drain::Drain, shape::Shape, subject::Subject};

/// Units of the shorter and of the longer run; multiples of what shapes group by.
const UNITS: [u64; 2] = [4_000, 20_000];
/// Of shapes that have something else to do between their units.
const COLD_UNITS: [u64; 2] = [40, 140];
/// Caches of 32 kB for code and for data; in the place of the last one a second level of 1 MB.
const CACHES: [&str; 4] =
    ["--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64"];

/// The function that reads what was logged.
pub const DRAIN: &str = "drained_section";

/// What a unit takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Instructions.
    pub instructions: f64,
    /// Lines of the cache that were not in the first level, of code and of data.
    pub missed: f64,
    /// And not in the second level.
    pub missed_far: f64,
}

impl Counts {
    /// What these are more than others.
    #[must_use]
    pub fn less(self, others: Self) -> Self {
        Self {
            instructions: self.instructions - others.instructions,
            missed: self.missed - others.missed,
            missed_far: self.missed_far - others.missed_far,
        }
    }
}

/// Instructions that each unit of a shape takes on the threads that make its spans.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn per_unit(subject: Subject, shape: Shape) -> Result<f64> {
    let count = |units| count("once", subject, &[&shape, &units], "measured_section", &[]);
    Ok(each(UNITS, count)?.instructions)
}

/// Instructions that each unit of a cold shape takes, and the lines of the caches that it misses.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn per_cold_unit(subject: Subject, shape: Shape) -> Result<Counts> {
    let count = |units| count("once", subject, &[&shape, &units], "measured_section", &CACHES);
    each(COLD_UNITS, count)
}

/// Instructions that the engine takes for each unit of a subject that is ours, or one function
/// within it: [`DRAIN`] is all of it.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn per_drained_unit(subject: Subject, drain: Drain, function: &str) -> Result<f64> {
    let Drain { shape, threads } = drain;
    let count = |units| count("drained", subject, &[&shape, &threads, &units], function, &[]);
    Ok(each(drain::ENTRIES.map(|entries| drain.units(entries)), count)?.instructions)
}

/// What one more unit takes, of a shorter and a longer run.
fn each([short, long]: [u64; 2], count: impl Fn(u64) -> Result<Counts>) -> Result<Counts> {
    let more = count(long)?.less(count(short)?);
    let each = |of: f64| of / (long - short) as f64;
    Ok(Counts {
        instructions: each(more.instructions),
        missed: each(more.missed),
        missed_far: each(more.missed_far),
    })
}

/// The version of valgrind, where there is one.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().replace('-', " "))
}

/// What a worker's function takes.
fn count(
    job: &str,
    subject: Subject,
    told: &[&dyn Display],
    function: &str,
    flags: &[&str],
) -> Result<Counts> {
    let directory = tempfile::tempdir()?;
    let counts = directory.path().join("callgrind.out");
    let worker = crew::command(job, subject, directory.path())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind"]).args(flags);
    valgrind.arg(format!("--toggle-collect=*{function}*"));
    valgrind.arg(format!("--callgrind-out-file={}", counts.display()));
    valgrind.arg(worker.get_program()).args(worker.get_args());
    let output = valgrind.args(told.iter().map(ToString::to_string)).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("callgrind failed: {valgrind:?}: {why}").into());
    }
    read_totals(&counts)
}

/// The counts of a whole run, from the file that callgrind wrote.
fn read_totals(counts: &Path) -> Result<Counts> {
    let text = fs::read_to_string(counts)?;
    let line = |key| text.lines().find_map(|line: &str| line.strip_prefix(key));
    let events = line("events:").ok_or("callgrind wrote no `events:`")?.split_whitespace();
    let totals = line("totals:").ok_or("callgrind wrote no `totals:`")?.split_whitespace();
    let mut counts = Counts::default();
    for (event, total) in events.zip(totals) {
        let total: f64 = total.parse()?;
        match event {
            "Ir" => counts.instructions += total,
            "I1mr" | "D1mr" | "D1mw" => counts.missed += total,
            "ILmr" | "DLmr" | "DLmw" => counts.missed_far += total,
            _ => {}
        }
    }
    if counts.instructions == 0.0 {
        return Err("callgrind counted nothing: is the measured function gone?".into());
    }
    Ok(counts)
}
