//! Reading what was written, by this project or by another tool.
//!
//! A file may be anything: cut off, of another format, or made to do harm. So
//! every quantity has a [bound](bounds), nothing is trusted before it is
//! checked, and no input makes a reader panic. What of another tool's file cannot
//! be read is left out, counted and told.

mod bounds;
mod folded;
mod json;
mod stacks;
mod text;
mod unit;
mod weight;

use std::{
    fs::File,
    io::{self, BufRead, Read},
    path::Path,
};

use tracing_flame_layer::{Profile, profile::Operation};

use crate::error::{Bad, Error, Kind as Wrong};
pub use unit::Unit;

/// What a file knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Everything that was measured: `.json`.
    Json,
    /// Stacks and one weight each, of which kind is not known.
    Folded,
}

/// A profile as it was read.
#[derive(Clone, Debug)]
pub struct Given {
    /// What was read.
    pub profile: Profile,
    /// What the file knew of it.
    pub kind: Kind,
    /// What wrote it, as it calls itself; `None` where it does not say.
    pub generator: Option<String>,
    /// What was not taken as it stands in the file, a sentence each.
    pub remarks: Vec<String>,
}

/// What a file has: a run, or one operation of one by itself.
pub(crate) enum Recorded {
    Run(Box<Given>),
    Operation(Box<Operation>),
}

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Of which kind it is; `None`: what its name says, or else its beginning.
    pub kind: Option<Kind>,
    /// What one of a folded weight is.
    pub unit: Unit,
    /// Whether to refuse a file of which anything would be left out or changed.
    pub strict: bool,
}

/// Reads a file with one run in it: JSON where its name ends in `.json`, folded stacks
/// of this project or another tool where it ends in `.folded`, and what it looks like
/// otherwise. `-` is standard input.
///
/// # Errors
///
/// If it cannot be read, or makes no sense: the message names the line.
pub fn from_path(path: &Path, how: How) -> Result<Given, Error> {
    one(open(path, how)?, path)
}

/// Reads a file with one operation by itself: what `GET /slowest/N.json` of the live page has.
///
/// # Errors
///
/// If it cannot be read, or makes no sense.
pub fn operation_from_path(path: &Path) -> Result<Operation, Error> {
    let read = || match is_standard_input(path) {
        true => json::read_operation(io::stdin().lock()),
        false => json::read_operation(File::open(path)?),
    };
    read().map_err(|failure: Failure| failure.in_file(path))
}

/// Reads a file with one run in it, or with one operation by itself.
///
/// # Errors
///
/// If it cannot be read, or makes no sense.
pub(crate) fn recorded_from_path(path: &Path, how: How) -> Result<Recorded, Error> {
    let kind = kind(path, how)?;
    let mut bytes = Vec::new();
    let whole = match is_standard_input(path) {
        true => limited(io::stdin().lock()).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| limited(file).read_to_end(&mut bytes)),
    };
    whole.map_err(|source| unreadable(path, source))?;
    if kind != Some(Kind::Folded) && json::is_operation(&bytes) {
        let operation = json::read_operation(&*bytes).map_err(|why| why.in_file(path))?;
        return Ok(Recorded::Operation(Box::new(operation)));
    }
    let runs = read(&*bytes, kind, how).map_err(|failure| failure.in_file(path))?;
    Ok(Recorded::Run(Box::new(one(runs, path)?)))
}

/// One byte more than any file may have, so that a longer one is still seen to be that.
fn limited(reader: impl Read) -> impl Read {
    reader.take(bounds::MOST_BYTES + 1)
}

/// Reads folded stacks that have two weights a line, as `difffolded.pl` and
/// `inferno-diff-folded` write them: what the first run took, and what the second did.
///
/// # Errors
///
/// If it cannot be read, makes no sense, or has one weight a line.
pub fn two_from_path(path: &Path, how: How) -> Result<[Given; 2], Error> {
    open(path, how)?.try_into().map_err(|_| {
        let why = "it is one run; give a second, or folded stacks with two weights a line";
        Bad::anywhere(why).in_file(path)
    })
}

/// Reads a file's content.
///
/// # Errors
///
/// If it makes no sense. `path` is what the message calls it.
pub fn from_bytes(bytes: &[u8], kind: Kind, unit: Unit, path: &Path) -> Result<Given, Error> {
    let how = How { kind: Some(kind), unit, strict: false };
    one(read(bytes, Some(kind), how).map_err(|failure| failure.in_file(path))?, path)
}

/// The only run of a file.
fn one(runs: Vec<Given>, path: &Path) -> Result<Given, Error> {
    let [given] = runs.try_into().map_err(|_| {
        let why = "it has two weights a line, and so is a difference of two runs; `flame diff` \
                   with this file alone shows it";
        Bad::anywhere(why).in_file(path)
    })?;
    Ok(given)
}

/// Whether a path stands for standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn open(path: &Path, how: How) -> Result<Vec<Given>, Error> {
    let kind = kind(path, how)?;
    let given = if is_standard_input(path) {
        read(io::stdin().lock(), kind, how)
    } else {
        read(File::open(path).map_err(|e| unreadable(path, e))?, kind, how)
    };
    given.map_err(|failure| failure.in_file(path))
}

fn kind(path: &Path, how: How) -> Result<Option<Kind>, Error> {
    match how.kind {
        None => kind_of(path).map_err(|bad| bad.in_file(path)),
        kind => Ok(kind),
    }
}

/// Why a stream gave no profile.
enum Failure {
    Io(io::Error),
    Bad(Bad),
}

impl Failure {
    fn in_file(self, path: &Path) -> Error {
        match self {
            Self::Io(source) => unreadable(path, source),
            Self::Bad(bad) => bad.in_file(path),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Bad> for Failure {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Wrong::Read { path: path.to_owned(), source }.into()
}

/// Reads one run, or two that stand in one file.
fn read(reader: impl Read, kind: Option<Kind>, how: How) -> Result<Vec<Given>, Failure> {
    let mut reader = text::utf8(reader)?;
    let kind = match kind {
        None if text::looks_like_json(reader.fill_buf()?) => Kind::Json,
        kind => kind.unwrap_or(Kind::Folded),
    };
    let given = |profile, generator| Given { profile, kind, generator, remarks: Vec::new() };
    let folded::Folded { profiles, remarks } = match kind {
        Kind::Json => {
            let (profile, generator) = json::read(reader)?;
            return Ok(vec![given(profile, generator)]);
        }
        Kind::Folded => folded::read(reader, how)?,
    };
    let given = profiles.into_iter().map(|profile| given(profile, None));
    let mut given: Vec<_> = given.collect();
    // They are about the file, and told once.
    if let Some(first) = given.first_mut() {
        first.remarks = remarks;
    }
    Ok(given)
}

/// By the name's end, where that is one of ours; other tools' files have any.
fn kind_of(path: &Path) -> Result<Option<Kind>, Bad> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let drawn = [".svg", ".html", ".speedscope.json", ".pb.gz", ".pb"];
    if let Some(ending) = drawn.iter().find(|ending| name.ends_with(*ending)) {
        return Err(Bad::anywhere(format!(
            "a `{ending}` is not read back; give a `.json` of the same run, which knows \
             everything, or folded stacks"
        )));
    }
    Ok(match () {
        () if name.ends_with(".json") => Some(Kind::Json),
        () if name.ends_with(".folded") => Some(Kind::Folded),
        () => None,
    })
}
