//! What can be wrong with what the program is given.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use tracing_flame_layer::render::UnknownFormat;

/// Why the program could not do what it was asked to.
///
/// The message names the file, the line where one is to blame, the reason, and
/// what would be valid.
#[derive(Debug)]
pub struct Error(Box<Kind>);

#[derive(Debug)]
pub(crate) enum Kind {
    /// A file that could not be opened or read.
    Read { path: PathBuf, source: io::Error },
    /// A file that was read and makes no sense.
    Content { path: PathBuf, bad: Bad },
    /// A file that could not be written.
    Write { path: PathBuf, source: io::Error },
    /// An output whose name ends in no known extension.
    Output { unknown: UnknownFormat, flag: &'static str },
    /// Options that do not go together, or not with the input.
    Options(String),
    /// Standard output.
    Print(io::Error),
}

/// What makes no sense, and where.
#[derive(Debug)]
pub(crate) struct Bad {
    /// Counted from 1.
    pub(crate) line: Option<u64>,
    pub(crate) why: String,
}

impl Bad {
    pub(crate) fn anywhere(why: impl Into<String>) -> Self {
        Self { line: None, why: why.into() }
    }

    pub(crate) fn at(line: u64, why: impl Into<String>) -> Self {
        Self { line: Some(line), why: why.into() }
    }

    pub(crate) fn in_file(self, path: &Path) -> Error {
        Kind::Content { path: path.to_owned(), bad: self }.into()
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.why)
    }
}

impl Error {
    pub(crate) fn options(why: impl Into<String>) -> Self {
        Kind::Options(why.into()).into()
    }

    /// Whether whoever read our output has closed it.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(&*self.0, Kind::Print(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Read { path, source } => write!(f, "cannot read `{}`: {source}", path.display()),
            Kind::Content { path, bad } => {
                write!(f, "cannot read `{}`: {bad}", path.display())
            }
            Kind::Write { path, source } => {
                write!(f, "cannot write `{}`: {source}", path.display())
            }
            Kind::Output { unknown, flag } => {
                write!(f, "cannot write {unknown}; or name one by `{flag}`")
            }
            Kind::Options(why) => f.write_str(why),
            Kind::Print(source) => write!(f, "cannot write to standard output: {source}"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &*self.0 {
            Kind::Read { source, .. } | Kind::Write { source, .. } | Kind::Print(source) => {
                Some(source)
            }
            Kind::Output { unknown, .. } => Some(unknown),
            Kind::Content { .. } | Kind::Options(_) => None,
        }
    }
}
