//! A file beside another, to take its place.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{descriptor::keep_off_standard_streams, leftovers};

/// So many names are tried.
const MOST: u32 = 1_000;

/// A file that is removed again unless it takes its place.
#[derive(Debug)]
pub(crate) struct Beside {
    pub(crate) file: File,
    path: PathBuf,
    placed: bool,
}

impl Beside {
    /// With the permissions that any new file gets.
    pub(crate) fn create(directory: &Path) -> io::Result<Self> {
        let new =
            |path: &Path| OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let (path, file) = first_free(directory, new)?;
        match keep_off_standard_streams(file) {
            Ok(file) => Ok(Self { file, path, placed: false }),
            Err(why) => {
                let _ = fs::remove_file(path);
                Err(why)
            }
        }
    }

    pub(crate) fn rename(&mut self, to: &Path) -> io::Result<()> {
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

/// The first of our names in a directory by which something new can be made.
fn first_free<T>(
    directory: &Path,
    make: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<(PathBuf, T)> {
    for attempt in 0..MOST {
        let path = directory.join(leftovers::name(attempt));
        match make(&path) {
            Ok(made) => return Ok((path, made)),
            // Another session's, or left by a process that was killed.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other(format!("{MOST} unfinished files are there")))
}

/// Whether a file that was made in a directory gets another name there, which one to
/// which files may only be added refuses. Leaves nothing behind where it does not.
///
/// # Errors
///
/// Where none can be made.
pub(crate) fn can_rename_in(directory: &Path) -> io::Result<bool> {
    let mut beside = Beside::create(directory)?;
    // No file is called so: the names of files have lower numbers.
    let to = directory.join(leftovers::name(MOST));
    let renamed = fs::rename(&beside.path, &to).is_ok();
    if renamed {
        beside.path = to;
    }
    Ok(renamed)
}

/// Whether the system would rename a file over one that is there.
///
/// It is asked to rename a directory over it, which it never does: it answers that
/// this is no directory, unless something else is in the way: the directory is sticky
/// and the file somebody else's, or nothing but adding to the file is allowed. That a
/// file is a mount of its own it would not say, and is asked for that.
#[cfg(target_os = "linux")]
pub(crate) fn can_rename_over(file: &Path) -> bool {
    let directory = file.parent().unwrap_or(Path::new("."));
    let Ok((probe, ())) = first_free(directory, |path| fs::create_dir(path)) else { return false };
    let answer = fs::rename(&probe, file);
    let _ = fs::remove_dir(probe);
    answer.is_err_and(|e| e.raw_os_error() == Some(libc::ENOTDIR)) && !is_mount(file)
}

/// Elsewhere it shows when it is done.
#[cfg(not(target_os = "linux"))]
pub(crate) fn can_rename_over(_: &Path) -> bool {
    true
}

/// Whether something is mounted at a path, as far as the system says.
#[cfg(target_os = "linux")]
fn is_mount(path: &Path) -> bool {
    use std::{ffi::CString, mem::MaybeUninit, os::unix::ffi::OsStrExt};

    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    let mut found = MaybeUninit::<libc::statx>::uninit();
    // SAFETY: the path ends in a zero, `found` has room for what is written to it, and
    // it is read only where the call succeeded.
    let found = unsafe {
        if libc::statx(libc::AT_FDCWD, path.as_ptr(), 0, 0, found.as_mut_ptr()) != 0 {
            return false;
        }
        found.assume_init()
    };
    found.stx_attributes & libc::STATX_ATTR_MOUNT_ROOT as u64 != 0
}
