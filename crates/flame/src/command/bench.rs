//! `flame bench`: two commands, run in turn and compared.

use std::{fs, path::PathBuf};

use clap::Args;
use serde::Serialize;

use super::{Showing, Streams, compare::sides, judging::Judging};
use crate::{
    bench::{Folder, Plan, Program, Progress, Side, Step},
    compare::Sides,
    error::Error,
    human::Time,
    stats::{Look, looks},
    write::Output,
};

/// Runs two commands in turn, each recording its spans, and compares the runs
///
/// `--flame --flame-output FILE --flame-duration 0` is added to each command, or put where
/// `{flame}` stands in it. Exits as `flame compare` does, and with 2 where a command fails.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// The command to compare with, a line for the shell
    #[arg(long, value_name = "CMD")]
    before: String,
    /// The command in question
    #[arg(long, value_name = "CMD")]
    after: String,
    /// How many runs of each
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = runs)]
    runs: usize,
    /// How many runs of each come first and do not count
    #[arg(long, value_name = "N", default_value_t = 1)]
    warm_up: usize,
    /// End as soon as the time of every operation has a verdict, or the gate has failed: looks
    /// at half and three quarters of the runs, with stricter bounds, so that no more is told
    /// by chance
    #[arg(long)]
    stop_early: bool,
    /// A new folder for the recordings, which are kept
    #[arg(long, value_name = "DIR", default_value = "flame-bench")]
    keep: PathBuf,
    /// Says which run of each pair comes first [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    /// Ask the commands to record by `TRACING_FLAME` in their environment, and add no flags
    #[arg(long)]
    by_env: bool,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    showing: Showing,
}

/// What was done, beside the recordings.
#[derive(Serialize)]
struct Record<'b> {
    format: &'static str,
    version: u32,
    before: &'b str,
    after: &'b str,
    seed: u32,
    runs_wanted: usize,
    runs: usize,
    /// In the order in which they ran.
    order: Vec<String>,
    false_discovery_rate: f64,
}

impl Bench {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<u8, Error> {
        let outputs = self.judging.outputs()?;
        let seed = self.seed.unwrap_or_else(|| fastrand::u32(..));
        let folder = Folder::make(&self.keep, self.runs)?;
        self.warm_up(&folder, streams)?;
        let Plan { steps } = Plan::new(self.runs, seed.into());
        let mut progress = Progress::new(steps.len());
        let looks = match self.stop_early {
            true => looks(self.runs, self.judging.rate()),
            false => looks_at_the_end(self.runs, self.judging.rate()),
        };
        let mut done = 0;
        let mut last = None;
        for look in looks {
            for &step in &steps[done..look.runs * 2] {
                self.step(step, &folder, &mut progress, streams)?;
            }
            done = look.runs * 2;
            let sides = self.sides(&folder, look.runs, streams)?;
            let is_decided = self.judging.is_decided(&sides, look.rate);
            last = Some((sides, look));
            if is_decided && look.runs < self.runs {
                progress_line(streams, &format!("decided after {} runs of each", look.runs));
                break;
            }
        }
        let Some((sides, look)) = last else { return Ok(0) };
        self.record(&folder, seed, &steps[..done], look.rate)?;
        let kept = self.keep.display();
        streams.print(|out| {
            writeln!(
                out,
                "seed {seed}; the recordings are in `{kept}`; again by\n  {}",
                self.again(look.rate)
            )?;
            writeln!(out)
        })?;
        self.judging.judge(&sides, &self.showing, look.rate, outputs, streams)
    }

    fn warm_up(&self, folder: &Folder, streams: &mut Streams<'_>) -> Result<(), Error> {
        for _ in 0..self.warm_up {
            for side in [Side::Before, Side::After] {
                let recording = folder.warming(side);
                let log = folder.log(&recording);
                let took = self.program(side).run(&recording, &log)?;
                progress_line(
                    streams,
                    &format!("  warm-up  {:<12} {:>10}", side.name(), Time::of(took)),
                );
                // Nobody looks at these.
                let _ = fs::remove_file(recording).and_then(|()| fs::remove_file(log));
            }
        }
        Ok(())
    }

    fn step(
        &self,
        step: Step,
        folder: &Folder,
        progress: &mut Progress,
        streams: &mut Streams<'_>,
    ) -> Result<(), Error> {
        let recording = folder.recording(step);
        let took = self.program(step.side).run(&recording, &folder.log(&recording))?;
        progress_line(streams, &progress.line(&folder.name(step), took));
        Ok(())
    }

    fn program(&self, side: Side) -> Program {
        let line = match side {
            Side::Before => &self.before,
            Side::After => &self.after,
        };
        Program { line: line.clone(), by_environment: self.by_env }
    }

    fn sides(
        &self,
        folder: &Folder,
        runs: usize,
        streams: &mut Streams<'_>,
    ) -> Result<Sides, Error> {
        let [before, after] = [Side::Before, Side::After].map(|side| folder.recordings(side, runs));
        sides([&before, &after], &self.judging, &self.showing, streams)
    }

    fn record(&self, folder: &Folder, seed: u32, steps: &[Step], rate: f64) -> Result<(), Error> {
        let record = Record {
            format: "tracing-flame-layer bench",
            version: 1,
            before: &self.before,
            after: &self.after,
            seed,
            runs_wanted: self.runs,
            runs: steps.len() / 2,
            order: steps.iter().map(|step| folder.name(*step)).collect(),
            false_discovery_rate: rate,
        };
        Output::check(&folder.record())?.write(|out| {
            serde_json::to_writer_pretty(&mut *out, &record)?;
            writeln!(out)
        })
    }

    /// The command that compares what was recorded once more.
    fn again(&self, rate: f64) -> String {
        let kept = self.keep.display();
        let rate = format!("{:.4}", rate * 100.0);
        let rate = rate.trim_end_matches('0').trim_end_matches('.');
        format!(
            "flame compare --before {kept}/before-*.json --after {kept}/after-*.json --error-rate {rate}%"
        )
    }
}

fn looks_at_the_end(runs: usize, rate: f64) -> Vec<Look> {
    vec![Look { runs, rate }]
}

fn progress_line(streams: &mut Streams<'_>, line: &str) {
    let _ = writeln!(streams.err, "{line}");
}

/// From 1 to 1,000.
fn runs(text: &str) -> Result<usize, String> {
    let runs = text.parse::<usize>().ok().filter(|runs| (1..=1_000).contains(runs));
    runs.ok_or_else(|| "a number of runs is from 1 to 1000".to_owned())
}
