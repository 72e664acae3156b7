//! Keeping signals of the host's from threads of ours.

/// Signals that say what the thread itself did. One that is blocked ends the process: a
/// host may answer a system call that it forbids by a handler of SIGSYS.
#[cfg(all(target_os = "linux", not(miri), not(loom)))]
const OF_THE_THREAD: [libc::c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Calls with all signals blocked on this thread that come from elsewhere. A thread that is
/// started meanwhile inherits that, so none of the host's handlers ever runs on it.
#[cfg(all(target_os = "linux", not(miri), not(loom)))]
pub(crate) fn without_signals<T>(call: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;

    let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: both are room for a set of signals, the first of which is made before it is
    // read, and the call changes this thread's mask alone.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        for signal in OF_THE_THREAD {
            libc::sigdelset(all.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let result = call();
    if blocked {
        // SAFETY: the mask that was in force before was written there.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        }
    }
    result
}

/// Calls; elsewhere signals are not kept from threads.
#[cfg(not(all(target_os = "linux", not(miri), not(loom))))]
pub(crate) fn without_signals<T>(call: impl FnOnce() -> T) -> T {
    call()
}
