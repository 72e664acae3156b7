//! Signals that the kernel raises for a write, which are the host's to be spared.

use std::{fs, os::unix::process::CommandExt, process::Command};

use super::support::{PICTURE, Setup};
use crate::program::Ended;

/// Lets the host write no file of more than so many bytes.
fn limit_files(command: &mut Command, bytes: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: `setrlimit` may be called between a fork and an exec.
    let lower = move || match unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    };
    // SAFETY: as above; nothing else is called there.
    unsafe { command.pre_exec(lower) };
}

fn error(ended: &Ended) -> &str {
    let line = ended.err.lines().find(|line| line.starts_with("flame: error: "));
    line.unwrap_or_else(|| panic!("no error is reported:\n{}", ended.err))
}

/// A fault: the host was killed by SIGXFSZ.
#[test]
fn a_limit_on_file_sizes_leaves_the_host_its_status_and_the_earlier_picture_whole() {
    let prepare = |command: &mut Command| {
        let at = command.get_current_dir().expect("it was set");
        fs::write(at.join(PICTURE), "earlier").expect("a file");
        limit_files(command, 256);
    };
    let flags = ["--flame-operation", "job", "--flame-slowest", "1"];
    let setup = Setup { flags: &flags, prepare: &prepare, ..Setup::default() };
    let ended = setup.unharmed(|host| drop(host.tell("work 1000")));
    assert_eq!(ended.status.code(), Some(3));
    assert!(error(&ended).contains(PICTURE), "{}", ended.err);
    assert!(error(&ended).contains("File too large"), "{}", ended.err);
    assert!(
        ended.err.contains("cannot write 1 of the files about slow operations"),
        "{}",
        ended.err
    );
    assert_eq!(ended.read(PICTURE), "earlier");
    let files = ended.files();
    assert_eq!(files, [PICTURE, "spans.operations"], "no half of a file is left");
}

/// Gives the host a standard error that nobody reads from.
const UNREAD: &str = "mkfifo err && { : < err & exec 3> err; wait; exec \"$0\" \"$@\" 2>&3 3>&-; }";

#[test]
fn a_standard_error_that_nobody_reads_ends_no_host_that_would_be_ended_by_a_broken_pipe() {
    let setup = Setup { script: Some((&["sh"], UNREAD)), ..Setup::default() };
    let [plain, flamed] = setup.both(|host| {
        host.tell("heed 13");
        host.tell("work 1000");
    });
    assert_eq!((flamed.status, &flamed.out), (plain.status, &plain.out));
    assert_eq!((flamed.status.code(), flamed.lost(1000)), (Some(3), 0));
}

/// Gives the host a pipe, as descriptor 3, that nobody reads from.
const UNREAD_PIPE: &str = "mkfifo pipe && { : < pipe & exec 3> pipe; wait; exec \"$0\" \"$@\"; }";

#[test]
fn an_output_that_nobody_reads_ends_no_host_that_would_be_ended_by_a_broken_pipe() {
    let flags = ["--flame-output", "folded:/dev/fd/3"];
    let setup = Setup { flags: &flags, script: Some((&["sh"], UNREAD_PIPE)), ..Setup::default() };
    let ended = setup.unharmed(|host| {
        host.tell("heed 13");
        host.tell("work 1000");
    });
    assert!(error(&ended).contains("/dev/fd/3: Broken pipe"), "{}", ended.err);
    assert_eq!((ended.status.code(), ended.lost(1000)), (Some(3), 0));
}

#[test]
fn a_standard_error_that_is_closed_later_takes_no_picture() {
    let [plain, flamed] = Setup::default().both(|host| {
        host.tell("shut 2");
        host.tell("work 1000");
    });
    assert_eq!((flamed.status, &flamed.out), (plain.status, &plain.out));
    assert_eq!((flamed.status.code(), flamed.lost(1000)), (Some(3), 0));
}

/// A fault: the session's threads took what the host had blocked for itself.
#[test]
fn a_signal_that_the_host_blocks_and_waits_for_reaches_it() {
    let ended = super::support::unharmed(|host| {
        host.tell("work 10");
        assert_eq!(host.tell("await 10"), "signal 10 was taken\n");
        host.tell("work 10");
    });
    assert_eq!((ended.status.code(), ended.lost(20)), (Some(3), 0));
}

#[test]
fn what_a_process_becomes_inherits_nothing_of_a_session() {
    let script = "become ls /proc/self/fd | wc -l; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; \
                  env | sort; ulimit -a";
    let setup = Setup::default();
    let ended = setup.unharmed(|host| {
        host.tell("work 10");
        let directory = host.directory().display().to_string();
        assert!(!host.tell(script).is_empty());
        // Told apart by nothing but the directory that each runs in.
        host.forget(&directory);
    });
    assert_eq!(ended.status.code(), Some(0));
}
