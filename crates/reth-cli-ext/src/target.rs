//! A file that a picture is written to, and in which format.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use flame_file::{Draft, Target as File};
use tracing_flame_layer::{
    Flame, Profile,
    render::{Format, Options},
};

use crate::picture;

/// A path that can be written to, at least when it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) file: File,
    pub(crate) format: Format,
}

impl Target {
    /// The file of a window's name: this one, or one in the same directory, which is
    /// not checked again.
    pub(crate) fn named(&self, path: PathBuf) -> Self {
        Self { file: self.file.named(path), format: self.format }
    }

    /// The path as shown to the user.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Writes a picture, and returns how many bytes that were.
    pub(crate) fn replace(
        &self,
        profile: &Profile,
        flame: &Flame,
        options: &Options,
    ) -> io::Result<u64> {
        self.file.replace(self.content(profile, flame, options))
    }

    /// Writes a picture beside the target.
    pub(crate) fn draft(
        &self,
        profile: &Profile,
        flame: &Flame,
        options: &Options,
    ) -> io::Result<Draft> {
        self.file.draft(self.content(profile, flame, options))
    }

    fn content<'p>(
        &self,
        profile: &'p Profile,
        flame: &'p Flame,
        options: &'p Options,
    ) -> impl FnOnce(&mut dyn Write) -> io::Result<()> + use<'p> {
        let format = self.format;
        move |writer| picture::write(profile, flame, format, writer, options)
    }
}
