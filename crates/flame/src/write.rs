//! Where what was made of a recording goes.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use flame_file::Target;

use crate::error::{Error, Kind};

/// An output that can be written to, at least when it was looked at.
#[derive(Debug)]
pub(crate) struct Output {
    /// As it was named.
    path: PathBuf,
    target: Target,
}

impl Output {
    /// Looks at a path, before there is anything to write.
    pub(crate) fn check(path: &Path) -> Result<Self, Error> {
        let failed = |why| Kind::Write { path: path.to_owned(), source: io::Error::other(why) };
        let target = Target::check(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), target })
    }

    /// Writes what `content` writes, as a whole or not at all where that can be had.
    ///
    /// On error the earlier content is intact, and no other file is left. A file that
    /// was there keeps its permissions.
    pub(crate) fn write(
        self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let Self { path, target } = self;
        target.replace(content).map(drop).map_err(|source| Kind::Write { path, source }.into())
    }
}
