//! `flame diff`: two recordings of the same program compared.

use std::{path::PathBuf, str::FromStr};

use clap::Args;

use super::{Reading, Showing, Streams};
use crate::{
    diff::{self, Compared, Gate, Run},
    error::{Error, Kind},
    write,
};

/// Prints which frames got slower and faster, the largest change first
///
/// Exits with 1 where `--fail-above` finds a frame, and with 2 where a file
/// makes no sense.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The run to compare with: a `.json`, or folded stacks of any tool
    before: PathBuf,
    /// The run in question
    after: PathBuf,
    /// Also draw the difference, as SVG
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
        if let Some(output) = &self.output {
            diff::check_output(output).map_err(Error::options)?;
        }
        let [before, after] = [&self.before, &self.after].map(|path| -> Result<Run, Error> {
            let given = self.reading.read(path, streams)?;
            let options = self.showing.options(&given, path)?;
            let name = path.display().to_string();
            Run::new(&given.profile, &options, name)
                .map_err(|source| Kind::Read { path: path.clone(), source }.into())
        });
        let compared = Compared::new(before?, after?);
        let gate = self.fail_above.map(|Percent(percent)| Gate::new(&compared, percent));
        if let Some(output) = &self.output {
            write::replace(output, |writer| diff::draw(&compared, writer))?;
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
