//! Ways in which a process ends itself.

use std::os::unix::process::ExitStatusExt;

use libc::SIGABRT;

use super::support::{PICTURE, Setup, unharmed};
use crate::program::Ended;

#[test]
fn the_end_of_main_writes_everything_and_keeps_its_status() {
    let ended = unharmed(|host| drop(host.tell("work 1000")));
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(1000), 0);
    assert_eq!(ended.files(), [PICTURE]);
    assert!(!ended.read(PICTURE).contains("so_far"));
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
fn spans_in_the_destructor_of_a_thread_local_lose_nothing_when_the_layers_are_gone() {
    let ended = unharmed(|host| {
        assert_eq!(host.tell("farewell"), "worked, 45\n");
        host.tell("work 1000");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(1020), 0);
    // What is entered there is exited at once, by which it is known that they were.
    assert_eq!(ended.trouble("exited_by_thread_end"), 11);
}

/// What a process does that runs no destructor, after a checkpoint of 1000 spans.
fn ended_by(what: &str) -> Ended {
    let often = ["--flame-checkpoint", "0.01"];
    Setup { flags: &often, ..Setup::default() }.unharmed(|host| {
        host.tell("work 1000");
        host.wait_for_checkpoint(1000);
        host.tell("work 7");
        host.tell(what);
    })
}

#[test]
fn an_exit_an_abort_and_an_exec_lose_what_came_after_the_last_checkpoint() {
    for (what, code) in [("exit 9", Some(9)), ("abort", None), ("become exit 6", Some(6))] {
        let ended = ended_by(what);
        assert_eq!(ended.status.code(), code, "{what}");
        assert!(ended.lost(1007) <= 7, "{what}: {}", ended.lost(1007));
    }
}

#[test]
fn a_stack_overflow_in_a_thread_loses_what_came_after_the_last_checkpoint() {
    let ended = ended_by("overflow");
    assert_eq!(ended.status.signal(), Some(SIGABRT));
    assert!(ended.err.contains("has overflowed its stack"), "{}", ended.err);
    assert!(ended.lost(1007) <= 7, "{}", ended.lost(1007));
}

#[test]
fn without_a_checkpoint_an_abort_leaves_no_half_of_a_picture() {
    let ended = unharmed(|host| drop((host.tell("work 10"), host.tell("abort"))));
    assert_eq!(ended.status.signal(), Some(SIGABRT));
    assert_eq!(ended.files(), Vec::<String>::new(), "{}", ended.err);
}
