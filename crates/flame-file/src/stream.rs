//! Devices, pipes and open files, to which a picture is written as it is drawn.
//!
//! Opening a pipe that nobody reads from waits for a reader, and nobody may ever come:
//! that is an error here. Whoever reads and then stops reading is waited for.
//! Whether there is a reader is not tried before there is a picture, since a reader
//! that waits for one would take the try for all it gets.

use std::{
    io::{self, Write},
    path::Path,
};

use crate::descriptor;

/// Opens a device or a pipe, at once.
pub(crate) fn open(path: &Path) -> io::Result<impl Write + use<>> {
    #[cfg(unix)]
    return unix::open(path);
    #[cfg(not(unix))]
    return std::fs::OpenOptions::new().append(true).open(path);
}

/// What is written to a file that somebody has open, by its entry in the system's
/// directory of those: one of this process by its descriptor, at the place where its
/// other writers are, another's at its end.
pub(crate) fn open_file(entry: &Path) -> io::Result<Box<dyn Write>> {
    match descriptor::at(entry) {
        Some(number) => Ok(Box::new(descriptor::share(number)?)),
        None => Ok(Box::new(open(entry)?)),
    }
}

/// Whether [`open_file`] would work.
pub(crate) fn check_open_file(entry: &Path) -> io::Result<()> {
    match descriptor::at(entry) {
        Some(number) => descriptor::check(number),
        None => std::fs::OpenOptions::new().append(true).open(entry).map(drop),
    }
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{File, OpenOptions},
        io::{self, ErrorKind, Write},
        os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
        path::Path,
    };

    use crate::descriptor::keep_off_standard_streams;

    pub(super) fn open(path: &Path) -> io::Result<Patient> {
        let mut options = OpenOptions::new();
        let file = options.append(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path);
        file.and_then(keep_off_standard_streams).map(Patient).map_err(|e| match e.raw_os_error() {
            Some(libc::ENXIO) => io::Error::new(e.kind(), "nobody reads from the pipe there"),
            _ => e,
        })
    }

    /// Waits where the file, which does not, would have.
    pub(super) struct Patient(File);

    impl Patient {
        /// Until there is room, nobody reads any more, or a signal comes: writing tells
        /// which.
        fn wait(&self) {
            let fd = self.0.as_raw_fd();
            let mut room = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
            // SAFETY: it is given one such structure, which outlives the call.
            unsafe { libc::poll(&raw mut room, 1, -1) };
        }
    }

    impl Write for Patient {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            loop {
                match self.0.write(bytes) {
                    Err(e) if e.kind() == ErrorKind::WouldBlock => self.wait(),
                    written => return written,
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.flush()
        }
    }
}
