//! Writes that raise no signal.
//!
//! A write past the process's limit on file sizes raises SIGXFSZ, and one to a pipe
//! that nobody reads from SIGPIPE. Either ends a process that does not ignore it,
//! and what it does about them is the host's to say, for its own writes. So they
//! are blocked on the thread that writes, for the time of the write, and taken back
//! where they came: the write returns `EFBIG` or `EPIPE`, as it would where they are
//! ignored. Ignoring them would hold for the whole process and for its children.

use std::io::{self, Write};

/// Runs something that writes, with the signals away that the kernel raises for it
/// on this thread. Costs four system calls.
pub fn quietly<T>(write: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    let _blocked = unix::Blocked::new();
    write()
}

/// A writer all of whose writes are [quiet](quietly).
#[derive(Debug)]
pub struct Quiet<W>(pub W);

impl<W: Write> Write for Quiet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quietly(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        quietly(|| self.0.flush())
    }
}

#[cfg(unix)]
mod unix {
    use std::{ffi::c_int, mem::MaybeUninit, ptr};

    /// What the kernel raises for a write.
    const RAISED: [c_int; 2] = [libc::SIGPIPE, libc::SIGXFSZ];

    /// Keeps the signals of writes from this thread until it is dropped.
    pub(super) struct Blocked {
        mask: libc::sigset_t,
        /// Those that waited before, which are somebody else's.
        before: [bool; RAISED.len()],
    }

    impl Blocked {
        /// `None` where the system will not, as it always will.
        pub(super) fn new() -> Option<Self> {
            let mut mask = empty();
            // SAFETY: both sets live as long as the call.
            match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &set(&RAISED), &raw mut mask) } {
                0 => Some(Self { mask, before: waiting() }),
                _ => None,
            }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            let now = waiting();
            for ((signal, before), now) in RAISED.into_iter().zip(self.before).zip(now) {
                if now && !before {
                    let mut taken = 0;
                    // SAFETY: the set and the number live as long as the call, which
                    // returns at once, since the signal waits.
                    unsafe { libc::sigwait(&set(&[signal]), &raw mut taken) };
                }
            }
            // SAFETY: the mask lives as long as the call.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.mask, ptr::null_mut())
            };
        }
    }

    /// Which of the signals wait to be taken.
    fn waiting() -> [bool; RAISED.len()] {
        let mut all = empty();
        // SAFETY: the set lives as long as the calls.
        RAISED.map(|signal| unsafe {
            libc::sigpending(&raw mut all) == 0 && libc::sigismember(&raw const all, signal) == 1
        })
    }

    fn set(signals: &[c_int]) -> libc::sigset_t {
        let mut set = empty();
        for &signal in signals {
            // SAFETY: the set is one, and the signals are those of this file.
            unsafe { libc::sigaddset(&raw mut set, signal) };
        }
        set
    }

    fn empty() -> libc::sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: the call makes an empty set of what it is given.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            set.assume_init()
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        fs::File,
        mem::MaybeUninit,
        os::fd::{AsRawFd, FromRawFd, OwnedFd},
    };

    use super::*;

    /// The end of a pipe that nobody reads from.
    fn broken() -> File {
        let mut ends = [0; 2];
        // SAFETY: there is room for two numbers, which are new and so nobody else's.
        let [_, write] = unsafe {
            assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
            ends.map(|end| OwnedFd::from_raw_fd(end))
        };
        File::from(write)
    }

    /// Whether the thread has it blocked, and whether it waits.
    fn state(signal: i32) -> (bool, bool) {
        let (mut mask, mut waiting) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        // SAFETY: the calls fill the sets in before they are read.
        unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), mask.as_mut_ptr());
            libc::sigpending(waiting.as_mut_ptr());
            let [mask, waiting] = [mask.assume_init(), waiting.assume_init()];
            (libc::sigismember(&mask, signal) == 1, libc::sigismember(&waiting, signal) == 1)
        }
    }

    #[test]
    fn a_broken_pipe_is_an_error_and_leaves_no_signal_behind() {
        let error = Quiet(broken()).write(b"x").expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(state(libc::SIGPIPE), (false, false));
    }

    #[test]
    fn a_signal_that_waited_before_waits_afterwards() {
        let pipe = broken();
        let blocked = unix::Blocked::new();
        // SAFETY: it writes one byte that is there.
        unsafe { libc::write(pipe.as_raw_fd(), b"x".as_ptr().cast(), 1) };
        assert_eq!(state(libc::SIGPIPE), (true, true));
        quietly(|| ());
        assert_eq!(state(libc::SIGPIPE), (true, true));
        drop(blocked);
        assert_eq!(state(libc::SIGPIPE), (false, false));
    }
}
