//! A file that is written as a whole or not at all, where that can be had.
//!
//! The content is written to a file beside the target, forced to the disk and
//! renamed over the target, so that a reader sees either the earlier content or
//! all of the new. Where the target is a symbolic link, the file it points at is
//! what is replaced. What cannot be renamed over is written in place.

use std::{
    ffi::OsString,
    fs::{self, Metadata, OpenOptions},
    io::{self, BufWriter, ErrorKind, Read, Seek, Write},
    path::{self, Path, PathBuf},
};

use crate::{
    Quiet, Unusable, beside, beside::Beside, descriptor, leftovers, links, overwrite::overwrite,
    stream,
};

/// A path that can be written to, at least when it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As shown to the user: absolute, links not followed.
    path: PathBuf,
    /// What is written: its directory without links, and its name.
    directory: PathBuf,
    name: OsString,
    way: Way,
}

/// How something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Beside the target, and renamed over it.
    Renamed,
    /// Over what is there, once it is known.
    InPlace,
    /// To a device or a pipe, as it comes.
    Streamed,
    /// To a file that is open, as it comes.
    Shared,
}

impl Target {
    /// Finds out what `path` is, and how it can be written to, by making, renaming and
    /// removing empty files beside it. What processes that were killed have left there
    /// is removed too.
    ///
    /// # Errors
    ///
    /// Where it cannot be written to in any way.
    pub fn check(path: &Path) -> Result<Self, Unusable> {
        let failed = Unusable::failed;
        let absolute = path::absolute(path).map_err(failed("finding its absolute path"))?;
        let end = links::follow(&absolute).map_err(failed("following its symbolic links"))?;
        if end.path.is_dir() {
            return Err(Unusable::IsDirectory);
        }
        let (Some(parent), Some(name)) = (end.path.parent(), end.path.file_name()) else {
            return Err(Unusable::IsDirectory);
        };
        let mut target = Self {
            directory: real_directory(parent)?,
            name: name.to_owned(),
            path: absolute,
            way: Way::Shared,
        };
        target.way = if end.is_open_file { target.shared()? } else { target.find_way()? };
        Ok(target)
    }

    /// The process's standard output, which is written to as it is when it is
    /// written to.
    ///
    /// # Errors
    ///
    /// Where it is closed.
    pub fn standard_output() -> Result<Self, Unusable> {
        descriptor::check(1).map_err(Unusable::failed("standard output"))?;
        Ok(Self {
            path: PathBuf::from("/dev/stdout"),
            directory: PathBuf::from("/dev/fd"),
            name: OsString::from("1"),
            way: Way::Shared,
        })
    }

    /// The file of another name in the same directory, which is not checked again.
    #[must_use]
    pub fn named(&self, path: PathBuf) -> Self {
        if path == self.path {
            return self.clone();
        }
        let name = path.file_name().unwrap_or(&self.name).to_owned();
        Self { directory: self.directory.clone(), name, path, way: self.way }
    }

    /// The path as shown to the user: absolute, links not followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether writing both would lose one.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.real() == other.real()
            || (self.is_written_in_place() || other.is_written_in_place())
                && is_one_file(&self.real(), &other.real())
    }

    fn real(&self) -> PathBuf {
        self.directory.join(&self.name)
    }

    fn shared(&self) -> Result<Way, Unusable> {
        let real = self.real();
        if fs::metadata(&real).is_ok_and(|open| is_socket(&open)) && descriptor::at(&real).is_none()
        {
            return Err(Unusable::IsSocket);
        }
        stream::check_open_file(&real).map_err(Unusable::failed("the open file there"))?;
        Ok(Way::Shared)
    }

    fn find_way(&self) -> Result<Way, Unusable> {
        match fs::metadata(self.real()) {
            Ok(there) if is_socket(&there) => Err(Unusable::IsSocket),
            Ok(there) if !there.is_file() => Ok(Way::Streamed),
            Ok(there) => self.way_over(&there),
            Err(_) => {
                self.way_beside().map_err(Unusable::failed("its directory cannot be written to"))
            }
        }
    }

    /// How a file that is there is written.
    fn way_over(&self, file: &Metadata) -> Result<Way, Unusable> {
        let real = self.real();
        if let Some(number) = descriptor::that_writes_to(file) {
            return Err(Unusable::InUse(number));
        }
        // One that is marked read-only is not for us to replace, and one that can only
        // be added to has no place for a picture.
        let open = OpenOptions::new().write(true).open(&real);
        open.map_err(Unusable::failed("the file there cannot be written to"))?;
        match self.way_beside() {
            Ok(Way::Renamed) if beside::can_rename_over(&real) => Ok(Way::Renamed),
            _ => Ok(Way::InPlace),
        }
    }

    fn way_beside(&self) -> io::Result<Way> {
        leftovers::sweep(&self.directory);
        Ok(if beside::can_rename_in(&self.directory)? { Way::Renamed } else { Way::InPlace })
    }

    /// Whether it has no earlier content that would stay whole until the new is: a
    /// device, a pipe, an open file, or one that nothing can be renamed over. It is for
    /// the last content only.
    #[must_use]
    pub fn is_written_in_place(&self) -> bool {
        self.way != Way::Renamed || self.is_stream()
    }

    /// Whether it is a device or a pipe by now.
    fn is_stream(&self) -> bool {
        fs::metadata(self.real()).is_ok_and(|metadata| !metadata.is_file())
    }

    /// Writes what `content` writes, and returns how many bytes that were.
    ///
    /// # Errors
    ///
    /// Whatever `content` or the system returns, or where the process has come to
    /// write to the file itself. The earlier content of a file is intact then, and no
    /// other file is left.
    pub fn replace(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<u64> {
        let real = self.real();
        if self.way == Way::Shared {
            return write_all(stream::open_file(&real)?, content);
        }
        if self.is_stream() {
            return write_all(stream::open(&real)?, content);
        }
        self.check_use()?;
        if self.way == Way::InPlace {
            let mut bytes = Vec::new();
            content(&mut bytes)?;
            return overwrite(&real, &bytes).map(|()| bytes.len() as u64);
        }
        self.draft(content)?.place_or_overwrite()
    }

    /// Writes what `content` writes to a file beside the target, all the way to
    /// the disk.
    ///
    /// # Errors
    ///
    /// Whatever the system returns where the file beside it cannot be made or written; the
    /// target is as it was then.
    pub fn draft(
        &self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Draft> {
        self.check_use()?;
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

    /// An error where the process writes to the file, which it did not before.
    fn check_use(&self) -> io::Result<()> {
        let there = fs::symlink_metadata(self.real()).ok();
        match there.as_ref().and_then(descriptor::that_writes_to) {
            Some(number) => Err(io::Error::other(Unusable::InUse(number))),
            None => Ok(()),
        }
    }
}

/// Writes what `content` writes to a file that is replaced as a whole.
///
/// # Errors
///
/// Whatever `content` or the system returns. The earlier content is intact then, and no
/// other file is left.
pub fn replace(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<u64> {
    let mut beside = Beside::create(path.parent().unwrap_or(Path::new("")))?;
    let bytes = write_all(&beside.file, content)?;
    beside.file.sync_all()?;
    beside.rename(path)?;
    Ok(bytes)
}

/// New content that has not taken its place; dropped, it is gone.
#[derive(Debug)]
pub struct Draft {
    beside: Beside,
    real: PathBuf,
    bytes: u64,
}

impl Draft {
    /// Replaces the target, and returns how many bytes it now has.
    ///
    /// # Errors
    ///
    /// Whatever the system returns. The target is as it was then.
    pub fn place(mut self) -> io::Result<u64> {
        self.beside.rename(&self.real)?;
        Ok(self.bytes)
    }

    /// Puts the draft into its place, or writes there what is in it where nothing can be
    /// renamed over the target by now.
    fn place_or_overwrite(mut self) -> io::Result<u64> {
        let Err(why) = self.beside.rename(&self.real) else { return Ok(self.bytes) };
        if !fs::symlink_metadata(&self.real).is_ok_and(|there| there.is_file()) {
            return Err(why);
        }
        let mut bytes = Vec::new();
        self.beside.file.rewind()?;
        self.beside.file.read_to_end(&mut bytes)?;
        overwrite(&self.real, &bytes)?;
        Ok(self.bytes)
    }
}

fn is_socket(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type());
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        false
    };
}

/// Whether two paths lead to one file that is there.
fn is_one_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    return {
        use std::os::unix::fs::MetadataExt;
        let id = |path| fs::metadata(path).ok().map(|there: Metadata| (there.dev(), there.ino()));
        id(one).is_some() && id(one) == id(other)
    };
    #[cfg(not(unix))]
    return {
        let _ = (one, other);
        false
    };
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
        Err(e) => Err(Unusable::failed("looking at its directory")(e)),
    }
}

/// Few and large writes, each of which is quiet.
const BUFFER: usize = 1 << 16;

fn write_all(
    file: impl Write,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<u64> {
    let writer = BufWriter::with_capacity(BUFFER, Quiet(file));
    let mut writer = Counting { writer, bytes: 0 };
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

#[cfg(test)]
mod tests;
