//! Why a path cannot be written to.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why a path cannot be written to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unusable {
    /// The path names a directory.
    IsDirectory,
    /// The path names a socket, which cannot be opened.
    IsSocket,
    /// The directory it would be in is missing.
    NoDirectory(PathBuf),
    /// The directory it would be in is a file.
    NotDirectory(PathBuf),
    /// This process writes to the file already, by a descriptor of that number.
    InUse(i32),
    /// Looking at it or trying to write there failed.
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl Unusable {
    pub(crate) fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IsDirectory => {
                f.write_str("it is a directory; name a file in it, such as `flamegraph.svg`")
            }
            Self::IsSocket => f.write_str("it is a socket, which cannot be opened; name a file"),
            Self::NoDirectory(directory) => {
                write!(f, "the directory {} does not exist; create it first", directory.display())
            }
            Self::NotDirectory(directory) => {
                write!(f, "{} is not a directory", directory.display())
            }
            Self::InUse(1) => f.write_str("standard output goes to that file; name another"),
            Self::InUse(2) => f.write_str("standard error goes to that file; name another"),
            Self::InUse(descriptor) => write!(
                f,
                "this process writes to that file already (descriptor {descriptor}); name another"
            ),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
        }
    }
}

impl Error for Unusable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
