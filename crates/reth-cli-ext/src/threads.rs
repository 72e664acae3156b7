//! Threads of a session.
//!
//! Signals are the host's. One that is sent to a process goes to any thread that does
//! not block it, so a host that blocks a signal on all its threads, to wait for it
//! by `sigwait` or a `signalfd`, would be ended by it on one of ours. These block all
//! that others send, from their first instruction on.

use std::{
    io,
    thread::{Builder, JoinHandle},
};

/// Starts a thread of ours.
///
/// # Errors
///
/// Where the system would not start it.
pub(crate) fn start<T: Send + 'static>(
    name: &str,
    act: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let builder = Builder::new().name(name.to_owned());
    without_signals(|| builder.spawn(act))
}

/// Does something while this thread blocks signals; what is started meanwhile inherits
/// that.
#[cfg(unix)]
fn without_signals<T>(act: impl FnOnce() -> T) -> T {
    use std::{mem::MaybeUninit, ptr};

    let mut blocked = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: each call is given sets of ours. `sigfillset` makes a set of the first,
    // and `before` is read only where `pthread_sigmask` has made it one.
    let masked = unsafe {
        libc::sigfillset(blocked.as_mut_ptr());
        for signal in OWN_DOING {
            libc::sigdelset(blocked.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, blocked.as_ptr(), before.as_mut_ptr()) == 0
    };
    let done = act();
    if masked {
        // SAFETY: the set was made by the call above, which worked.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    }
    done
}

/// What a thread does to itself ends the process where it is blocked, and a handler of
/// the host's may have an answer to it.
#[cfg(unix)]
const OWN_DOING: [libc::c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGABRT,
    libc::SIGSYS,
];

#[cfg(not(unix))]
fn without_signals<T>(act: impl FnOnce() -> T) -> T {
    act()
}

#[cfg(all(test, unix))]
mod tests {
    use std::{mem::MaybeUninit, ptr};

    use super::*;

    fn blocks(signal: libc::c_int) -> bool {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: without a new set the present one is written to one of ours.
        unsafe {
            libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), set.as_mut_ptr());
            libc::sigismember(set.as_ptr(), signal) == 1
        }
    }

    #[test]
    fn a_thread_of_ours_blocks_what_others_send_and_its_starter_does_not() {
        let ours = start("ours", || (blocks(libc::SIGTERM), blocks(libc::SIGSEGV)));
        assert_eq!(ours.expect("a thread").join().ok(), Some((true, false)));
        assert!(!blocks(libc::SIGTERM));
    }
}
