//! Ways in which a process ends itself.

use std::os::unix::process::ExitStatusExt;

use libc::SIGABRT;

use super::support::{PICTURE, unharmed};

#[test]
fn the_end_of_main_writes_everything_and_keeps_its_status() {
    let ended = unharmed(|host| drop(host.tell("work 1000")));
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(1000), 0);
    assert_eq!(ended.files(), [PICTURE]);
}

#[test]
fn a_panic_in_main_writes_everything_and_keeps_its_status() {
    let ended = unharmed(|host| {
        host.tell("work 1000");
        host.tell("panic");
    });
    assert_eq!(ended.status.code(), Some(101));
    assert_eq!(ended.lost(1000), 0);
}

#[test]
fn a_panic_in_a_worker_unwinds_through_its_spans_and_loses_nothing() {
    let ended = unharmed(|host| {
        assert_eq!(host.tell("worker"), "the worker panicked\n");
        host.tell("work 1000");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(1001), 0);
}

#[test]
fn an_exit_an_abort_and_an_overflow_leave_no_half_of_a_picture() {
    let abort = |ended: &super::support::Ended| ended.status.signal() == Some(SIGABRT);
    let exited = unharmed(|host| drop((host.tell("work 10"), host.tell("exit 9"))));
    assert_eq!(exited.status.code(), Some(9));
    let aborted = unharmed(|host| drop((host.tell("work 10"), host.tell("abort"))));
    assert!(abort(&aborted), "{}", aborted.status);
    let overflowed = unharmed(|host| drop((host.tell("work 10"), host.tell("overflow"))));
    assert!(abort(&overflowed), "{}", overflowed.status);
    assert!(overflowed.err.contains("has overflowed its stack"), "{}", overflowed.err);
    for ended in [exited, aborted, overflowed] {
        assert_eq!(ended.files(), Vec::<String>::new(), "{}", ended.err);
    }
}
