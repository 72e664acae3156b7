//! Signals that the host sees to itself.

use std::{
    io,
    mem::MaybeUninit,
    ptr,
    sync::{Arc, atomic::AtomicBool},
    thread,
};

use std::sync::atomic::Ordering::SeqCst;

use signal_hook::flag;

/// Set by a handler of the host's.
static HANDLED: std::sync::OnceLock<Arc<AtomicBool>> = std::sync::OnceLock::new();

/// Sets a handler, as signal-hook and tokio do: it hands on to the one before it.
pub(crate) fn handle(signal: i32) -> String {
    let flag = Arc::clone(HANDLED.get_or_init(Arc::default));
    flag::register(signal, flag).expect("a handler");
    format!("handles {signal}")
}

/// Waits until the handler has run.
pub(crate) fn handled(signal: i32) -> String {
    let flag = HANDLED.get().expect("a handler");
    while !flag.swap(false, SeqCst) {
        thread::yield_now();
    }
    format!("handled {signal}")
}

/// Blocks a signal on this thread, the host's only one.
pub(crate) fn block(signal: i32) -> String {
    let set = only(signal);
    // SAFETY: the set is one.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) };
    format!("blocks {signal}")
}

/// Waits for a signal that is blocked.
pub(crate) fn take(signal: i32) -> String {
    let set = only(signal);
    let mut taken = 0;
    // SAFETY: the set is one, and the signal is written to a place of ours.
    let failed = unsafe { libc::sigwait(&raw const set, &raw mut taken) };
    assert_eq!(failed, 0, "{}", io::Error::from_raw_os_error(failed));
    format!("took {taken}")
}

fn only(signal: i32) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the first call makes a set of it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        set.assume_init()
    }
}

/// Sends itself a signal.
pub(crate) fn raise(signal: i32) -> String {
    // SAFETY: it takes numbers.
    unsafe { libc::raise(signal) };
    format!("raised {signal}")
}

/// Closes every file but the three that a program starts with, as a daemon does, and
/// opens others under their numbers.
pub(crate) fn close_all_files() -> String {
    for descriptor in 3..64 {
        // SAFETY: nothing of the host's is open there. What is the session's is
        // closed on purpose.
        unsafe { libc::close(descriptor) };
    }
    // SAFETY: it takes a path that ends with a nought.
    let opened = unsafe { libc::open(c"other".as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600) };
    for descriptor in 3..64 {
        // SAFETY: both are numbers.
        unsafe { libc::dup2(opened, descriptor) };
    }
    "closed all files".to_owned()
}
