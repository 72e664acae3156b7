//! The session's own threads, which the host's signals pass by.

use std::{
    io,
    thread::{Builder, JoinHandle},
};

/// Starts a thread on which no signal is delivered.
///
/// A signal that is sent to the process goes to any thread that does not block it. A
/// host that blocks some, to take them by `sigwait` or a `signalfd`, does so on its own
/// threads: on one of ours they would have their default effect, and end the host. A
/// child of the host never comes from a thread of ours.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // The new thread begins with the mask of the one that starts it.
    #[cfg(unix)]
    let _blocked = unix::Blocked::new();
    Builder::new().name(name.to_owned()).spawn(run)
}

#[cfg(unix)]
mod unix {
    use std::{mem::MaybeUninit, ptr};

    use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};

    /// What a thread raises by its own mistakes: blocked, it would end the process
    /// without a word.
    const FAULTS: [libc::c_int; 7] = [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP];

    /// Keeps signals from this thread until it is dropped.
    pub(super) struct Blocked(libc::sigset_t);

    impl Blocked {
        pub(super) fn new() -> Option<Self> {
            let (mut all, mut mask) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: the first call makes a set of what it is given, which the others
            // change and read; the last writes to `mask`, which has room for it and is
            // read only where the call succeeded.
            unsafe {
                libc::sigfillset(all.as_mut_ptr());
                for fault in FAULTS {
                    libc::sigdelset(all.as_mut_ptr(), fault);
                }
                match libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), mask.as_mut_ptr()) {
                    0 => Some(Self(mask.assume_init())),
                    _ => None,
                }
            }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            // SAFETY: the mask lives as long as the call.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
        }
    }
}
