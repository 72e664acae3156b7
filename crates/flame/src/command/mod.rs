//! What the program can be asked to do, and the options that several share.

pub(crate) mod bench;
mod classes;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod explain;
mod judging;
mod percent;
pub(crate) mod top;

use std::{
    io::{self, Write},
    path::Path,
};

use clap::{Args, ValueEnum};
use tracing_flame_layer::{
    Profile,
    profile::{ClassRange, SelectedClasses, Split},
    render,
};

use crate::{
    error::{Error, Kind as Wrong},
    read::{self, Given, How, Kind, Recorded, Unit},
};

pub(crate) use percent::Percent;

/// Where a command writes.
pub(crate) struct Streams<'s> {
    pub(crate) out: &'s mut dyn Write,
    pub(crate) err: &'s mut dyn Write,
}

impl Streams<'_> {
    /// Prints what `content` writes.
    pub(crate) fn print(
        &mut self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        content(self.out).map_err(|source| Wrong::Print(source).into())
    }

    fn note(&mut self, text: &str) {
        let _ = writeln!(self.err, "note: {text}");
    }
}

/// How input is read.
#[derive(Args, Debug)]
pub(crate) struct Reading {
    /// The time that a weight of 1 stands for in folded stacks, which do not say it
    #[arg(long, value_name = "TIME", default_value_t = Unit::NANOSECOND)]
    folded_unit: Unit,
    /// What the input is, where neither its name nor its beginning tells
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: Option<Kind>,
    /// Refuse folded stacks of which a line would be left out, or a weight rounded
    #[arg(long)]
    strict: bool,
}

impl Reading {
    /// Reads one run, and says what its file leaves open.
    pub(crate) fn read(&self, path: &Path, streams: &mut Streams<'_>) -> Result<Given, Error> {
        let given = read::from_path(path, self.how())?;
        self.tell(path, &given, streams);
        Ok(given)
    }

    /// Reads one run or one operation by itself, and says what its file leaves open.
    pub(crate) fn read_recorded(
        &self,
        path: &Path,
        streams: &mut Streams<'_>,
    ) -> Result<Recorded, Error> {
        let recorded = read::recorded_from_path(path, self.how())?;
        if let Recorded::Run(given) = &recorded {
            self.tell(path, given, streams);
        }
        Ok(recorded)
    }

    /// Reads two runs of one file, and says what it leaves open.
    pub(crate) fn read_two(
        &self,
        path: &Path,
        streams: &mut Streams<'_>,
    ) -> Result<[Given; 2], Error> {
        let [before, after] = read::two_from_path(path, self.how())?;
        self.tell(path, &before, streams);
        Ok([before, after])
    }

    fn how(&self) -> How {
        How { kind: self.from, unit: self.folded_unit, strict: self.strict }
    }

    fn tell(&self, path: &Path, given: &Given, streams: &mut Streams<'_>) {
        let path = path.display();
        if given.kind == Kind::Folded {
            streams.note(&format!(
                "`{path}` does not say what its weights are; they are taken as given, 1 for {}",
                self.folded_unit,
            ));
        }
        if given.profile.is_so_far() {
            streams.note(&format!("`{path}` was written while the program ran: {SO_FAR}"));
        }
        for remark in &given.remarks {
            streams.note(&format!("`{path}`: {remark}"));
        }
    }
}

/// What a checkpoint is not.
pub(crate) const SO_FAR: &str = "it is a checkpoint, and not the whole run";

/// What sets a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weight {
    /// Wall-clock time
    Wall,
    /// Thread time
    Busy,
}

/// What is written into a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Names {
    /// The span's name
    #[default]
    Name,
    /// `target::name`
    Target,
    /// Target, name, file and line
    Source,
}

/// What is shown of a profile.
#[derive(Args, Debug)]
pub(crate) struct Showing {
    /// What a width means [default: wall]
    #[arg(long, value_enum)]
    pub(crate) weight: Option<Weight>,
    /// Leave out the time in which spans were open but not entered
    #[arg(long)]
    pub(crate) hide_await: bool,
    /// Show the time of a frame whole, whatever its threads did in it
    #[arg(long)]
    pub(crate) hide_states: bool,
    /// What is written into a frame
    #[arg(long, value_enum, default_value_t)]
    pub(crate) names: Names,
}

impl Showing {
    /// The layer's options, once they are known to fit what was read.
    pub(crate) fn options(&self, given: &Given, path: &Path) -> Result<render::Options, Error> {
        let path = path.display();
        if given.kind == Kind::Folded {
            let unknown = [
                (self.weight == Some(Weight::Busy), "--weight busy"),
                (self.names != Names::Name, "--names"),
            ];
            if let Some((_, flag)) = unknown.into_iter().find(|(asked, _)| *asked) {
                return Err(Error::options(format!(
                    "`{flag}` asks for more than the folded stacks of `{path}` know; give a \
                     `.json` of the same run, or leave it out"
                )));
            }
        }
        Ok(self.shown())
    }

    /// The layer's options, of what knows everything.
    pub(crate) fn shown(&self) -> render::Options {
        let weight = match self.weight {
            Some(Weight::Busy) => render::Weight::Busy,
            _ => render::Weight::Wall,
        };
        let names = match self.names {
            Names::Name => render::Names::Name,
            Names::Target => render::Names::Target,
            Names::Source => render::Names::Source,
        };
        render::Options::default()
            .weight(weight)
            .hide_await(self.hide_await)
            .hide_states(self.hide_states)
            .names(names)
    }
}

/// What is shown of one profile, threads apart or together.
#[derive(Args, Debug)]
pub(crate) struct ShowingOne {
    #[command(flatten)]
    showing: Showing,
    /// One tower for each thread name, by thread time
    #[arg(long)]
    threads: bool,
    /// Only operations that took about so long: `p98..`, `64ms..`, `block:..8ms`
    ///
    /// Operations are told apart by powers of two of a nanosecond: the nearest edges count,
    /// and the headline says which. A report compares them with the others.
    #[arg(long, value_name = "RANGE")]
    class: Option<ClassRange>,
    /// The headline [default: Flamegraph]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

impl ShowingOne {
    /// The classes to show, once there is an operation in one.
    fn classes(&self, given: &Given, path: &Path) -> Result<Option<ClassRange>, Error> {
        let Some(range) = &self.class else { return Ok(None) };
        if self.threads {
            return Err(Error::options(
                "`--threads` shows what each thread did, which is not known of `--class`; leave \
                 one of them out",
            ));
        }
        split(given, path, range)?;
        Ok(Some(range.clone()))
    }

    pub(crate) fn options(&self, given: &Given, path: &Path) -> Result<render::Options, Error> {
        if self.threads && self.showing.weight == Some(Weight::Wall) {
            return Err(Error::options(
                "`--threads` shows thread time and cannot be combined with `--weight wall`; \
                 leave one of them out",
            ));
        }
        if self.threads && given.kind == Kind::Folded {
            return Err(Error::options(format!(
                "`--threads`: the folded stacks of `{}` know no threads; give a `.json` of the \
                 same run, or leave it out",
                path.display()
            )));
        }
        let mut options = self.showing.options(given, path)?;
        options.threads = self.threads;
        options.classes = self.classes(given, path)?;
        if let Some(title) = &self.title {
            options.title.clone_from(title);
        }
        Ok(options)
    }

    /// The layer's options for one operation by itself, which is in no class with others.
    pub(crate) fn operation_options(&self, path: &Path) -> Result<render::Options, Error> {
        if self.class.is_some() {
            return Err(Error::options(format!(
                "`--class` picks operations of a run, and `{}` is one operation by itself; give \
                 a `.json` of the run, or leave it out",
                path.display()
            )));
        }
        let mut options = self.showing.shown();
        if let Some(title) = &self.title {
            options.title.clone_from(title);
        }
        Ok(options)
    }
}

/// The operations of some classes, and the others.
fn split(given: &Given, path: &Path, range: &ClassRange) -> Result<Split, Error> {
    let (profile, path) = (&given.profile, path.display());
    if profile.classes().is_empty() {
        return Err(Error::options(format!(
            "`--class`: `{path}` knows no classes of latency; give a `.json` of a run with \
             `--flame-operation`, or leave it out"
        )));
    }
    profile.split(range).ok_or_else(|| {
        Error::options(format!(
            "`--class {range}`: no operation of `{path}` took so long; {}",
            known(profile)
        ))
    })
}

/// What operations there are, and how long they took.
fn known(profile: &Profile) -> String {
    let all = "..".parse().ok().and_then(|range| profile.split(&range));
    let each = all.map(|split| split.selected).unwrap_or_default();
    let each: Vec<String> = each.iter().map(SelectedClasses::to_string).collect();
    format!("there are: {}", each.join("; "))
}
