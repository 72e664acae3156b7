//! The widths in the picture of `async-io`, which really waits. What bounds a time from
//! below is a sleep of the dependency; from above, only what spans of the same run took
//! from their first enter to their close does. However long anything waits for a CPU,
//! these hold.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::Value;
use tempfile::TempDir;

const MS: u64 = 1_000_000;
const REQUESTS: u64 = 16;
/// What the dependency's delays in all requests add up to.
const DELAYS: u64 = REQUESTS * 50 * MS;

/// What was measured at each stack.
struct Picture(BTreeMap<String, Measures>);

/// Nanoseconds, of the spans of a stack and not of those above them.
#[derive(Clone, Copy, Default)]
struct Measures {
    wall: u64,
    awaited: u64,
    /// From first enter to close, summed over the spans.
    latency: u64,
    calls: u64,
}

/// More clients than permits, so that requests queue.
static CROWDED: LazyLock<Picture> =
    LazyLock::new(|| Picture::of("--requests 16 --clients 8 --permits 1"));

fn run(directory: &TempDir, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_async-io"))
        .arg("--flame")
        .args(arguments.split_whitespace())
        .current_dir(directory.path())
        .output()
        .expect("a program that starts")
}

impl Picture {
    fn of(arguments: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let output = run(&directory, &format!("--flame-output a.json {arguments}"));
        assert!(output.status.success(), "{output:?}");
        let json = fs::read_to_string(directory.path().join("a.json")).expect("a picture");
        let json: Value = serde_json::from_str(&json).expect("JSON");
        let mut stacks: Vec<String> = Vec::new();
        let mut picture = BTreeMap::new();
        for node in json["nodes"].as_array().expect("nodes") {
            let number = |key: &str| node[key].as_u64().expect("a number");
            let callsite = &json["callsites"][number("callsite") as usize];
            let name = callsite["name"].as_str().expect("a name");
            let parent = node["parent"].as_u64().map(|parent| &stacks[parent as usize]);
            let stack = parent.map_or(name.to_owned(), |parent| format!("{parent};{name}"));
            let measures: &mut Measures = picture.entry(stack.clone()).or_default();
            measures.wall += number("wall_nanos");
            measures.awaited += number("await_nanos");
            measures.latency += number("latency_nanos");
            measures.calls += number("calls");
            stacks.push(stack);
        }
        Self(picture)
    }

    fn of_stack(&self, stack: &str) -> Measures {
        self.0.get(stack).copied().unwrap_or_default()
    }

    /// The width of a stack's own `[await]` frame.
    fn awaited(&self, stack: &str) -> u64 {
        self.of_stack(stack).awaited
    }

    /// The width of a stack's frame.
    fn total(&self, stack: &str) -> u64 {
        let above = format!("{stack};");
        let within = self.0.iter().filter(|(s, _)| *s == stack || s.starts_with(&above));
        within.map(|(_, measures)| measures.wall + measures.awaited).sum()
    }

    /// A step of a request is as wide as its spans were open, whatever went on above them
    /// at once, but for what the request did itself meanwhile: a poll begins with that.
    #[track_caller]
    fn assert_as_wide_as_open(&self, stack: &str) {
        let (width, Measures { latency, calls, .. }) = (self.total(stack), self.of_stack(stack));
        assert!(latency >= DELAYS, "{stack}: open {latency} of {DELAYS}");
        let request = self.of_stack("request").wall;
        // A share is of whole nanoseconds.
        let most = latency + 100 * calls;
        assert!(
            (latency.saturating_sub(request)..=most).contains(&width),
            "{stack}: {width} wide, open {latency}"
        );
    }
}

#[test]
fn a_request_that_awaits_the_dependency_shows_it_under_the_span_that_awaits() {
    CROWDED.assert_as_wide_as_open("request;lookup_user");
    assert!(CROWDED.awaited("request;lookup_user;call") > 0);
}

#[test]
fn ten_calls_at_once_are_as_wide_as_what_awaits_them_and_not_as_all_ten() {
    CROWDED.assert_as_wide_as_open("request;load_items");
    let calls = CROWDED.of_stack("request;load_items;call");
    assert_eq!(calls.calls, 10 * REQUESTS);
    assert!(calls.latency >= 10 * DELAYS, "{} of ten times {DELAYS}", calls.latency);
    assert!(calls.awaited > 0);
}

#[test]
fn a_race_is_as_wide_as_its_winner_and_both_have_a_part_of_it() {
    CROWDED.assert_as_wide_as_open("request;banner");
    for mirror in ["near", "far"] {
        assert!(CROWDED.awaited(&format!("request;banner;{mirror};call")) > 0, "{mirror}");
    }
}

#[test]
fn a_task_that_outlives_its_request_is_drawn_on_it() {
    assert!(CROWDED.awaited("request;audit;call") > 0);
    let audit = CROWDED.of_stack("request;audit");
    assert!(audit.latency >= DELAYS, "{} of {DELAYS}", audit.latency);
    assert!(CROWDED.total("request;audit") <= audit.latency);
}

#[test]
fn a_blocking_read_is_work_under_the_span_that_awaits_it() {
    assert!(CROWDED.of_stack("request;read_file;read").wall > 0);
    assert_eq!(CROWDED.total("read"), 0, "it has a parent");
}

#[test]
fn requests_that_queue_for_a_permit_await_it() {
    // With one permit each waits while others load their items.
    assert!(CROWDED.awaited("request;wait_for_permit") > 0);
    let alone = Picture::of("--requests 2 --clients 1");
    assert!(alone.of_stack("request;wait_for_permit").wall > 0);
    assert_eq!(alone.awaited("request;wait_for_permit"), 0);
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
    let output = run(&directory, "--flame-output a.folded --requests 1 --file missing");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("asked for page 0, got `error: missing: "), "{stderr}");
    let folded = fs::read_to_string(directory.path().join("a.folded")).expect("a picture");
    assert!(folded.contains("request;read_file;read"), "{folded}");
}
