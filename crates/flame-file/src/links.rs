//! What a path means in the end, where its last part is a symbolic link.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// As many links as Linux follows before it gives up.
const MAX_LINKS: usize = 40;

/// Where a path's links lead.
pub(crate) struct End {
    /// No link any more, or that of an open file. There need be nothing.
    pub(crate) path: PathBuf,
    /// Whether it stands for a file that some process has open, as `/dev/stdout` does.
    pub(crate) is_open_file: bool,
}

/// Follows the links that a path's last part is.
///
/// The text of a link in `/proc/<pid>/fd` only describes what is open there:
/// `pipe:[123]`, or the path by which a file was opened, which may mean another
/// file by now. Such a link is the end.
pub(crate) fn follow(path: &Path) -> io::Result<End> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let is_open_file = is_in_directory_of_open_files(&path);
        match fs::read_link(&path) {
            Ok(to) if !is_open_file => path = path.parent().unwrap_or(Path::new("")).join(to),
            // A link that stays one, none, not there, or not to be looked at: the
            // checks that follow say which.
            Ok(_) => return Ok(End { path, is_open_file }),
            Err(_) => return Ok(End { is_open_file: is_open_file && path.exists(), path }),
        }
    }
    Err(io::Error::other(format!("there are more than {MAX_LINKS} symbolic links")))
}

#[cfg(target_os = "linux")]
fn is_in_directory_of_open_files(path: &Path) -> bool {
    use std::{ffi::CString, mem::MaybeUninit, os::unix::ffi::OsStrExt};

    let directory = path.parent().unwrap_or(Path::new("."));
    let Ok(directory) = CString::new(directory.as_os_str().as_bytes()) else { return false };
    let mut system = MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the path ends in a zero, `system` has room for what is written to it,
    // and it is read only where the call succeeded.
    let system = unsafe {
        if libc::statfs(directory.as_ptr(), system.as_mut_ptr()) != 0 {
            return false;
        }
        system.assume_init()
    };
    // Links of `/proc` lead to files that are open, or to where nothing is written.
    #[allow(clippy::unnecessary_cast, reason = "the types differ between targets")]
    let is_proc = system.f_type as i64 == libc::PROC_SUPER_MAGIC as i64;
    is_proc && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Elsewhere `/dev/fd` has the files themselves, and no links.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_in_directory_of_open_files(path: &Path) -> bool {
    path.parent() == Some(Path::new("/dev/fd"))
}

#[cfg(not(unix))]
fn is_in_directory_of_open_files(_: &Path) -> bool {
    false
}
