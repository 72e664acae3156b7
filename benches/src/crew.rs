//! Workers side by side.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

use crate::{Result, older, shape::Shape, subject::Subject, worker::WORKER};

/// A command that starts this program as a worker, or that of an older commit.
///
/// # Errors
///
/// Where the program cannot tell what it is, or no older commit was built.
pub fn command(job: &str, subject: Subject, output: &Path) -> Result<Command> {
    let (program, subject) = match subject {
        Subject::Older => (older::program()?.to_owned(), Subject::Ours),
        subject => (env::current_exe()?, subject),
    };
    let mut command = Command::new(program);
    command.args([WORKER, job, &subject.to_string()]).arg(output);
    Ok(command)
}

/// What one run of a shape took, in nanoseconds a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// On the threads that made the spans, on the wall clock.
    pub wall_nanos: f64,
    /// CPU time of the thread that was told, which makes all spans or half of them.
    pub thread_nanos: f64,
    /// CPU time of the whole process until it was done, and what was recorded was dealt with.
    pub cpu_nanos: f64,
}

/// A process for each subject.
#[derive(Debug)]
pub struct Crew {
    members: Vec<Member>,
    /// Removed, with all that the subjects wrote, after the last of them ended.
    _output: TempDir,
}

#[derive(Debug)]
struct Member {
    subject: Subject,
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Crew {
    /// Starts a process for each subject.
    ///
    /// # Errors
    ///
    /// Where one cannot be started.
    pub fn start(subjects: &[Subject]) -> Result<Self> {
        let output = tempfile::tempdir()?;
        let start = |subject: &Subject| Member::start(*subject, output.path());
        let members = subjects.iter().map(start).collect::<Result<_>>()?;
        Ok(Self { members, _output: output })
    }

    /// Has every subject run a shape, one after the other, beginning with another
    /// one each round.
    ///
    /// # Errors
    ///
    /// Where a process has ended or answers something else.
    pub fn round(
        &mut self,
        subjects: &[Subject],
        shape: Shape,
        units: u64,
        round: usize,
    ) -> Result<Vec<(Subject, Reading)>> {
        let mut readings = Vec::new();
        let count = self.members.len();
        for turn in 0..count {
            let member = &mut self.members[(turn + round) % count];
            if subjects.contains(&member.subject)
                && let Some(reading) = member.run(shape, units)?
            {
                readings.push((member.subject, reading));
            }
        }
        Ok(readings)
    }
}

impl Member {
    fn start(subject: Subject, output: &Path) -> Result<Self> {
        let mut command = command("shapes", subject, output)?;
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        Ok(Self { subject, process, orders, answers })
    }

    fn run(&mut self, shape: Shape, units: u64) -> Result<Option<Reading>> {
        let orders = self.orders.as_mut().ok_or("no standard input")?;
        writeln!(orders, "{shape} {units}")?;
        orders.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let per_unit = |nanos: &str| Ok::<_, crate::Error>(nanos.parse::<f64>()? / units as f64);
        match answer.split_whitespace().collect::<Vec<_>>()[..] {
            [wall, thread, cpu] => Ok(Some(Reading {
                wall_nanos: per_unit(wall)?,
                thread_nanos: per_unit(thread)?,
                cpu_nanos: per_unit(cpu)?,
            })),
            ["-"] => Ok(None),
            _ => Err(format!("{} failed at {shape}: answered {answer:?}", self.subject).into()),
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Without orders it ends by itself.
        drop(self.orders.take());
        let _ended = self.process.wait();
    }
}
