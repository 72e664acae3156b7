//! A file that a picture is written to, as a whole or not at all.
//!
//! The picture is written to a file beside the target, forced to the disk and
//! renamed over the target, so that a reader sees either the earlier content or
//! all of the new. Where the target is a symbolic link, the file it points at is
//! what is replaced; where it is a device or a pipe, it is written in place.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{self, Path, PathBuf},
};

use tracing_flame_layer::render::Format;

use crate::{drafts, error::Unusable, in_place};

/// A path that can be written to, at least when it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// As shown to the user: absolute, links not followed.
    path: PathBuf,
    /// What is replaced: its directory without links, and its name.
    directory: PathBuf,
    name: OsString,
    format: Format,
}

impl Target {
    /// Finds out what `path` is, and whether it can be written to, by writing
    /// an empty file beside it and removing that again. What processes that were
    /// killed have left there is removed too.
    pub(crate) fn check(path: &Path) -> Result<Self, Unusable> {
        let format = Format::from_path(path).map_err(Unusable::Extension)?;
        let absolute = path::absolute(path).map_err(failed("finding its absolute path"))?;
        let real = follow_links(&absolute)?;
        if real.is_dir() {
            return Err(Unusable::IsDirectory);
        }
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(Unusable::IsDirectory);
        };
        let target = Self {
            directory: real_directory(parent)?,
            name: name.to_owned(),
            path: absolute,
            format,
        };
        drafts::sweep(&target.directory);
        target.probe()?;
        Ok(target)
    }

    /// The file of a window's name: this one, or one in the same directory, which is
    /// not checked again.
    pub(crate) fn named(&self, path: PathBuf) -> Self {
        if path == self.path {
            return self.clone();
        }
        let name = path.file_name().unwrap_or(&self.name).to_owned();
        Self { directory: self.directory.clone(), name, path, format: self.format }
    }

    /// The path as shown to the user: absolute, links not followed.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is written to it.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether writing both would lose one.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        self.real() == other.real()
    }

    fn real(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    fn probe(&self) -> Result<(), Unusable> {
        match fs::metadata(self.real()) {
            Ok(metadata) if !metadata.is_file() => return Ok(()),
            // A file that is marked read-only is not for us to replace.
            Ok(_) => {
                OpenOptions::new()
                    .append(true)
                    .open(self.real())
                    .map_err(failed("the file there cannot be written to"))?;
            }
            Err(_) => {}
        }
        Beside::create(&self.directory)
            .map(drop)
            .map_err(failed("its directory cannot be written to"))
    }

    /// Whether it is a device or a pipe, which has no earlier content and keeps
    /// whatever is written to it.
    pub(crate) fn is_written_in_place(&self) -> bool {
        fs::metadata(self.real()).is_ok_and(|metadata| !metadata.is_file())
    }

    /// Writes what `content` writes, and returns how many bytes that were.
    ///
    /// On error the earlier content is intact, and no other file is left.
    pub(crate) fn replace(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<u64> {
        if self.is_written_in_place() {
            return write_all(in_place::open(&self.real())?, content);
        }
        self.draft(content)?.place()
    }

    /// Writes what `content` writes to a file beside the target, all the way to
    /// the disk.
    pub(crate) fn draft(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Draft> {
        let beside = Beside::create(&self.directory).map_err(|e| {
            let directory = self.directory.display();
            io::Error::new(e.kind(), format!("cannot create a file in {directory}: {e}"))
        })?;
        let bytes = write_all(&beside.file, content)?;
        let real = self.real();
        if let Ok(earlier) = fs::metadata(&real) {
            beside.file.set_permissions(earlier.permissions())?;
        }
        beside.file.sync_all()?;
        Ok(Draft { beside, real, bytes })
    }
}

/// Writes what `content` writes to a file that is replaced as a whole.
///
/// On error the earlier content is intact, and no other file is left.
pub(crate) fn replace(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<u64> {
    let beside = Beside::create(path.parent().unwrap_or(Path::new("")))?;
    let bytes = write_all(&beside.file, content)?;
    beside.file.sync_all()?;
    beside.rename(path)?;
    Ok(bytes)
}

/// New content that has not taken its place; dropped, it is gone.
pub(crate) struct Draft {
    beside: Beside,
    real: PathBuf,
    bytes: u64,
}

impl Draft {
    /// Replaces the target, and returns how many bytes it now has.
    pub(crate) fn place(self) -> io::Result<u64> {
        self.beside.rename(&self.real)?;
        Ok(self.bytes)
    }
}

fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> Unusable {
    move |source| Unusable::Io { doing, source }
}

/// As many links as Linux follows before it gives up.
const MAX_LINKS: usize = 40;

/// The file that a path means in the end, which need not exist.
fn follow_links(path: &Path) -> Result<PathBuf, Unusable> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            // Not a link, not there, or not to be looked at: the checks that
            // follow say which.
            Err(_) => return Ok(path),
        }
    }
    Err(Unusable::Io {
        doing: "following its symbolic links",
        source: io::Error::other(format!("there are more than {MAX_LINKS}")),
    })
}

fn real_directory(directory: &Path) -> Result<PathBuf, Unusable> {
    match directory.canonicalize() {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(real) => Err(Unusable::NotDirectory(real)),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            Err(Unusable::NoDirectory(directory.to_owned()))
        }
        Err(e) if e.kind() == ErrorKind::NotADirectory => {
            Err(Unusable::NotDirectory(directory.to_owned()))
        }
        Err(e) => Err(failed("looking at its directory")(e)),
    }
}

fn write_all(
    file: impl Write,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<u64> {
    let mut writer = Counting { writer: BufWriter::new(file), bytes: 0 };
    content(&mut writer)?;
    writer.flush()?;
    Ok(writer.bytes)
}

/// Counts what passes through it.
struct Counting<W> {
    writer: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(buf)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A file that is removed again unless it takes its place.
struct Beside {
    file: File,
    path: PathBuf,
    placed: bool,
}

impl Beside {
    /// With the permissions that any new file gets.
    fn create(directory: &Path) -> io::Result<Self> {
        let mut attempt = 0;
        loop {
            let path = directory.join(drafts::name(attempt));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, placed: false }),
                // Another session's, or left by a process that was killed.
                Err(e) if e.kind() == ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(e) => return Err(e),
            }
        }
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests;
