//! Processes that a host makes, and becomes.

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::support::{PICTURE, unharmed};
use crate::program::files;

#[test]
fn a_child_that_was_forked_and_executes_another_program_is_as_any_other() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        let answer = host.tell("spawn exit 5");
        assert_eq!(answer, "the child ended with Some(5), None\n");
        // Handlers of signals do not outlive an `exec`.
        for signal in [1, 2, 3, 15] {
            let answer = host.tell(&format!("spawn kill -{signal} $$"));
            assert_eq!(answer, format!("the child ended with None, Some({signal})\n"));
        }
        // Nor do the sockets by which a session hears of them.
        let answer = host.tell("spawn exit $(ls -l /proc/$$/fd 2>/dev/null | grep -c socket)");
        assert_eq!(answer, "the child ended with Some(0), None\n");
        host.tell("work 10");
    });
    assert_eq!(ended.lost(20), 0);
    assert_eq!(ended.files(), [PICTURE]);
}

#[test]
fn a_child_that_was_forked_leaves_the_picture_to_its_parent() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell("fork"), "the child ended with Some(7), None\n");
        assert_eq!(files(host.directory()), Vec::<String>::new());
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(20), 0);
}

#[test]
fn a_child_that_was_forked_is_ended_by_a_signal_and_its_parent_goes_on() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            let answer = host.tell(&format!("signal {signal}"));
            assert_eq!(answer, format!("the child ended with None, Some({signal})\n"));
        }
        host.tell("work 10");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(20), 0);
}

#[test]
fn a_process_that_becomes_another_ends_as_that_one_does() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell("become echo another; exit 6"), "another\n");
    });
    assert_eq!(ended.status.code(), Some(6));
    assert_eq!(ended.files(), Vec::<String>::new());
}

/// It is the program: its parent leaves without ending the session.
#[test]
fn a_daemon_writes_the_picture_of_all_that_was_before_and_after_it_became_one() {
    for generations in [1, 2] {
        let ended = unharmed(|host| {
            host.tell("work 10");
            let answer = host.tell(&format!("daemon {generations}"));
            assert_eq!(answer, format!("goes on after {generations} generations\n"));
            host.tell("work 5000");
        });
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.lost(5010), 0);
        assert_eq!(ended.files(), [PICTURE]);
    }
}

#[test]
fn a_child_that_ends_a_session_that_goes_on_in_its_parent_is_told_so_and_writes_nothing() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell("end in a child"), "the child ended with Some(7), None\n");
        assert_eq!(files(host.directory()), Vec::<String>::new());
        host.tell("work 10");
    });
    assert_eq!(ended.lost(20), 0);
    let told = ended.err.matches("flame: error: nothing is written by this process").count();
    assert_eq!(told, 1, "{}", ended.err);
}

#[test]
fn a_child_that_ends_a_session_that_its_parent_has_ended_is_told_so_and_writes_nothing() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell("end before a child"), "the child ended with Some(1), None\n");
        let picture = std::fs::read_to_string(host.directory().join(PICTURE));
        host.tell("work 10");
        assert_eq!(picture.ok(), std::fs::read_to_string(host.directory().join(PICTURE)).ok());
    });
    assert_eq!(ended.lost(10), 0);
    let told = ended.err.matches("flame: error: nothing is written by this process").count();
    assert_eq!(told, 1, "{}", ended.err);
    assert_eq!(ended.err.matches("flame: wrote").count(), 1, "{}", ended.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_was_forked_at_any_moment_goes_on_recording_without_its_parents_threads() {
    const CHILDREN: usize = 20;
    let ended = unharmed(|host| {
        host.tell("work 10");
        let answer = host.tell(&format!("multiply {CHILDREN}"));
        assert_eq!(answer, "the child ended with Some(7), None".repeat(CHILDREN) + "\n");
    });
    assert_eq!(ended.status.code(), Some(3));
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_was_forked_in_the_middle_of_a_callback_goes_on_and_is_not_recorded() {
    let ended = unharmed(|host| {
        assert_eq!(host.tell("within"), "the child ended with Some(7), None\n");
        host.tell("work 10");
    });
    assert_eq!(ended.lost(10), 0);
}
