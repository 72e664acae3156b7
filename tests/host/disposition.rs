//! What a host does about signals and its standard streams.

use std::{mem::MaybeUninit, process, ptr};

/// Has a signal do what it does by default, which Rust changes for broken pipes.
pub(crate) fn heed(signal: i32) -> String {
    // SAFETY: the default is no handler.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    format!("signal {signal} is heeded")
}

/// Closes a standard stream.
pub(crate) fn shut(number: i32) -> String {
    // SAFETY: nothing but the streams of the standard library has the number, and these
    // bear it.
    unsafe { libc::close(number) };
    format!("{number} is shut")
}

/// Blocks a signal, sends it to the process, and takes it.
pub(crate) fn await_own(signal: i32) -> String {
    let mut set = MaybeUninit::uninit();
    let mut taken = 0;
    // SAFETY: the first call makes an empty set, which the others change and read.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut());
        libc::kill(process::id() as libc::pid_t, signal);
        libc::sigwait(set.as_ptr(), &raw mut taken);
    }
    format!("signal {taken} was taken")
}
