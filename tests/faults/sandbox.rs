//! Hosts that give up, after they have begun, what they may ask of the kernel.

use std::{io, os::unix::process::CommandExt, process::Command};

use super::support::{Setup, unharmed};

/// How often the kernel may be asked for a barrier: with each reading of the logs. There
/// are some at the start and at the end, and one or a few for each so many thousand
/// entries; how many depends on when the readers get a CPU, but not by orders of magnitude.
const MOST: u64 = 500;

#[test]
fn a_host_that_may_no_longer_call_membarrier_goes_on_and_all_is_recorded() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell(&format!("forbid {MOST}")), "membarrier is forbidden\n");
        assert_eq!(host.tell("hand 1000"), "1000 were handed over\n");
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3), "the barrier was asked for more than {MOST} times");
    assert_eq!(ended.lost(1020), 0);
}

#[test]
fn spans_that_go_from_thread_to_thread_ask_for_no_barrier() {
    // Those of a call that is refused are counted, and are as many where it is not.
    let ended = unharmed(|host| {
        host.tell(&format!("forbid {MOST}"));
        host.tell("hand 20000");
    });
    assert_eq!(ended.status.code(), Some(3), "more than {MOST} barriers for 20000 spans");
    assert_eq!(ended.lost(20_000), 0);
}

/// Lets membarrier(2) fail with EPERM before the program begins.
fn forbid_barriers(command: &mut Command) {
    let act = |code: u16, jf: u8, k: u32| libc::sock_filter { code, jt: 0, jf, k };
    let refuse = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let filter = [
        act(0x20, 0, 0),
        act(0x15, 1, libc::SYS_membarrier as u32),
        act(0x06, 0, refuse),
        act(0x06, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let forbid = move || {
        let mut filter = filter;
        let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
        // SAFETY: the program is there until the kernel has copied it.
        let refused = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                || libc::syscall(
                    libc::SYS_seccomp,
                    libc::SECCOMP_SET_MODE_FILTER,
                    0,
                    &raw const program,
                ) != 0
        };
        if refused { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: two system calls may be made between a fork and an exec.
    unsafe { command.pre_exec(forbid) };
}

#[test]
fn a_host_that_may_never_call_membarrier_goes_on_and_all_is_recorded() {
    let setup = Setup { prepare: &forbid_barriers, ..Setup::default() };
    let ended = setup.unharmed(|host| {
        host.tell("work 50000");
        assert_eq!(host.tell("hand 1000"), "1000 were handed over\n");
        host.tell("daemon 1");
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(51_010), 0);
}
