//! `flame compare`: several recordings a side, and what is sure of how they differ.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use clap::Args;
use tracing_flame_layer::{Profile, profile::StateSource};

use super::{Percent, SO_FAR, Showing, Streams};
use crate::{
    compare::{self, Compared, FailOn, Floors, Gate, How, Origin, Run, RunTimes, Sides},
    error::{Error, Kind},
    read::{self, Given, Unit},
    write::Output,
};

/// Says which frames got slower and faster, as far as several runs tell it from chance
///
/// Exits with 1 where a gate (`--fail-above`, `--fail-on`) fails, and with 2 where a file
/// makes no sense or runs cannot be compared.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// The runs to compare with: `.json` files, one a run
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    before: Vec<PathBuf>,
    /// The runs in question
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    after: Vec<PathBuf>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    showing: Showing,
}

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
    on_cpu: bool,
    /// How many rows of changes to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
}

/// The exit code of a gate that was not passed.
const FAILED: u8 = 1;

impl Compare {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<u8, Error> {
        let outputs = self.judging.outputs()?;
        let sides = sides([&self.before, &self.after], &self.judging, &self.showing, streams)?;
        self.judging.judge(&sides, &self.showing, self.judging.rate(), outputs, streams)
    }
}

/// Reads the runs of both sides, and refuses what cannot be compared.
pub(crate) fn sides(
    [before, after]: [&[PathBuf]; 2],
    judging: &Judging,
    showing: &Showing,
    streams: &mut Streams<'_>,
) -> Result<Sides, Error> {
    let mut given = Vec::new();
    for path in before.iter().chain(after) {
        given.push((path, given_in(path)?));
    }
    let origins: Vec<Origin> = given.iter().map(|(path, given)| origin(path, given)).collect();
    compare::recorded_alike(&origins).map_err(Error::options)?;
    if let Some(silent) = origins.iter().find(|origin| origin.flags.is_none()) {
        streams.note(&format!(
            "`{}` does not say with which flags it was recorded; it is taken to be as the others \
             are",
            silent.path
        ));
    }
    let times = times(&given, judging, showing, streams)?;
    let sums = judging.wants_picture().then(|| sums(&given, before.len())).flatten();
    let mut runs = Vec::new();
    for (path, given) in given {
        let options = showing.options(&given, path)?;
        let run = Run::new(&given.profile, &options, times, path.display().to_string())
            .map_err(|source| Kind::Read { path: path.clone(), source })?;
        compare::whole(&run).map_err(Error::options)?;
        runs.push(run);
    }
    compare::different(&runs).map_err(Error::options)?;
    let after = runs.split_off(before.len());
    Ok(Sides { before: runs, after, times, sums })
}

/// Each side as one profile.
fn sums(given: &[(&PathBuf, Given)], befores: usize) -> Option<[Profile; 2]> {
    let profiles: Vec<&Profile> = given.iter().map(|(_, given)| &given.profile).collect();
    let (before, after) = profiles.split_at(befores);
    Some([compare::sum(before)?, compare::sum(after)?])
}

/// Which times all runs have.
fn times(
    given: &[(&PathBuf, Given)],
    judging: &Judging,
    showing: &Showing,
    streams: &mut Streams<'_>,
) -> Result<RunTimes, Error> {
    let without: Vec<_> = given.iter().filter(|(_, given)| !given.profile.has_states()).collect();
    let Some((path, first)) = without.first() else {
        return Ok(match (judging.on_cpu, showing.hide_states) {
            (true, _) => RunTimes::OnCpu,
            (false, true) => RunTimes::Whole,
            (false, false) => RunTimes::ByState,
        });
    };
    let path = path.display();
    let why = format!("`{path}` does not say what threads did{}", reason(&first.profile));
    if judging.on_cpu {
        return Err(Error::options(format!(
            "{why}, so `--on-cpu` has nothing to compare; leave it out, or give runs with states"
        )));
    }
    if without.len() < given.len() {
        streams.note(&format!("{why}; the runs are compared without it"));
    }
    Ok(RunTimes::Whole)
}

/// What a run says of how it was made.
fn origin(path: &Path, given: &Given) -> Origin {
    Origin {
        path: path.display().to_string(),
        generator: given.generator.clone(),
        flags: given.profile.recorded_with().map(<[_]>::to_vec),
    }
}

/// A run as it was read.
fn given_in(path: &Path) -> Result<Given, Error> {
    let how = read::How { kind: None, unit: Unit::NANOSECOND, strict: false };
    let given = read::from_path(path, how)?;
    let path = path.display();
    if given.kind == read::Kind::Folded {
        return Err(Error::options(format!(
            "`{path}` is folded stacks, which do not say what their weights are, nor how many \
             operations there were; give a `.json` of the same run"
        )));
    }
    if given.profile.is_so_far() {
        return Err(Error::options(format!("`{path}`: {SO_FAR}; leave it out")));
    }
    Ok(given)
}

impl Judging {
    fn wants_picture(&self) -> bool {
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

/// Why a profile has no states, in brackets.
fn reason(profile: &Profile) -> String {
    match profile.states() {
        Some(StateSource::None(why)) => format!(" (states: none, {})", why.escape_debug()),
        _ => String::new(),
    }
}

/// A rate that leaves something to be told.
fn rate(text: &str) -> Result<Percent, String> {
    match text.parse()? {
        Percent(percent) if percent > 0.0 && percent <= 50.0 => Ok(Percent(percent)),
        _ => Err("a rate of errors is above 0% and no more than 50%".to_owned()),
    }
}
