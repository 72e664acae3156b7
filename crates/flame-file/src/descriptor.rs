//! Files that this process has open already.

use std::{fs::Metadata, io, path::Path};

/// The descriptor by which this process writes to a file, if there is one.
pub(crate) fn that_writes_to(file: &Metadata) -> Option<i32> {
    #[cfg(unix)]
    return unix::that_writes_to(file);
    #[cfg(not(unix))]
    return {
        let _ = file;
        None
    };
}

/// The number of a descriptor of this process, where `path` is its entry in the
/// system's directory of those.
pub(crate) fn at(path: &Path) -> Option<i32> {
    let number = path.file_name()?.to_str()?.parse().ok()?;
    let directory = path.parent()?;
    let is_ours = directory == Path::new("/dev/fd")
        || Path::new("/proc/self/fd").canonicalize().is_ok_and(|ours| ours == directory);
    is_ours.then_some(number)
}

/// Whether something can be written by a descriptor of this process.
pub(crate) fn check(number: i32) -> io::Result<()> {
    #[cfg(unix)]
    return unix::check(number);
    #[cfg(not(unix))]
    return match number {
        1 => Ok(()),
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    };
}

/// Writes by a descriptor of this process, where it stands and as it is.
///
/// The place in the file is shared with everybody who writes by that descriptor: what
/// is written here comes after what was written, and before what will be.
pub(crate) fn share(number: i32) -> io::Result<impl io::Write + use<>> {
    #[cfg(unix)]
    return unix::share(number);
    #[cfg(not(unix))]
    return check(number).map(|()| io::stdout());
}

/// Keeps a file of ours away from the numbers of the standard streams: where a host
/// has closed one of those, the next file that is opened would take its place, and
/// with it all that the host says there.
pub(crate) fn keep_off_standard_streams(file: std::fs::File) -> io::Result<std::fs::File> {
    #[cfg(unix)]
    return unix::keep_off_standard_streams(file);
    #[cfg(not(unix))]
    return Ok(file);
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{File, Metadata},
        io,
        mem::MaybeUninit,
        os::{
            fd::{AsRawFd, FromRawFd},
            unix::fs::MetadataExt,
        },
    };

    /// The first number behind those of the standard streams.
    const FIRST: i32 = 3;

    pub(super) fn that_writes_to(file: &Metadata) -> Option<i32> {
        open().into_iter().find(|&number| check(number).is_ok() && is_same(number, file))
    }

    /// The numbers that may be open.
    fn open() -> Vec<i32> {
        let listed = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let mut numbers: Vec<i32> =
            listed.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        // Where the system does not list them, these can be had all the same.
        if numbers.is_empty() { (0..FIRST).collect() } else { numbers }
    }

    fn is_same(number: i32, file: &Metadata) -> bool {
        let mut found = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: `found` has room for what is written to it, and it is read only where
        // the call succeeded.
        let found = unsafe {
            if libc::fstat(number, found.as_mut_ptr()) != 0 {
                return false;
            }
            found.assume_init()
        };
        #[allow(clippy::unnecessary_cast, reason = "the types differ between targets")]
        let same = (found.st_dev as u64, found.st_ino as u64) == (file.dev(), file.ino());
        same
    }

    pub(super) fn check(number: i32) -> io::Result<()> {
        // SAFETY: the call reads flags, and fails for a number that is not open.
        match unsafe { libc::fcntl(number, libc::F_GETFL) } {
            -1 => Err(io::Error::last_os_error()),
            flags if flags & libc::O_ACCMODE == libc::O_RDONLY => {
                Err(io::Error::other("it is open for reading only"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn share(number: i32) -> io::Result<File> {
        check(number)?;
        duplicate(number)
    }

    /// Another number for the same open file, which children do not inherit.
    fn duplicate(number: i32) -> io::Result<File> {
        // SAFETY: the call takes a number, and fails for one that is not open.
        match unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, FIRST) } {
            -1 => Err(io::Error::last_os_error()),
            // SAFETY: it is new, and so nobody else's.
            new => Ok(unsafe { File::from_raw_fd(new) }),
        }
    }

    pub(super) fn keep_off_standard_streams(file: File) -> io::Result<File> {
        if file.as_raw_fd() >= FIRST {
            return Ok(file);
        }
        duplicate(file.as_raw_fd())
    }
}
