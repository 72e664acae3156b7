//! How runs are judged, where that is written, and the exit code.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use clap::Args;
use tracing_flame_layer::profile::ClassRange;

use super::{Percent, Showing, Streams};
use crate::{
    compare::{self, Compared, FailOn, Floors, Gate, How, Sides},
    error::Error,
    read::Unit,
    write::Output,
};

/// How runs are judged, and where that goes.
#[derive(Args, Debug)]
pub(crate) struct Judging {
    /// Also write it: `.html` a report of both sides, `.md` for a pull request, `.json` for
    /// programs
    #[arg(short, long, value_name = "PATH")]
    output: Vec<PathBuf>,
    /// Exit with 1 if something is told to be slower, and takes that much longer on average
    #[arg(long, value_name = "PERCENT")]
    fail_above: Option<Percent>,
    /// Exit with 1 if something is told to be slower at all
    #[arg(long, value_enum, conflicts_with = "fail_above")]
    fail_on: Option<FailOn>,
    /// A change of less than that, of a frame's own time, is none
    #[arg(long, value_name = "PERCENT", default_value = "1%")]
    floor: Percent,
    /// A change of less than that, of one operation, is none [default: a thousandth of its
    /// time]
    #[arg(long, value_name = "TIME")]
    floor_time: Option<Unit>,
    /// Judge what has at least that much of all time
    #[arg(long, value_name = "PERCENT", default_value = "0.5%")]
    least_share: Percent,
    /// How much of what is told may be chance, and of comparisons without any change how many
    /// may tell one
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = rate)]
    error_rate: Percent,
    /// Compare the time on a CPU alone: neither a busy machine nor a slow disk makes a run
    /// slower then
    #[arg(long, conflicts_with = "hide_states")]
    pub(super) on_cpu: bool,
    /// Compare only operations that took about so long: `64ms..`, `block:8ms..64ms`
    ///
    /// Operations are told apart by powers of two of a nanosecond, the nearest edges count, and
    /// must be the same in all runs, as those of times are.
    #[arg(long, value_name = "RANGE")]
    pub(super) class: Option<ClassRange>,
    /// How many rows of changes to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
}

/// The exit code of a gate that was not passed.
const FAILED: u8 = 1;

impl Judging {
    pub(super) fn wants_picture(&self) -> bool {
        self.output.iter().any(|path| Format::of(path).is_ok_and(Format::is_picture))
    }

    /// Where it goes, looked at before there is any work.
    pub(crate) fn outputs(&self) -> Result<Vec<(Format, Output)>, Error> {
        let one = |path: &PathBuf| Ok((Format::of(path)?, Output::check(path)?));
        self.output.iter().map(one).collect()
    }

    /// Judges, tells it, and returns the exit code.
    pub(crate) fn judge(
        &self,
        sides: &Sides,
        showing: &Showing,
        rate: f64,
        outputs: Vec<(Format, Output)>,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Error> {
        let compared = Compared::new(sides, self.how(rate));
        let gate = self.gate(&compared)?;
        for (format, output) in outputs {
            let gate = gate.as_ref();
            output.write(|out| match format {
                Format::Json => compare::write_json(&compared, gate, out),
                Format::Markdown => compare::write_markdown(&compared, gate, out),
                #[cfg(feature = "html")]
                Format::Html => compare::write_report(&compared, sides, &showing.shown(), out),
            })?;
        }
        let passed = gate.as_ref().is_none_or(|gate| gate.is_passed(&compared));
        let printed = streams.print(|out| {
            compare::write_table(&compared, self.rows, out)?;
            let Some(gate) = &gate else { return Ok(()) };
            writeln!(out, "\n{}", gate.sentence(&compared))
        });
        match printed {
            // The verdict stands, whether anyone reads the reasons or not.
            Err(error) if !error.is_broken_pipe() => Err(error),
            _ => Ok(if passed { 0 } else { FAILED }),
        }
    }

    /// The false discovery rate, as a part of one.
    pub(crate) fn rate(&self) -> f64 {
        self.error_rate.0 / 100.0
    }

    /// Whether more runs would not change what is asked: the time of every operation has a
    /// verdict, or the gate has failed.
    pub(crate) fn is_decided(&self, sides: &Sides, rate: f64) -> bool {
        let compared = Compared::new(sides, self.how(rate));
        let has_failed =
            self.gate(&compared).is_ok_and(|gate| gate.is_some_and(|g| !g.is_passed(&compared)));
        has_failed || compared.is_decided()
    }

    fn how(&self, rate: f64) -> How {
        let floors = Floors {
            part: self.floor.0 / 100.0,
            nanos: self.floor_time.map(nanos),
            least_share: self.least_share.0 / 100.0,
        };
        How { rate, floors }
    }

    fn gate(&self, compared: &Compared) -> Result<Option<Gate>, Error> {
        let percent = match (self.fail_above, self.fail_on) {
            (Some(Percent(percent)), _) => percent,
            (None, Some(FailOn::Slower)) => 0.0,
            (None, None) => return Ok(None),
        };
        if !compared.can_judge() {
            return Err(Error::options(
                "one run a side says nothing of how much runs vary, so there is nothing to \
                 judge by; give several a side, or use `flame diff --fail-above`",
            ));
        }
        Ok(Some(Gate::new(compared, percent)))
    }
}

/// What a comparison is written as, by the end of a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Markdown,
    #[cfg(feature = "html")]
    Html,
}

impl Format {
    fn of(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().map(OsStr::to_ascii_lowercase);
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("json") => Ok(Self::Json),
            Some("md") => Ok(Self::Markdown),
            #[cfg(feature = "html")]
            Some("html") => Ok(Self::Html),
            _ => Err(Error::options(format!(
                "cannot write `{}`: a comparison is written as `.html`, `.md` or `.json`; its \
                 table is printed",
                path.display()
            ))),
        }
    }

    /// Whether it shows the runs, and not only what came of comparing them.
    fn is_picture(self) -> bool {
        match self {
            Self::Json | Self::Markdown => false,
            #[cfg(feature = "html")]
            Self::Html => true,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a floor of more than 2^52 ns is none")]
fn nanos(time: Unit) -> f64 {
    time.in_nanos() as f64
}

/// A rate that leaves something to be told.
fn rate(text: &str) -> Result<Percent, String> {
    match text.parse()? {
        Percent(percent) if percent > 0.0 && percent <= 50.0 => Ok(Percent(percent)),
        _ => Err("a rate of errors is above 0% and no more than 50%".to_owned()),
    }
}
