//! `flame diff`: two recordings of the same program compared.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use tracing_flame_layer::{Profile, render::Options};

use super::{Reading, SO_FAR, Showing, Streams};
use crate::{
    diff::{self, Both, Compared, Gate, Run},
    error::{Error, Kind},
    read::{Given, is_standard_input},
    write::Output,
};

/// Prints which frames got slower and faster, the largest change first
///
/// Exits with 1 where `--fail-above` finds a frame or misses an operation, and with 2
/// where a file makes no sense, or is not the whole of a run that took time.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The run to compare with: a `.json`, or folded stacks of any tool; `-`: standard
    /// input
    before: PathBuf,
    /// The run in question; without it, the first file has two weights a line
    after: Option<PathBuf>,
    /// Also draw the difference: `.svg` a picture, `.html` a report of both runs
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Exit with 1 if a frame of at least 1% of the time takes that much longer
    /// for each operation
    #[arg(long, value_name = "PERCENT")]
    fail_above: Option<Percent>,
    /// How many rows of changes to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    showing: Showing,
}

/// The exit code of a gate that was not passed.
const FAILED: u8 = 1;

impl Diff {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<u8, Error> {
        let output = self.output.as_ref().map(|path| -> Result<Output, Error> {
            diff::check_output(path).map_err(Error::options)?;
            Output::check(path)
        });
        let output = output.transpose()?;
        let [before, after] = self.sides(streams)?;
        let compared = Compared::new(before.run, after.run);
        let gate = self.fail_above.map(|Percent(percent)| Gate::new(&compared, percent));
        if let (Some(output), Some(path)) = (output, &self.output) {
            let both = Both {
                compared: &compared,
                before: &before.profile,
                after: &after.profile,
                options: &after.options,
            };
            output.write(|writer| both.draw(path, writer))?;
        }
        let passed = gate.as_ref().is_none_or(Gate::is_passed);
        let printed = streams.print(|out| {
            diff::write_table(&compared, self.rows, out)?;
            gate.as_ref().map_or(Ok(()), |gate| gate.write(&compared, out))
        });
        match printed {
            // The verdict stands, whether anyone reads the reasons or not.
            Err(error) if !error.is_broken_pipe() => Err(error),
            _ => Ok(if passed { 0 } else { FAILED }),
        }
    }

    /// Both runs, each of which took some time.
    fn sides(&self, streams: &mut Streams<'_>) -> Result<[Side; 2], Error> {
        let Some(after) = &self.after else {
            let [before, after] = self.reading.read_two(&self.before, streams)?;
            let path = &self.before;
            let before = self.side(path, before, ", its first weights", streams)?;
            return Ok([before, self.side(path, after, ", its second weights", streams)?]);
        };
        if [&self.before, after].iter().all(|path| is_standard_input(path)) {
            return Err(Error::options("standard input is one run; give the other as a file"));
        }
        let before = self.reading.read(&self.before, streams)?;
        let before = self.side(&self.before, before, "", streams)?;
        let given = self.reading.read(after, streams)?;
        Ok([before, self.side(after, given, "", streams)?])
    }

    /// A run as it is compared; `part` says which of a file it is.
    fn side(
        &self,
        path: &Path,
        given: Given,
        part: &str,
        streams: &mut Streams<'_>,
    ) -> Result<Side, Error> {
        let name = format!("{}{part}", path.display());
        if self.fail_above.is_some() && given.profile.is_so_far() {
            return Err(Error::options(format!(
                "`{name}`: {SO_FAR}; `--fail-above` judges whole runs"
            )));
        }
        let options = self.showing.options(&given, path)?;
        let run = Run::new(&given.profile, &options, name.clone())
            .map_err(|source| Kind::Read { path: path.to_owned(), source })?;
        if run.is_empty() {
            let why = format!("`{name}` has no time in it: there is nothing to compare");
            if self.fail_above.is_some() {
                return Err(Error::options(why));
            }
            streams.note(&why);
        }
        Ok(Side { profile: given.profile, options, run })
    }
}

/// One of the runs, as it was read and as it is compared.
struct Side {
    profile: Profile,
    options: Options,
    run: Run,
}

/// A number of per cent that is not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Percent(f64);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().trim_end_matches('%').trim_end();
        match number.parse::<f64>() {
            Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(Self(percent)),
            _ => Err("a percentage is a number from zero up, as in `5%` or `2.5`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_a_number_from_zero_up() {
        for (text, percent) in [("5%", 5.0), ("2.5", 2.5), ("0%", 0.0), (" 10 % ", 10.0)] {
            assert_eq!(text.parse(), Ok(Percent(percent)), "{text}");
        }
        for text in ["", "%", "-1%", "nan", "inf", "five"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }
}
