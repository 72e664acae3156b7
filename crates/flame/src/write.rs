//! A file that is written as a whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
};

use crate::error::{Error, Kind};

/// Writes what `content` writes: beside `path`, then renamed over it, so that
/// an earlier file is whole until the new one is. A device or a pipe is written
/// in place.
pub(crate) fn replace(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let replaced = match fs::metadata(path) {
        Ok(earlier) if earlier.is_dir() => {
            Err(io::Error::new(ErrorKind::IsADirectory, "it is a directory; name a file in it"))
        }
        Ok(earlier) if !earlier.is_file() => {
            OpenOptions::new().write(true).open(path).and_then(|file| fill(&file, content))
        }
        // Through a link the file it points at is replaced, not the link.
        Ok(_) => path.canonicalize().and_then(|real| beside(&real, content)),
        Err(_) => beside(path, content),
    };
    replaced.map_err(|source| Kind::Write { path: path.to_owned(), source }.into())
}

fn beside(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let (file, temporary) = create_beside(path)?;
    let written = fill(&file, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    for attempt in 0..1_000 {
        let name = format!(".flame-{}-{attempt}.tmp", process::id());
        let temporary = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("a thousand temporary files stand beside it"))
}

fn fill(file: &File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    content(&mut writer)?;
    writer.flush()
}
