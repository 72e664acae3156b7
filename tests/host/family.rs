//! Children, and what a process becomes.

use std::{
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Command, ExitStatus},
};

use reth_cli_ext::FlameSession;

/// Forks, and executes a shell in the child.
pub(crate) fn spawn(script: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    // SAFETY: the closure does nothing. That there is one makes this a `fork` and
    // an `exec`, where it would be a `posix_spawn`.
    unsafe { command.pre_exec(|| Ok(())) };
    ended(command.status().expect("a shell"))
}

/// Forks; the child drops its copy of the session and exits.
pub(crate) fn fork(flame: &mut Option<FlameSession>) -> String {
    in_a_child(|| drop(flame.take()))
}

/// Forks; the child, which still has the session, sends itself a signal.
pub(crate) fn fork_and_signal(signal: i32) -> String {
    in_a_child(|| {
        // SAFETY: it may be called after a fork.
        unsafe { libc::raise(signal) };
    })
}

/// Forks, does something in the child, and waits for that to exit.
pub(crate) fn in_a_child(act: impl FnOnce()) -> String {
    const STATUS: i32 = 7;
    // SAFETY: the child calls nothing that another thread of the host could be in the midst
    // of; what the layer and a session do there is what is tested. It ends without a
    // destructor.
    let child = unsafe { libc::fork() };
    if child == 0 {
        act();
        // SAFETY: it ends the process.
        unsafe { libc::_exit(STATUS) };
    }
    wait_for(child)
}

/// Waits for a child to exit.
pub(crate) fn wait_for(child: libc::pid_t) -> String {
    let mut status = 0;
    // SAFETY: the status is written to a place of ours.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child, "{}", io::Error::last_os_error());
    ended(ExitStatus::from_raw(status))
}

fn ended(status: ExitStatus) -> String {
    format!("the child ended with {:?}, {:?}", status.code(), status.signal())
}

/// Executes a shell in the place of this process.
pub(crate) fn become_another(script: &str) -> String {
    Command::new("sh").args(["-c", script]).exec().to_string()
}
