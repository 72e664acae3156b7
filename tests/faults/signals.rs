//! Signals that end a process, sent by somebody else.

use std::os::unix::process::{CommandExt, ExitStatusExt};

use libc::{SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM};

use super::support::{PICTURE, Setup, unharmed};

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
    let picture = ended.read(PICTURE).expect("a picture");
    assert!(picture.contains("\"so_far\": true"), "it does not say that it is a checkpoint");
}

#[test]
fn a_signal_that_kills_before_any_checkpoint_leaves_the_earlier_picture() {
    let ended = unharmed(|host| {
        std::fs::write(host.path().join("earlier"), "earlier").expect("a file");
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
        assert!(ended.err.contains("flame: cannot handle signals: "), "{}", ended.err);
        assert_eq!(ended.status.signal(), Some(signal));
    }
}
