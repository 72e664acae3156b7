//! A store-load barrier whose cost falls on one side only.
//!
//! Two threads that each write a flag and then read the other's need a full
//! barrier between the write and the read, or both may read the old value. Here
//! one side runs at every span and the other once in a while. On Linux the rare
//! side asks the kernel to run a barrier on every thread of the process
//! (`membarrier(2)`, `MEMBARRIER_CMD_PRIVATE_EXPEDITED`, since 4.14), so the
//! frequent side needs only to keep the compiler from reordering. Elsewhere, and
//! where the kernel refuses, both sides run a fence.

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod imp {
    use std::sync::{
        OnceLock,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
            compiler_fence, fence,
        },
    };

    /// Whether the kernel runs the barrier for us.
    static ASYMMETRIC: AtomicBool = AtomicBool::new(false);
    static REGISTERED: OnceLock<()> = OnceLock::new();

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: membarrier(2) takes two integers and a CPU number that these
        // commands ignore; it touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Registers the process; before any barrier of either side. Returns whether
    /// the kernel runs the barrier for us.
    pub(crate) fn prepare() -> bool {
        REGISTERED.get_or_init(|| {
            let registered = membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
                && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
            // Relaxed: set once, before the first thread records anything.
            ASYMMETRIC.store(registered, Relaxed);
        });
        ASYMMETRIC.load(Relaxed)
    }

    #[inline]
    pub(crate) fn frequent() {
        if ASYMMETRIC.load(Relaxed) { compiler_fence(SeqCst) } else { fence(SeqCst) }
    }

    /// The same where [`prepare`] said that the kernel runs it.
    #[inline]
    pub(crate) fn frequent_where_asymmetric() {
        compiler_fence(SeqCst);
    }

    pub(crate) fn rare() {
        fence(SeqCst);
        // Registered and tried once, it fails only for want of kernel memory.
        while ASYMMETRIC.load(Relaxed) && !membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) {
            std::thread::yield_now();
        }
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod imp {
    #[cfg(loom)]
    use loom::sync::atomic::{Ordering::SeqCst, fence};
    #[cfg(not(loom))]
    use std::sync::atomic::{Ordering::SeqCst, fence};

    /// Only a model has it, so that the quick way in is modelled as well.
    pub(crate) fn prepare() -> bool {
        cfg!(loom)
    }

    #[inline]
    pub(crate) fn frequent() {
        fence(SeqCst);
    }

    #[inline]
    pub(crate) fn frequent_where_asymmetric() {
        fence(SeqCst);
    }

    pub(crate) fn rare() {
        fence(SeqCst);
    }
}

pub(crate) use imp::{frequent, frequent_where_asymmetric, prepare, rare};
