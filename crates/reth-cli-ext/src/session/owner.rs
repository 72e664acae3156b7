//! Which process a session's files are of.
//!
//! It is the one that started the session, until that has ended. A child that was forked from
//! it may take them over then, unless the session was ended before: so a program that
//! becomes a daemon leaves a picture, and children of one that goes on do not write over it.

use std::process;

/// What is known of the owner in all processes that have the session.
#[derive(Debug)]
pub(crate) struct Owner(word::Shared);

/// Why the files are not this process's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// The session goes on in that process.
    GoesOn(u32),
    /// That process has ended the session.
    HasEnded(u32),
}

/// Stands beside the owner's number once it has ended the session.
const ENDED: u64 = 1 << 32;

impl Owner {
    pub(crate) fn this_process() -> Self {
        Self(word::Shared::new(u64::from(process::id())))
    }

    /// Has the files be this process's, if nobody has them.
    pub(crate) fn take(&self) -> Result<(), Elsewhere> {
        let own = u64::from(process::id());
        loop {
            let found = self.0.load();
            // The low half is a process's number.
            let owner = found as u32;
            match () {
                () if found == own => return Ok(()),
                () if found & ENDED != 0 => return Err(Elsewhere::HasEnded(owner)),
                () if !word::has_ended(owner) => return Err(Elsewhere::GoesOn(owner)),
                // Else another one was faster, and is asked after.
                () if self.0.replace(found, own) => return Ok(()),
                () => {}
            }
        }
    }

    /// The session has ended, in this process if the files are its own.
    pub(crate) fn end(&self) {
        let own = u64::from(process::id());
        self.0.replace(own, own | ENDED);
    }
}

#[cfg(unix)]
mod word {
    use std::{
        fs, io, ptr,
        sync::atomic::{AtomicU64, Ordering::SeqCst},
    };

    const SIZE: usize = size_of::<AtomicU64>();

    /// A word that a process shares with all that are forked from it; with none where the
    /// system has no page for it.
    #[derive(Debug)]
    pub(super) enum Shared {
        Page(*const AtomicU64),
        Own(AtomicU64),
    }

    // SAFETY: it points to an atomic word, which is there until this is dropped.
    unsafe impl Send for Shared {}
    // SAFETY: all that is done to the word is atomic.
    unsafe impl Sync for Shared {}

    impl Shared {
        pub(super) fn new(value: u64) -> Self {
            let (access, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            // SAFETY: a new mapping anywhere touches no memory that is there.
            let page = unsafe { libc::mmap(ptr::null_mut(), SIZE, access, kind, -1, 0) };
            if page == libc::MAP_FAILED {
                return Self::Own(AtomicU64::new(value));
            }
            let shared = Self::Page(page.cast());
            shared.word().store(value, SeqCst);
            shared
        }

        fn word(&self) -> &AtomicU64 {
            match self {
                // SAFETY: it was mapped, a page is aligned and zeroed, which is a word, and is
                // unmapped as this is dropped.
                Self::Page(page) => unsafe { &**page },
                Self::Own(word) => word,
            }
        }

        pub(super) fn load(&self) -> u64 {
            self.word().load(SeqCst)
        }

        /// Puts another value in the place of one, if it is that. Returns whether it was.
        pub(super) fn replace(&self, value: u64, with: u64) -> bool {
            self.word().compare_exchange(value, with, SeqCst, SeqCst).is_ok()
        }
    }

    impl Drop for Shared {
        fn drop(&mut self) {
            if let Self::Page(page) = self {
                // SAFETY: it was mapped with that size, and nobody uses it any more.
                unsafe { libc::munmap(page.cast_mut().cast(), SIZE) };
            }
        }
    }

    /// Whether a process that this one descends from has ended: also one that nobody has
    /// asked what it ended with. Where its number is another's by now that is not seen.
    pub(super) fn has_ended(process: u32) -> bool {
        let process = process as libc::pid_t;
        // SAFETY: it takes nothing.
        if unsafe { libc::getppid() } == process {
            return false;
        }
        // SAFETY: without a signal it only looks whether one could be sent.
        let is_there = unsafe { libc::kill(process, 0) } == 0;
        let is_gone = !is_there && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
        is_gone || is_zombie(process)
    }

    /// Whether a process has ended and is only remembered, where the system tells.
    fn is_zombie(process: libc::pid_t) -> bool {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Behind the name, which may have anything in it.
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X']))
    }
}

/// No process is another's copy.
#[cfg(not(unix))]
mod word {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    #[derive(Debug)]
    pub(super) struct Shared(AtomicU64);

    impl Shared {
        pub(super) fn new(value: u64) -> Self {
            Self(AtomicU64::new(value))
        }

        pub(super) fn load(&self) -> u64 {
            self.0.load(SeqCst)
        }

        pub(super) fn replace(&self, value: u64, with: u64) -> bool {
            self.0.compare_exchange(value, with, SeqCst, SeqCst).is_ok()
        }
    }

    pub(super) fn has_ended(_: u32) -> bool {
        false
    }
}
