//! A process with one subject, which does as it is told.
//!
//! The bench starts itself again with `worker` as the first argument. A worker
//! that runs shapes reads lines of `<shape> <units>` and answers each with
//! `<wall nanoseconds> <those of the thread's CPU> <of the process's>`, or `-` where it has no such shape.

use std::{
    env,
    io::{self, BufRead, Write},
    path::Path,
};

use crate::{
    Result, allocations,
    clock::{cpu_time, thread_time},
    drain::{self, Drain},
    memory, overload, selves, snapshots, stacks,
    subject::{Installed, Subject},
};

/// The argument that makes a bench a worker.
pub const WORKER: &str = "worker";

/// Works, if this process was started as a worker; whether it was.
///
/// # Errors
///
/// Whatever went wrong, with what would have been valid.
pub fn work_if_told() -> Result<bool> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [WORKER, job, subject, output, rest @ ..] = arguments.as_slice() else {
        return Ok(false);
    };
    let mut installed = subject.parse::<Subject>()?.install(Path::new(output))?;
    match (*job, rest) {
        ("shapes", []) => run_shapes(&mut installed)?,
        ("once", [shape, units]) => run_once(&installed, shape, units)?,
        ("memory", [spans]) => memory::work(&mut installed, spans.parse()?)?,
        ("threads", [threads]) => memory::work_threads(&installed, threads.parse()?)?,
        ("selves", [spans]) => selves::work(&installed, spans.parse()?)?,
        ("stacks", [stacks, threads]) => {
            stacks::work(&installed, stacks.parse()?, threads.parse()?)?;
        }
        ("overload", [depth, spans]) => {
            overload::work(&installed, depth.parse()?, spans.parse()?)?;
        }
        ("snapshots", [idle, busy]) => {
            snapshots::work(&installed, idle.parse()?, busy.parse()?)?;
        }
        ("meanwhile", [stacks]) => snapshots::work_meanwhile(&installed, stacks.parse()?)?,
        ("drain", [shape, threads]) => drain::work(&installed, shape.parse()?, threads.parse()?)?,
        ("drained", [shape, threads, units]) => {
            let drain = Drain { shape: shape.parse()?, threads: threads.parse()? };
            drain::work_once(&installed, drain, units.parse()?)?;
        }
        ("allocations", [shape, units]) => {
            allocations::work(&installed, shape.parse()?, units.parse()?)?;
        }
        _ => return Err(format!("no job is called {job:?} with {} arguments", rest.len()).into()),
    }
    // The process ends here: guards would write what nobody reads.
    std::process::exit(0)
}

fn run_shapes(installed: &mut Installed) -> Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (shape, units) = line.split_once(' ').ok_or("a line is `<shape> <units>`")?;
        let (before, began) = (cpu_time(), thread_time());
        let wall = installed.run(shape.parse()?, units.parse()?);
        let thread = thread_time() - began;
        installed.settle();
        let settled = cpu_time();
        // Whatever it takes to find that nothing is left to do is none of the spans'.
        installed.settle();
        let cpu = (settled - before).saturating_sub(cpu_time() - settled);
        match wall {
            Some(wall) => {
                let nanos = [wall, thread, cpu].map(|time| time.as_nanos());
                writeln!(answers, "{} {} {}", nanos[0], nanos[1], nanos[2])?;
            }
            None => writeln!(answers, "-")?,
        }
        answers.flush()?;
    }
    Ok(())
}

fn run_once(installed: &Installed, shape: &str, units: &str) -> Result<()> {
    installed.run(shape.parse()?, units.parse()?).ok_or("the subject has no such shape")?;
    Ok(())
}
