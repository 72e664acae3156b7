//! Instructions, counted by callgrind.
//!
//! Counts of a whole process differ from run to run, because a clock is
//! calibrated at its start. So only [`measured_section`] counts, on whichever
//! thread it runs, and two runs of different length are subtracted, which leaves
//! what each further unit takes, to the instruction.
//!
//! [`measured_section`]: crate::measure::measured_section

use std::{fs, path::Path, process::Command};

use crate::{Result, crew, shape::Shape, subject::Subject};

/// Units of the shorter and of the longer run; multiples of what shapes group by.
const UNITS: [u64; 2] = [4_000, 20_000];

/// Instructions that each unit of a shape takes.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn per_unit(subject: Subject, shape: Shape) -> Result<f64> {
    let [short, long] = UNITS;
    let counted = count(subject, shape, long)? as f64 - count(subject, shape, short)? as f64;
    Ok(counted / (long - short) as f64)
}

/// The version of valgrind, where there is one.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().replace('-', " "))
}

fn count(subject: Subject, shape: Shape, units: u64) -> Result<u64> {
    let directory = tempfile::tempdir()?;
    let counts = directory.path().join("callgrind.out");
    let worker = crew::command("once", subject, directory.path())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--toggle-collect=*measured_section*"]);
    valgrind.arg(format!("--callgrind-out-file={}", counts.display()));
    valgrind.arg(worker.get_program()).args(worker.get_args());
    let output = valgrind.args([shape.to_string(), units.to_string()]).output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("callgrind failed at {shape} of {subject}: {why}").into());
    }
    read_total(&counts)
}

/// The count of a whole run, from the file that callgrind wrote.
fn read_total(counts: &Path) -> Result<u64> {
    let text = fs::read_to_string(counts)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"));
    let total: u64 = total.ok_or("callgrind wrote no `totals:`")?.trim().parse()?;
    if total == 0 {
        return Err("callgrind counted nothing: is the measured section gone?".into());
    }
    Ok(total)
}
