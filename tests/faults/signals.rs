//! Signals that end a process, sent by somebody else.

use std::os::unix::process::{CommandExt, ExitStatusExt};

use libc::{SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM};

use super::support::{PICTURE, Setup, unharmed};
use crate::tools::skip;

/// Commands that run a shell as the first process of some of its own, for root and
/// for others.
#[cfg(target_os = "linux")]
const FIRST: [&[&str]; 3] = [
    &["unshare", "--pid", "--fork", "--kill-child", "sh"],
    &["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "sh"],
    &["sudo", "-n", "unshare", "--pid", "--fork", "--kill-child", "sh"],
];

#[test]
fn a_signal_that_asks_writes_everything_and_is_what_ended_the_process() {
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        let ended = unharmed(|host| {
            host.tell("work 1000");
            host.signal(signal);
            host.wait();
        });
        assert_eq!(ended.status.signal(), Some(signal));
        assert_eq!(ended.lost(1000), 0);
        assert_eq!(ended.files(), [PICTURE]);
    }
}

#[test]
fn a_signal_that_kills_loses_what_came_after_the_last_checkpoint() {
    let often = ["--flame-checkpoint", "0.01"];
    let ended = Setup { flags: &often, ..Setup::default() }.unharmed(|host| {
        host.tell("work 1000");
        host.wait_for_checkpoint(1000);
        host.tell("work 7");
        host.signal(SIGKILL);
        host.wait();
    });
    assert_eq!(ended.status.signal(), Some(SIGKILL));
    assert!(ended.lost(1007) <= 7, "{}", ended.lost(1007));
    let picture = ended.read(PICTURE);
    assert!(picture.contains("\"so_far\": true"), "it does not say that it is a checkpoint");
}

#[test]
fn a_signal_that_kills_before_any_checkpoint_leaves_the_earlier_picture() {
    let ended = unharmed(|host| {
        std::fs::write(host.directory().join("earlier"), "earlier").expect("a file");
        host.tell("work 1000");
        host.signal(SIGKILL);
        host.wait();
    });
    assert_eq!(ended.status.signal(), Some(SIGKILL));
    assert_eq!(ended.files(), ["earlier"]);
}

#[test]
fn a_signal_that_the_process_ignores_stays_ignored() {
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        let ignoring = |command: &mut std::process::Command| {
            // SAFETY: `signal` may be called between a fork and an exec.
            let ignore = move || unsafe {
                libc::signal(signal, libc::SIG_IGN);
                Ok(())
            };
            // SAFETY: as above; nothing else is called there.
            unsafe { command.pre_exec(ignore) };
        };
        let ended = Setup { prepare: &ignoring, ..Setup::default() }.unharmed(|host| {
            host.tell("work 10");
            host.signal(signal);
            assert_eq!(host.tell("work 2"), "worked, 1\n");
        });
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.lost(12), 0);
    }
}

#[test]
fn a_signal_ends_a_process_in_which_nothing_can_wait_for_it() {
    // Room for one file, where a session takes two to hear of signals.
    let script = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n 4; exec \"$0\" \"$@\"";
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        let setup = Setup { script: Some((&["sh"], script)), ..Setup::default() };
        let ended = setup.unharmed(|host| {
            host.tell("work 10");
            host.signal(signal);
            host.wait();
        });
        assert!(ended.err.contains("flame: error: cannot handle signals: "), "{}", ended.err);
        assert_eq!(ended.status.signal(), Some(signal));
    }
}

/// What the host prints about a signal must be the same with `--flame`: that it is there
/// to print anything says that it did not end.
fn the_hosts(signal: i32, before: &str, after: &str) {
    let ended = unharmed(|host| {
        host.tell("work 10");
        host.tell(&format!("{before} {signal}"));
        host.signal(signal);
        host.tell(&format!("{after} {signal}"));
        host.tell("work 2");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(12), 0);
}

#[test]
fn a_signal_that_the_host_comes_to_handle_is_left_to_it() {
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        the_hosts(signal, "handle", "handled");
    }
}

#[test]
fn a_signal_that_the_host_blocks_and_waits_for_is_left_to_it() {
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        the_hosts(signal, "block", "take");
    }
}

#[test]
fn a_host_that_handles_one_signal_has_its_picture_on_another() {
    let ended = unharmed(|host| {
        host.tell("handle 2");
        host.tell("work 1000");
        host.signal(SIGTERM);
        host.wait();
    });
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.lost(1000), 0);
}

#[test]
fn a_signal_ends_a_host_that_has_closed_our_files_and_nothing_goes_into_its_own() {
    let ended = unharmed(|host| {
        host.tell("work 10");
        host.tell("close-all");
        host.signal(SIGTERM);
        host.wait();
    });
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.read("other"), "");
}

#[test]
fn a_host_that_holds_standard_errors_lock_ends_as_ever() {
    let ended = unharmed(|host| {
        host.tell("hold");
        host.tell("work 10");
        host.signal(SIGTERM);
        host.wait();
    });
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.lost(10), 0);
    assert!(ended.err.contains("flame: wrote "), "{}", ended.err);
}

/// To the first process of a container a signal without a handler does nothing, and
/// `docker stop` kills it in the end.
#[cfg(target_os = "linux")]
#[test]
fn the_first_process_of_a_container_goes_on_and_leaves_a_picture() {
    let Some(shell) = FIRST.into_iter().find(|shell| super::support::can_run(shell, ":")) else {
        return skip("`unshare --pid` is not allowed");
    };
    let setup = Setup { script: Some((shell, "exec \"$0\" \"$@\"")), ..Setup::default() };
    let ended = setup.unharmed(|host| {
        host.tell("work 10");
        for signal in [SIGINT, SIGTERM] {
            host.tell(&format!("raise {signal}"));
            host.wait_for_checkpoint(10);
        }
        host.tell("work 2");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(12), 0);
}
