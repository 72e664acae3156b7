//! A store-load barrier whose cost falls on one side only.
//!
//! Two threads that each write a word and then read the other's need a full barrier
//! between the write and the read, or both may read the old value. Here one side runs at
//! every entry of a log and the other once when logs are read. On Linux the rare side asks
//! the kernel to run a barrier on every thread of the process (`membarrier(2)`,
//! `MEMBARRIER_CMD_PRIVATE_EXPEDITED`, since 4.14), so the frequent side needs only to
//! keep the compiler from reordering.
//!
//! Where the kernel refuses, at the start or later, the rare side lets a millisecond pass
//! instead: no processor keeps a store to itself for so long. It is asked once a drain, and
//! never again for the same one.

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod imp {
    use std::{
        sync::atomic::{Ordering::SeqCst, compiler_fence, fence},
        thread,
        time::Duration,
    };

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: membarrier(2) takes two integers and a CPU number that these
        // commands ignore; it touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Registers the process, before any barrier of either side. Once is enough, for its
    /// forked children too, and more often does nothing: so nobody has to wait for another
    /// thread that does it, which a child may not have.
    pub(crate) fn prepare() {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    }

    #[inline(always)]
    pub(crate) fn frequent() {
        compiler_fence(SeqCst);
    }

    /// Returns whether there was a barrier: not where it takes a sleep and there may be none.
    pub(crate) fn rare(may_sleep: bool) -> bool {
        fence(SeqCst);
        if membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) {
            return true;
        }
        if may_sleep {
            thread::sleep(Duration::from_millis(1));
        }
        may_sleep
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod imp {
    #[cfg(loom)]
    use loom::sync::atomic::{Ordering::SeqCst, fence};
    #[cfg(not(loom))]
    use std::sync::atomic::{Ordering::SeqCst, fence};

    pub(crate) fn prepare() {}

    /// A fence on both sides does what the kernel's barrier does for one.
    #[inline(always)]
    pub(crate) fn frequent() {
        fence(SeqCst);
    }

    pub(crate) fn rare(_may_sleep: bool) -> bool {
        fence(SeqCst);
        true
    }
}

pub(crate) use imp::{frequent, prepare, rare};
