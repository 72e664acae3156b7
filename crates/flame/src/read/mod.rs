//! Reading what was written, by this project or by another tool.
//!
//! A file may be anything: cut off, of another format, or made to do harm. So
//! every quantity has a [bound](bounds), nothing is trusted before it is
//! checked, and no input makes a reader panic.

mod bounds;
mod folded;
mod json;
mod label;
mod unit;

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use tracing_flame_layer::Profile;

use crate::error::{Bad, Error, Kind as Wrong};
pub use unit::Unit;

/// What a file knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Reads a file: JSON where its name ends in `.json`, folded stacks of this
/// project or another tool otherwise. `unit` is what one of a folded weight is.
///
/// # Errors
///
/// If it cannot be read, or makes no sense: the message names the line.
pub fn from_path(path: &Path, unit: Unit) -> Result<Given, Error> {
    let kind = kind_of(path).map_err(|bad| bad.in_file(path))?;
    let file = File::open(path).map_err(|e| unreadable(path, e))?;
    read(file, kind, unit).map_err(|failure| failure.in_file(path))
}

/// Reads a file's content.
///
/// # Errors
///
/// If it makes no sense. `path` is what the message calls it.
pub fn from_bytes(bytes: &[u8], kind: Kind, unit: Unit, path: &Path) -> Result<Given, Error> {
    read(bytes, kind, unit).map_err(|failure| failure.in_file(path))
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

fn read(reader: impl Read, kind: Kind, unit: Unit) -> Result<Given, Failure> {
    let profile = match kind {
        Kind::Json => json::read(reader)?,
        Kind::Folded => folded::read(BufReader::with_capacity(1 << 16, reader), unit)?,
    };
    Ok(Given { profile, kind })
}

/// By the name's end alone; other tools' folded files have any.
fn kind_of(path: &Path) -> Result<Kind, Bad> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let drawn = [".svg", ".speedscope.json", ".pb.gz", ".pb"];
    if let Some(ending) = drawn.iter().find(|ending| name.ends_with(*ending)) {
        return Err(Bad::anywhere(format!(
            "a `{ending}` is not read back; give a `.json` of the same run, which knows \
             everything, or folded stacks"
        )));
    }
    Ok(if name.ends_with(".json") { Kind::Json } else { Kind::Folded })
}
