//! The widths in the picture of `async-io`, which really waits. What bounds a
//! time from below is a sleep of the dependency; from above, only the width of
//! another frame of the same run does.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output},
    sync::LazyLock,
};

use tempfile::TempDir;

const MS: u64 = 1_000_000;
const REQUESTS: u64 = 16;
/// What the dependency's delays in all requests add up to.
const DELAYS: u64 = REQUESTS * 50 * MS;

/// The self time of each stack, in nanoseconds.
struct Picture(BTreeMap<String, u64>);

/// More clients than permits, so that requests queue.
static CROWDED: LazyLock<Picture> =
    LazyLock::new(|| Picture::of("--requests 16 --clients 8 --permits 1"));

fn run(directory: &TempDir, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_async-io"))
        .args(["--flame", "--flame-output", "a.folded"])
        .args(arguments.split_whitespace())
        .current_dir(directory.path())
        .output()
        .expect("a program that starts")
}

impl Picture {
    fn of(arguments: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let output = run(&directory, arguments);
        assert!(output.status.success(), "{output:?}");
        let folded = fs::read_to_string(directory.path().join("a.folded")).expect("a picture");
        let stack = |line: &str| {
            let (stack, nanos) = line.rsplit_once(' ').expect("a stack and its weight");
            (stack.to_owned(), nanos.parse().expect("nanoseconds"))
        };
        Self(folded.lines().map(stack).collect())
    }

    /// The time of a stack itself.
    fn own(&self, stack: &str) -> u64 {
        self.0.get(stack).copied().unwrap_or(0)
    }

    /// The width of a stack's frame.
    fn total(&self, stack: &str) -> u64 {
        let above = format!("{stack};");
        let within = self.0.iter().filter(|(s, _)| *s == stack || s.starts_with(&above));
        within.map(|(_, nanos)| nanos).sum()
    }
}

/// Most of what waits is seen to wait; the rest is what polling took, which is
/// little unless the machine has other things to do.
#[track_caller]
fn assert_mostly_await(awaited: u64, total: u64) {
    assert!(total >= DELAYS, "{total} of {DELAYS}");
    assert!(awaited >= total / 5 * 4, "{awaited} of {total}");
}

#[test]
fn a_request_that_awaits_the_dependency_shows_it_under_the_span_that_awaits() {
    let awaited = CROWDED.own("request;lookup_user;call;[await]");
    assert_mostly_await(awaited, CROWDED.total("request;lookup_user"));
}

#[test]
fn ten_calls_at_once_are_about_as_wide_as_one() {
    let (one, ten) = (CROWDED.total("request;lookup_user"), CROWDED.total("request;load_items"));
    assert!(ten >= DELAYS, "{ten} of {DELAYS}");
    assert!(ten < 5 * one, "ten calls took {ten} ns, one took {one} ns");
    assert!(CROWDED.own("request;load_items;call;[await]") > ten / 2);
}

#[test]
fn a_race_is_as_wide_as_its_winner_and_the_loser_has_half_of_it() {
    let (one, race) = (CROWDED.total("request;lookup_user"), CROWDED.total("request;banner"));
    assert!(race >= DELAYS, "{race} of {DELAYS}");
    // The loser alone would be ten calls wide.
    assert!(race < 5 * one, "the race took {race} ns, one call {one} ns");
    let [near, far] =
        ["near", "far"].map(|mirror| CROWDED.own(&format!("request;banner;{mirror};call;[await]")));
    assert!(near.min(far) > near.max(far) / 2, "near {near} ns, far {far} ns");
}

#[test]
fn a_task_that_outlives_its_request_is_drawn_on_it() {
    let awaited = CROWDED.own("request;audit;call;[await]");
    assert_mostly_await(awaited, CROWDED.total("request;audit") + CROWDED.own("request"));
}

#[test]
fn a_blocking_read_is_work_under_the_span_that_awaits_it() {
    assert!(CROWDED.own("request;read_file;read") > 0);
    assert_eq!(CROWDED.total("read"), 0, "it has a parent");
}

#[test]
fn requests_that_queue_for_a_permit_await_it() {
    // With one permit each waits while others load their items.
    assert!(CROWDED.own("request;wait_for_permit;[await]") > 50 * MS);
    let alone = Picture::of("--requests 2 --clients 1");
    assert!(alone.own("request;wait_for_permit") > 0);
    assert_eq!(alone.own("request;wait_for_permit;[await]"), 0);
}

#[test]
fn only_requests_are_operations() {
    for stack in CROWDED.0.keys() {
        assert!(stack == "request" || stack.starts_with("request;"), "{stack}");
    }
}

#[test]
fn a_request_that_fails_ends_the_program_and_names_the_file() {
    let directory = TempDir::new().expect("a directory");
    let output = run(&directory, "--requests 1 --file missing");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("asked for page 0, got `error: missing: "), "{stderr}");
    let folded = fs::read_to_string(directory.path().join("a.folded")).expect("a picture");
    assert!(folded.contains("request;read_file;read "), "{folded}");
}
