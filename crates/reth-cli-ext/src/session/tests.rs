//! Sessions under a time that the tests let pass.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use clap::{Args, Command, FromArgMatches};
use tempfile::TempDir;
use tracing::{debug_span, info_span, level_filters::LevelFilter, subscriber::with_default};
use tracing_flame_layer::profile::StateSource;
use tracing_subscriber::{Registry, layer::SubscriberExt, registry};

mod checkpoints;
mod slow;
mod windows;

use super::*;
use crate::{Plain, typed::Typed};

/// Hands every line to the test.
struct Lines(Sender<String>);

impl Reporter for Lines {
    fn info(&self, line: &str) {
        let _ = self.0.send(line.to_owned());
    }

    fn error(&self, line: &str) {
        let _ = self.0.send(format!("error: {line}"));
    }
}

/// A session that writes `spans.folded` in a directory of its own.
struct Fixture {
    directory: TempDir,
    lines: Receiver<String>,
    session: FlameSession,
}

impl Fixture {
    fn new(flags: &str) -> Self {
        Self::writing(flags, &["spans.folded"])
    }

    fn writing(flags: &str, names: &[&str]) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        Self::within(directory, flags, names)
    }

    fn within(directory: TempDir, flags: &str, names: &[&str]) -> Self {
        let (sender, lines) = channel();
        let paths = names.iter().map(|name| directory.path().join(name).display().to_string());
        let paths: Vec<String> = paths.collect();
        // What is said of states is another thing on another platform.
        let flags = format!("{flags} --flame-states off");
        let plan = plan(&flags, &paths.iter().map(String::as_str).collect::<Vec<_>>());
        let session = FlameSession::start_at(plan, Box::new(Lines(sender)), Time::Manual)
            .expect("a session that can start");
        Self { directory, lines, session }
    }

    fn run(&self) -> Arc<Run> {
        self.session.0.as_ref().expect("a session that runs").run.clone()
    }

    fn subscriber(&mut self) -> impl Subscriber + use<> {
        registry().with(self.session.layer::<Registry>())
    }

    /// The next line of the session; waits for it.
    fn line(&self) -> String {
        self.lines.recv().expect("a session that still speaks")
    }

    fn files(&self) -> Vec<String> {
        names_in(self.directory.path())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).expect("a picture")
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory to read");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn wait_for(what: impl Fn() -> bool) {
    while !what() {
        thread::yield_now();
    }
}

fn plan(flags: &str, outputs: &[&str]) -> Plan {
    let outputs = outputs.iter().flat_map(|output| ["--flame-output", output]);
    let line = ["x", "--flame"].into_iter().chain(flags.split_whitespace()).chain(outputs);
    let matches = Typed::augment_args(Command::new("x")).get_matches_from(line);
    Plan::new::<Plain>(&Typed::from_arg_matches(&matches).expect("flags")).expect("a sound plan")
}

#[test]
fn a_span_that_stands_behind_a_question_whether_it_is_enabled_is_recorded() {
    let mut fixture = Fixture::new("--flame-filter asked=trace");
    with_default(fixture.subscriber(), || {
        if tracing::enabled!(target: "asked", tracing::Level::TRACE) {
            tracing::trace_span!(target: "asked", "guarded").in_scope(|| ());
        }
    });
    assert_eq!(fixture.run().flame.snapshot().nodes().len(), 1);
}

#[test]
fn the_first_line_says_what_the_session_will_do() {
    let fixture =
        Fixture::new("--flame-duration 5m --flame-filter info,a=trace --flame-weight busy");
    let path = fixture.directory.path().join("spans.folded");
    assert_eq!(
        fixture.line(),
        format!("recording busy time of spans `info,a=trace` for 5m, to {}", path.display())
    );
}

#[test]
fn the_first_line_says_where_the_build_has_no_spans_as_fine_as_asked_for() {
    let plan = plan("--flame-filter a=debug", &["spans.folded"]);
    let line = |built| summary::start(&plan, built, None);
    assert!(
        line(LevelFilter::INFO).contains("spans `a=debug` (this build has none finer than `info`)")
    );
    assert!(line(LevelFilter::DEBUG).contains("spans `a=debug` for 1m"));
}

#[test]
fn the_first_line_says_why_it_will_not_be_known_what_threads_do() {
    let plan = plan("", &["spans.folded"]);
    let line = |states| summary::start(&plan, LevelFilter::TRACE, states);
    let none = StateSource::None("as nobody tells".into());
    assert!(line(Some(&none)).ends_with("spans.folded; without states, as nobody tells"));
    let partial = StateSource::Partial("as few tell".into());
    assert!(
        line(Some(&partial)).ends_with("spans.folded; with states of some spans only, as few tell")
    );
    for quiet in [None, Some(&StateSource::Exact)] {
        assert!(line(quiet).ends_with("spans.folded"), "{}", line(quiet));
    }
}

#[test]
fn named_spans_of_which_none_came_by_are_told_of_at_the_end() {
    let flags = "--flame-filter info --flame-operation import,fine,block{number=1},block{number=2} \
                 --flame-skip within --flame-idle default,wait --flame-fields within{height}";
    let mut fixture = Fixture::new(flags);
    let subscriber = fixture.subscriber();
    with_default(subscriber, || {
        info_span!("within").in_scope(|| info_span!("block", number = 2).in_scope(|| ()));
        debug_span!("fine").in_scope(|| ());
    });
    let Fixture { lines, session, directory: _directory } = fixture;
    session.finish().expect("a picture");
    assert_eq!(
        lines.iter().find(|line| line.starts_with("no span")).as_deref(),
        Some(
            "no span came by that is named `wait` (--flame-idle) or `import` (--flame-operation) \
             or `fine` (--flame-operation) or `block{number=1}` (--flame-operation) or \
             `within{height}` (--flame-fields), or the filter `info` refused it"
        )
    );
}

#[test]
fn the_end_of_the_window_writes_once_while_the_program_goes_on() {
    let mut fixture = Fixture::new("--flame-duration 60");
    let run = fixture.run();
    let subscriber = fixture.subscriber();
    fixture.line();
    with_default(subscriber, || {
        info_span!("within").in_scope(|| ());
        run.gate.advance(Duration::from_secs(60));
        let end = fixture.line();
        assert!(end.starts_with("wrote ") && end.contains(": 1 span over "), "{end}");
        assert_eq!(fixture.files(), ["spans.folded"]);
        info_span!("after").in_scope(|| ());
    });
    fs::remove_file(fixture.directory.path().join("spans.folded")).expect("a file to remove");
    // The run owns the sender of lines.
    drop(run);
    let Fixture { directory, lines, session } = fixture;
    session.finish().expect("the result of the window's end");
    assert_eq!(lines.iter().collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(fs::read_dir(directory).expect("a directory").count(), 0);
}

#[test]
fn a_span_that_is_open_at_the_end_of_the_window_is_in_the_picture() {
    let mut fixture = Fixture::new("--flame-duration 60");
    let run = fixture.run();
    let subscriber = fixture.subscriber();
    fixture.line();
    with_default(subscriber, || {
        let _open = info_span!("open").entered();
        run.gate.advance(Duration::from_secs(60));
        fixture.line();
    });
    let folded = fs::read_to_string(fixture.directory.path().join("spans.folded"));
    let folded = folded.expect("a picture");
    assert!(folded.starts_with("open"), "{folded}");
}

#[test]
fn shutdown_before_the_end_of_the_window_writes() {
    for flags in ["--flame-duration 60", "--flame-duration 0"] {
        let mut fixture = Fixture::new(flags);
        let subscriber = fixture.subscriber();
        with_default(subscriber, || info_span!("within").in_scope(|| ()));
        let Fixture { directory, lines, session } = fixture;
        session.finish().expect("a picture");
        let lines: Vec<_> = lines.iter().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[1].contains(": 1 span over "), "{lines:?}");
        assert!(directory.path().join("spans.folded").exists());
    }
}

#[test]
fn time_is_taken_after_the_delay_only() {
    let mut fixture = Fixture::new("--flame-delay 10 --flame-duration 60");
    let run = fixture.run();
    let subscriber = fixture.subscriber();
    with_default(subscriber, || {
        info_span!("before").in_scope(|| ());
        run.gate.advance(Duration::from_secs(10));
        while !run.seen.window_opened.is_raised() {
            thread::yield_now();
        }
        info_span!("within").in_scope(|| ());
    });
    run.gate.advance(Duration::from_secs(60));
    fixture.line();
    let end = fixture.line();
    assert!(end.contains(": 1 span over "), "{end}");
    let entered: Vec<_> = run
        .flame
        .snapshot()
        .nodes()
        .iter()
        .filter(|node| node.measures.enters > 0)
        .map(|node| format!("{:?}", node.frame))
        .collect();
    assert!(entered.len() == 1 && entered[0].contains("within"), "{entered:?}");
}

#[test]
fn a_program_that_ends_before_the_delay_learns_why_its_picture_is_empty() {
    let mut fixture = Fixture::new("--flame-delay 10");
    let subscriber = fixture.subscriber();
    with_default(subscriber, || info_span!("before").in_scope(|| ()));
    let Fixture { directory: _keep, lines, session } = fixture;
    session.finish().expect("an empty picture");
    let end = lines.iter().last().expect("a last line");
    assert!(end.contains("before the `--flame-delay` of 10s was over"), "{end}");
}

#[test]
fn dropping_a_session_writes() {
    let mut fixture = Fixture::new("");
    with_default(fixture.subscriber(), || info_span!("within").in_scope(|| ()));
    let Fixture { directory, lines, session } = fixture;
    drop(session);
    assert!(lines.iter().last().is_some_and(|end| end.contains(": 1 span over ")));
    assert!(directory.path().join("spans.folded").exists());
}

#[test]
fn a_panic_writes_on_its_way() {
    let Fixture { directory, lines: _keep, session } = Fixture::new("");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _session = session;
        panic!("the host's own");
    }));
    assert!(panicked.is_err());
    assert!(directory.path().join("spans.folded").exists());
}

#[test]
fn a_session_dropped_at_once_says_so() {
    let Fixture { directory: _keep, lines, session } = Fixture::new("");
    drop(session);
    let end = lines.iter().last().expect("a last line");
    assert!(end.contains("`layer()` was never called before the session was dropped"), "{end}");
    assert!(end.contains("`let flame = ...`, not `let _ = ...`"), "{end}");
}

#[test]
fn a_thread_that_cannot_be_started_ends_those_before_it_and_nothing_is_written() {
    let no_thread = |_: &Arc<Run>| {
        let source = std::io::Error::other("too many");
        Err(crate::error::Kind::Thread { purpose: "does nothing", source }.into())
    };
    let fixture = Fixture::new("--flame-duration 60");
    let run = fixture.run();
    let why = start_threads(&run, &[timer::start, no_thread]).expect_err("the second fails");
    assert!(why.to_string().starts_with("cannot start the thread"), "{why}");
    run.gate.advance(Duration::from_secs(60));
    assert!(run.gate.is_closed());
    assert_eq!(fixture.files(), Vec::<String>::new());
}

#[test]
fn a_failed_write_is_reported_with_path_and_reason_and_returned() {
    let fixture = Fixture::new("");
    let path = fixture.directory.path().join("spans.folded");
    fs::remove_dir_all(&fixture.directory).expect("a directory to remove");
    fixture.line();
    let Fixture { directory: _gone, lines, session } = fixture;
    let error = session.finish().expect_err("a directory is missing").to_string();
    assert!(
        error.starts_with(&format!("cannot write the flamegraph {}: ", path.display())),
        "{error}"
    );
    assert!(error.contains("cannot create a file in"), "{error}");
    assert_eq!(lines.iter().collect::<Vec<_>>(), [format!("error: {error}")]);
}

#[test]
fn one_failed_write_leaves_the_other_files_to_be_written() {
    let (kept, removed) = (TempDir::new().expect("one"), TempDir::new().expect("two"));
    let outputs = [removed.path().join("a.folded"), kept.path().join("b.txt")];
    let plan = plan("", &outputs.each_ref().map(|path| path.to_str().expect("UTF-8")));
    let (sender, lines) = channel();
    let session = FlameSession::start(plan, Box::new(Lines(sender))).expect("a session");
    fs::remove_dir_all(&removed).expect("a directory to remove");
    assert!(session.finish().is_err());
    assert!(outputs[1].exists());
    let lines: Vec<_> = lines.iter().collect();
    assert!(lines[1].starts_with("error: ") && lines[1].contains("a.folded"), "{lines:?}");
    assert!(lines[2].starts_with("wrote ") && !lines[2].contains("a.folded"), "{lines:?}");
}

#[test]
fn a_reporter_that_panics_stays_among_itself() {
    struct Loud;
    impl Reporter for Loud {
        fn info(&self, _line: &str) {
            panic!("the reporter's own");
        }

        fn error(&self, _line: &str) {
            panic!("the reporter's own");
        }
    }
    let directory = TempDir::new().expect("a temporary directory");
    let output = directory.path().join("spans.folded");
    let plan = plan("", &[output.to_str().expect("UTF-8")]);
    let session = FlameSession::start(plan, Box::new(Loud)).expect("a session");
    session.finish().expect("a picture");
    assert!(output.exists());
}

#[test]
fn the_layer_is_handed_out_once_and_not_at_all_without_flame() {
    let mut fixture = Fixture::new("");
    assert!(fixture.session.layer::<Registry>().is_some());
    assert!(fixture.session.layer::<Registry>().is_none());
    let mut off = FlameSession::off();
    assert!(off.layer::<Registry>().is_none());
    off.finish().expect("nothing to do");
}
