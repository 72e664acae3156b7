//! Hosts that have little of what it takes to know what their threads do, or give it up.

use std::process::Command;

use serde_json::Value;

use super::{
    disks::{SHELLS, may_mount},
    support::{Host, PICTURE, Setup, unharmed},
};
use crate::{program::Ended, tools::skip};

/// What a picture says of the states of all `job` spans, in nanoseconds.
#[derive(Debug, Default)]
struct Jobs {
    busy: u64,
    runnable: u64,
    blocked: u64,
    off_cpu: u64,
    unknown: u64,
}

fn picture(ended: &Ended) -> Value {
    let picture = ended.read(PICTURE);
    serde_json::from_str(&picture).expect("a whole picture")
}

fn jobs(picture: &Value) -> Jobs {
    let callsites = picture["callsites"].as_array().expect("callsites");
    let is_job = |node: &&Value| {
        node["callsite"].as_u64().is_some_and(|at| callsites[at as usize]["name"] == "job")
    };
    let nodes = picture["nodes"].as_array().expect("nodes");
    let of_jobs = nodes.iter().filter(is_job);
    of_jobs.fold(Jobs::default(), |sum, node| {
        let state = |key: &str| node["busy_states"][key].as_u64().unwrap_or(0);
        Jobs {
            busy: sum.busy + node["busy_nanos"].as_u64().expect("a number"),
            runnable: sum.runnable + state("runnable_nanos"),
            blocked: sum.blocked + state("blocked_nanos"),
            off_cpu: sum.off_cpu + state("off_cpu_nanos"),
            unknown: sum.unknown + state("unknown_nanos"),
        }
    })
}

impl Jobs {
    /// What they were not on a CPU for, or may not have been.
    fn told(&self) -> u64 {
        self.runnable + self.blocked + self.off_cpu + self.unknown
    }
}

/// Why there are no states or not all; `None` where there are.
fn why_not_exact(picture: &Value) -> Option<String> {
    assert!(picture["states"]["source"].is_string(), "{}", picture["states"]);
    picture["states"]["why"].as_str().map(str::to_owned)
}

/// Lets the host have no more than so much of something: files open, memory locked.
fn limit(command: &mut Command, of: libc::__rlimit_resource_t, most: libc::rlim_t) {
    use std::os::unix::process::CommandExt;

    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: `setrlimit` may be called between a fork and an exec.
    let lower = move || match unsafe { libc::setrlimit(of, &raw const limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    };
    // SAFETY: as above; nothing else is called there.
    unsafe { command.pre_exec(lower) };
}

#[test]
fn two_hundred_threads_leave_a_host_with_few_descriptors_all_of_them() {
    let prepare = |command: &mut Command| limit(command, libc::RLIMIT_NOFILE, 256);
    let setup = Setup { prepare: &prepare, ..Setup::default() };
    let ended = setup.unharmed(|host| {
        assert_eq!(host.tell("crowded 200 220"), "200 threads, and 220 files\n");
    });
    assert_eq!(ended.lost(200), 0);
    let picture = picture(&ended);
    if why_not_exact(&picture).is_none() {
        // What a thread is on a CPU is known without a file; the rest is told as it is.
        let jobs = jobs(&picture);
        assert_eq!((jobs.runnable, jobs.blocked, jobs.unknown), (0, 0, 0), "{jobs:?}");
        assert!(jobs.off_cpu >= 200 * 2_000_000, "{jobs:?}");
    }
}

#[test]
fn a_thousand_threads_one_after_the_other_are_told_of() {
    let ended = unharmed(|host| {
        assert_eq!(host.tell("threads 1000"), "1000 threads came and went\n");
    });
    assert_eq!(ended.lost(1000), 0);
    let picture = picture(&ended);
    if why_not_exact(&picture).is_none() {
        let jobs = jobs(&picture);
        assert_eq!(jobs.unknown, 0, "{jobs:?}");
        assert!(jobs.blocked > 0, "{jobs:?}");
    }
}

#[test]
fn a_host_that_closes_files_that_are_not_its_own_has_its_numbers_to_itself() {
    let ended = unharmed(|host| {
        host.tell("sleep 3");
        host.tell("close-all");
        // These take the numbers that were free.
        assert_eq!(host.tell("crowded 4 50"), "4 threads, and 50 files\n");
        host.tell("sleep 3");
    });
    assert_eq!(ended.lost(10), 0);
    let picture = picture(&ended);
    if why_not_exact(&picture).is_none() {
        let jobs = jobs(&picture);
        assert_eq!(jobs.unknown, 0, "{jobs:?}");
        assert!(jobs.blocked + jobs.off_cpu >= 10 * 2_000_000, "{jobs:?}");
        assert!(jobs.blocked + jobs.off_cpu + jobs.runnable <= jobs.busy, "{jobs:?}");
    }
}

#[test]
fn a_filter_that_kills_for_a_perf_event_kills_nobody() {
    let ended = unharmed(|host| {
        assert_eq!(host.tell("forbid-events"), "perf_event_open is the end\n");
        host.tell("sleep 3");
        host.tell("threads 10");
        assert_eq!(host.tell("pages 20"), "20 pages, of 20 in all\n");
    });
    assert_eq!((ended.status.code(), ended.lost(33)), (Some(3), 0));
}

/// Page faults are noted down in memory that is locked, of which the host may have none.
#[test]
fn a_host_that_may_lock_no_memory_has_its_page_faults_without_their_file() {
    let prepare = |command: &mut Command| limit(command, libc::RLIMIT_MEMLOCK, 0);
    let setup = Setup { prepare: &prepare, ..Setup::default() };
    let ended = setup.unharmed(|host| {
        for _ in 0..3 {
            assert_eq!(host.tell("pages 50"), "50 pages, of 50 in all\n");
        }
    });
    assert_eq!(ended.lost(150), 0);
    let picture = picture(&ended);
    if why_not_exact(&picture).is_none() {
        let jobs = jobs(&picture);
        assert!(jobs.told() <= jobs.busy, "{jobs:?}");
        assert!(!picture["reasons"].to_string().contains("cold"), "{picture}");
    }
}

/// What page faults are noted down in is not there in a child.
#[test]
fn a_child_of_a_host_with_page_faults_goes_on() {
    let ended = unharmed(|host| {
        host.tell("pages 20");
        host.tell("pages 20");
        let children = "the child ended with Some(7), None".repeat(10) + "\n";
        assert_eq!(host.tell("multiply 10"), children);
        host.tell("pages 20");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert!(picture(&ended)["troubles"]["lost"].as_u64().is_none_or(|lost| lost == 0));
}

const PARTIAL: &[&str] = &["--flame-states", "partial"];

/// A program may have the word for itself: then the C library has not registered it.
fn without_the_word(flags: &[&str], act: impl Fn(&mut Host)) -> Ended {
    let prepare = |command: &mut Command| {
        command.env("GLIBC_TUNABLES", "glibc.pthread.rseq=0");
    };
    Setup { flags, prepare: &prepare, ..Setup::default() }.unharmed(act)
}

#[test]
fn where_the_word_is_not_registered_there_are_no_states_and_it_is_said() {
    let ended = without_the_word(&[], |host| drop(host.tell("sleep 3")));
    assert_eq!(ended.lost(3), 0);
    let picture = picture(&ended);
    let why = why_not_exact(&picture).expect("a reason");
    assert!(why.starts_with("as ") && picture["states"]["source"] == "none", "{why}");
    assert_eq!(jobs(&picture).told(), 0);
}

#[test]
fn where_the_word_is_not_registered_they_are_partial_if_asked_for() {
    let ended = without_the_word(PARTIAL, |host| {
        host.tell("sleep 3");
        host.tell("threads 10");
    });
    assert_eq!(ended.lost(13), 0);
    let picture = picture(&ended);
    let why = why_not_exact(&picture).expect("a reason");
    assert!(why.starts_with("as "), "{why}");
    if !are_exact_here() {
        return skip("the clock is not the processor's counter");
    }
    assert_eq!(picture["states"]["source"], "partial");
    // The few that there are come with their readings.
    let jobs = jobs(&picture);
    assert!(jobs.blocked + jobs.off_cpu >= 3 * 2_000_000, "{jobs:?}");
    assert_eq!(jobs.unknown, 0, "{jobs:?}");
    assert!(jobs.told() <= jobs.busy, "{jobs:?}");
}

/// Whether states are exact where nothing is in the way.
fn are_exact_here() -> bool {
    let ended = unharmed(|host| drop(host.tell("sleep 1")));
    why_not_exact(&picture(&ended)).is_none()
}

/// What happens oftener than a thread may read its counters is unknown, and adds up.
#[test]
fn where_the_word_is_not_registered_what_is_too_quick_is_unknown() {
    let ended = without_the_word(PARTIAL, |host| drop(host.tell("work 100000")));
    assert_eq!(ended.lost(100_000), 0);
    let picture = picture(&ended);
    if !are_exact_here() {
        return skip("the clock is not the processor's counter");
    }
    let jobs = jobs(&picture);
    assert!(jobs.unknown > 0, "{jobs:?}");
    assert!(jobs.told() <= jobs.busy, "{jobs:?}");
}

#[test]
fn without_proc_it_is_known_when_threads_are_on_a_cpu_and_no_more() {
    let Some(shell) = SHELLS.iter().find(may_mount) else {
        return skip("no file system can be mounted");
    };
    let script = "mount -t tmpfs none /proc && exec \"$0\" \"$@\"";
    let setup = Setup { script: Some((shell, script)), ..Setup::default() };
    let ended = setup.unharmed(|host| drop(host.tell("sleep 3")));
    assert_eq!(ended.lost(3), 0);
    let picture = picture(&ended);
    if why_not_exact(&picture).is_none() {
        let jobs = jobs(&picture);
        assert_eq!((jobs.runnable, jobs.blocked, jobs.unknown), (0, 0, 0), "{jobs:?}");
        assert!(jobs.off_cpu >= 3 * 2_000_000, "{jobs:?}");
    }
}
