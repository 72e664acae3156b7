//! `flame compare`: several recordings a side, and what is sure of how they differ.

use std::path::{Path, PathBuf};

use clap::Args;
use tracing_flame_layer::{Profile, profile::StateSource};

use super::{SO_FAR, Showing, Streams, classes, judging::Judging};
use crate::{
    compare::{self, Origin, Run, RunTimes, Sides},
    error::{Error, Kind},
    read::{self, Given, Unit},
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
    if let Some(range) = &judging.class {
        classes::pick(&mut given, range)?;
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

/// Why a profile has no states, in brackets.
fn reason(profile: &Profile) -> String {
    match profile.states() {
        Some(StateSource::None(why)) => format!(" (states: none, {})", why.escape_debug()),
        _ => String::new(),
    }
}
