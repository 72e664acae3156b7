//! `flame diff`: two recordings of the same program compared.

use std::path::{Path, PathBuf};

use clap::Args;
use tracing_flame_layer::{
    Profile,
    profile::{ClassRange, SelectedClasses, Split, StateSource},
    render::{self, Options},
};

use super::{Percent, Reading, SO_FAR, Showing, Streams};
use crate::{
    diff::{self, Both, Compared, Gate, Run, Times},
    error::{Error, Kind},
    read::{self, Given, is_standard_input},
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
    /// The run in question; without it, the first file has two weights a line, or `--class` picks
    /// what is compared with the rest of it
    after: Option<PathBuf>,
    /// Also draw the difference: `.svg` a picture, `.html` a report of both runs
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Exit with 1 if a frame of at least 1% of the time takes that much longer
    /// for each operation
    #[arg(long, value_name = "PERCENT")]
    fail_above: Option<Percent>,
    /// Compare the time on a CPU alone, and judge by it: neither a busy machine nor a slow
    /// disk makes a run slower then. By thread time, unless `--weight` says otherwise
    #[arg(long, conflicts_with = "hide_states")]
    on_cpu: bool,
    /// Compare the operations of one run that took about so long with its others: `p98..`,
    /// `64ms..`, `block:..8ms`
    #[arg(long, value_name = "RANGE")]
    class: Option<ClassRange>,
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
        let times = match before.options.hide_states {
            _ if self.on_cpu => Times::OnCpu,
            true => Times::Whole,
            false => Times::ByState,
        };
        let compared = Compared::new(before.run, after.run, times);
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
        let [before, after] = self.given(streams)?;
        let hide_states = self.hides_states([&before, &after], streams)?;
        Ok([self.side(before, hide_states, streams)?, self.side(after, hide_states, streams)?])
    }

    /// Both runs as they were read.
    fn given(&self, streams: &mut Streams<'_>) -> Result<[Named<'_>; 2], Error> {
        let Some(after) = &self.after else {
            if let Some(range) = &self.class {
                return self.of_class(range, streams);
            }
            let [before, after] = self.reading.read_two(&self.before, streams)?;
            let path = &self.before;
            let named = |given, part| Named { path, part, given };
            return Ok([
                named(before, ", its first weights".to_owned()),
                named(after, ", its second weights".to_owned()),
            ]);
        };
        if [&self.before, after].iter().all(|path| is_standard_input(path)) {
            return Err(Error::options("standard input is one run; give the other as a file"));
        }
        if self.class.is_some() {
            return Err(Error::options(
                "`--class` compares operations of one run with its others; leave one of the files \
                 out, or compare those of several runs with `flame compare --class`",
            ));
        }
        let read = |path, streams: &mut Streams<'_>| -> Result<Named<'_>, Error> {
            Ok(Named { path, part: String::new(), given: self.reading.read(path, streams)? })
        };
        Ok([read(&self.before, streams)?, read(after, streams)?])
    }

    /// The operations that took about so long, and the others of one run before them.
    fn of_class(
        &self,
        range: &ClassRange,
        streams: &mut Streams<'_>,
    ) -> Result<[Named<'_>; 2], Error> {
        let path = &self.before;
        let given = self.reading.read(path, streams)?;
        let Split { picked, rest, selected, .. } = super::split(&given, path, range)?;
        let part_of = |profile| Given {
            profile,
            kind: given.kind,
            generator: given.generator.clone(),
            remarks: Vec::new(),
        };
        let (others, picked) = (part_of(rest), part_of(picked));
        let others = Named { path, part: ", the others".to_owned(), given: others };
        Ok([others, Named { path, part: part(&selected), given: picked }])
    }

    /// Whether frames are compared whole, as where it is known of one run only what
    /// threads did: all of it would have changed.
    fn hides_states(
        &self,
        runs: [&Named<'_>; 2],
        streams: &mut Streams<'_>,
    ) -> Result<bool, Error> {
        let without: Vec<&&Named<'_>> =
            runs.iter().filter(|run| !run.given.profile.has_states()).collect();
        let Some(first) = without.first() else { return Ok(false) };
        let name = first.name();
        let why = match first.given.profile.states() {
            Some(StateSource::None(why)) => format!(" (states: none, {})", why.escape_debug()),
            _ => String::new(),
        };
        let why = format!("`{name}` does not say what threads did{why}");
        if self.on_cpu {
            return Err(Error::options(format!(
                "{why}, so `--on-cpu` has nothing to compare; leave it out, or give two runs \
                 with states"
            )));
        }
        if without.len() == 1 {
            streams.note(&format!("{why}; the runs are compared without it"));
        }
        Ok(true)
    }

    /// A run as it is compared.
    fn side(
        &self,
        run: Named<'_>,
        hide_states: bool,
        streams: &mut Streams<'_>,
    ) -> Result<Side, Error> {
        let name = run.name();
        let Named { path, given, .. } = run;
        if self.fail_above.is_some() && given.profile.is_so_far() {
            return Err(Error::options(format!(
                "`{name}`: {SO_FAR}; `--fail-above` judges whole runs"
            )));
        }
        let mut options = self.showing.options(&given, path)?;
        options.hide_states |= hide_states;
        // By wall, an instant of two threads that compute counts once: where one of them has to
        // wait for a CPU meanwhile, the other's frame has more.
        if self.on_cpu && self.showing.weight.is_none() && given.kind == read::Kind::Json {
            options.weight = render::Weight::Busy;
        }
        let run = Run::new(&given.profile, &options, self.on_cpu, name.clone())
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

/// Which operations are meant, behind a file's name.
fn part(selected: &[SelectedClasses]) -> String {
    selected.iter().map(|found| format!(", {found}")).collect()
}

/// A run as it was read, and where from.
struct Named<'a> {
    path: &'a Path,
    /// Which of the runs of a file it is.
    part: String,
    given: Given,
}

impl Named<'_> {
    fn name(&self) -> String {
        format!("{}{}", self.path.display(), self.part)
    }
}

/// One of the runs, as it was read and as it is compared.
struct Side {
    profile: Profile,
    options: Options,
    run: Run,
}
