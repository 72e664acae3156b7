//! A file that is written as a whole or not at all.
//!
//! What is new is written to a file beside the target, forced to the disk and renamed
//! over the target, so that an earlier file is whole until the new one is. Where the
//! target is a symbolic link, the file it points at is what is replaced, whether it is
//! there or not; a device or a pipe is written in place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
};

use crate::error::{Error, Kind};

/// As many links as Linux follows before it gives up.
const MAX_LINKS: usize = 40;

/// Writes what `content` writes.
///
/// On error the earlier content is intact, and no other file is left. A file that was
/// there keeps its permissions, and stays what it is where they forbid to write to it.
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
        Ok(_) => path.canonicalize().and_then(|real| over(&real, content)),
        Err(_) => follow_links(path).and_then(|real| beside(&real, content)?.place(&real)),
    };
    replaced.map_err(|source| Kind::Write { path: path.to_owned(), source }.into())
}

/// The file that a path means in the end, which need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new("")).join(to),
            // Not a link, not there, or not to be looked at: writing there says which.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other(format!("there are more than {MAX_LINKS} symbolic links to follow")))
}

/// Replaces a file that is there.
fn over(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // One that is marked read-only is not for us to replace.
    let earlier = OpenOptions::new().append(true).open(path)?.metadata()?;
    let beside = beside(path, content)?;
    beside.file.set_permissions(earlier.permissions())?;
    beside.place(path)
}

/// Writes what `content` writes to a new file beside another.
fn beside(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Beside> {
    let beside = Beside::create(path)?;
    fill(&beside.file, content)?;
    Ok(beside)
}

fn fill(file: &File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    content(&mut writer)?;
    writer.flush()
}

/// A file that is removed again unless it takes its place.
struct Beside {
    file: File,
    path: PathBuf,
    placed: bool,
}

impl Beside {
    fn create(other: &Path) -> io::Result<Self> {
        for attempt in 0..1_000 {
            let path = other.with_file_name(format!(".flame-{}-{attempt}.tmp", process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, placed: false }),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(io::Error::other("a thousand temporary files stand beside it"))
    }

    fn place(mut self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
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
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tempfile::TempDir;

    use super::*;

    fn names(directory: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(directory.path()).expect("a directory").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn whoever_fails_or_panics_leaves_the_earlier_file_alone() {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("a.svg");
        fs::write(&path, "earlier").expect("a file");
        replace(&path, |_| Err(io::Error::other("no"))).expect_err("it was told so");
        let panics = || replace(&path, |_| panic!("on purpose"));
        catch_unwind(AssertUnwindSafe(panics)).expect_err("a panic");
        assert_eq!(names(&directory), ["a.svg"]);
        assert_eq!(fs::read_to_string(&path).expect("text"), "earlier");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = TempDir::new().expect("a directory");
        let path = directory.path().join("a.svg");
        fs::write(&path, "earlier").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("they are mine");
        replace(&path, |out| out.write_all(b"later")).expect("it is written");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_whether_its_file_is_there_or_not() {
        use std::os::unix::fs::symlink;
        let directory = TempDir::new().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("aside")).expect("a directory");
        symlink("aside/b.svg", path("a.svg")).expect("a link");
        symlink("a.svg", path("first.svg")).expect("a link to it");
        for content in ["new", "newer"] {
            replace(&path("first.svg"), |out| out.write_all(content.as_bytes())).expect("a file");
            assert_eq!(fs::read_to_string(path("aside/b.svg")).expect("text"), content);
        }
        assert!(path("first.svg").is_symlink() && path("a.svg").is_symlink());
        assert_eq!(names(&directory), ["a.svg", "aside", "first.svg"]);

        symlink("round.svg", path("round.svg")).expect("a link to itself");
        let error = replace(&path("round.svg"), |_| Ok(())).expect_err("no file at its end");
        assert!(error.to_string().contains("symbolic links"), "{error}");
    }
}
