//! What a session writes about single operations.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser;
use reth_cli_ext::{FlameArgs, Reporter};
use tempfile::TempDir;
use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::files;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,
}

/// Says nothing.
struct Quiet;

impl Reporter for Quiet {
    fn info(&self, _: &str) {}

    fn error(&self, line: &str) {
        panic!("{line}");
    }
}

/// Runs something under a session with these flags, in a directory of its own.
fn session(directory: &TempDir, flags: &str, run: impl FnOnce()) -> PathBuf {
    let output = directory.path().join("spans.svg");
    let line = ["x", "--flame", "--flame-duration", "0", "--flame-output"];
    let line = line.into_iter().chain(output.to_str()).chain(flags.split_whitespace());
    let mut session = Cli::parse_from(line).flame.session_reporting(Quiet).expect("sound flags");
    with_default(registry().with(session.layer()), run);
    session.finish().expect("a picture");
    directory.path().join("spans.operations")
}

fn temporary() -> TempDir {
    TempDir::new().expect("a temporary directory")
}

fn block(value: &str, work: u32) {
    let _block = info_span!("block", value).entered();
    let mut x = 1_u64;
    for i in 0..work {
        x = std::hint::black_box(x.wrapping_mul(u64::from(i) | 1));
    }
}

#[test]
fn the_slowest_get_a_picture_each_and_an_index_that_links_them() {
    let directory = temporary();
    let pages = session(&directory, "--flame-operation block --flame-slowest 3", || {
        for number in 0..20_u32 {
            block(&number.to_string(), number * 10_000);
        }
    });
    let names = files(&pages);
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(names[3], "index.html");
    let index = fs::read_to_string(pages.join("index.html")).expect("an index");
    for name in &names[..3] {
        assert!(index.contains(&format!("<a href=\"{name}\">block{{value=")), "{name}: {index}");
        let page = fs::read_to_string(pages.join(name)).expect("a page");
        roxmltree::Document::parse_with_options(
            &page,
            roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
        )
        .expect("a valid picture");
    }
}

/// An operation of `block` and so many spans below.
fn block_of(number: u32, below: u32) {
    let _block = info_span!("block", number).entered();
    for _ in 0..below {
        let _step = info_span!("step").entered();
    }
}

#[test]
#[ignore = "takes ten seconds, in a release build"]
fn a_million_operations_of_twenty_spans_leave_ten_pictures_and_an_index() {
    let directory = temporary();
    let pages = session(&directory, "--flame-operation block --flame-slowest 10", || {
        (0..1_000_000).for_each(|number| block_of(number, 19));
    });
    let names = files(&pages);
    let bytes = |name: &String| fs::metadata(pages.join(name)).map_or(0, |file| file.len());
    let all: u64 = names.iter().map(bytes).sum();
    eprintln!("1,000,000 operations of 20 spans: {} files, {all} bytes", names.len());
    let (pictures, others) = names.split_at(10.min(names.len()));
    assert!(pictures.iter().all(|name| name.ends_with(".svg")), "{names:?}");
    assert_eq!(others, ["index.html"], "{names:?}");
}

#[test]
fn whatever_a_fields_value_its_file_name_is_safe_and_its_own() {
    let directory = temporary();
    let nasty =
        ["../../x", "..", "/etc/passwd", "a\0b", "a/b", "a\\b", "é", "-rf", "", ".x", "A", "a"];
    let long = "y".repeat(5_000);
    let flags = "--flame-operation block --flame-slowest 100";
    let pages = session(&directory, flags, || {
        for value in nasty.iter().copied().chain([long.as_str()]) {
            for _ in 0..3 {
                block(value, 10);
            }
        }
    });
    let names = files(&pages);
    assert_eq!(names.len(), 3 * (nasty.len() + 1) + 1, "no name is another's: {names:?}");
    for name in &names {
        assert!(name.len() <= 100 && !name.starts_with('.'), "{name}");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-+=.".contains(c);
        assert!(name.chars().all(allowed), "{name}");
    }
    let lower: std::collections::BTreeSet<String> =
        names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), names.len(), "not even without regard to case");
    assert_eq!(files(directory.path()), ["spans.operations", "spans.svg"]);
}

#[test]
fn one_operation_named_by_a_value_is_drawn_alone() {
    let directory = temporary();
    let flags = "--flame-operation block{value=123} --flame-slower-than 0";
    let pages = session(&directory, flags, || {
        for number in 100..200_u32 {
            block(&number.to_string(), 100);
        }
    });
    let names = files(&pages);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].starts_with("block-123-"), "{names:?}");
}

#[test]
fn an_earlier_runs_pictures_go_and_other_files_stay() {
    let directory = temporary();
    let flags = "--flame-operation block --flame-slowest 2";
    let pages = session(&directory, flags, || block("first", 10));
    fs::write(pages.join("mine.svg"), "mine").expect("a file");
    session(&directory, flags, || block("second", 10));
    let names = files(&pages);
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(
        names[0].starts_with("block-second-") && names[1..] == ["index.html", "mine.svg"],
        "{names:?}"
    );
}

/// Waits for the session's thread, which looks for slow ones twice a second.
fn wait_for_index(pages: &Path) {
    while !pages.join("index.html").exists() {
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

#[test]
fn slow_ones_are_drawn_as_they_happen() {
    let directory = temporary();
    let pages = directory.path().join("spans.operations");
    let flags = "--flame-operation block --flame-slower-than 0 --flame-slowest 0";
    session(&directory, flags, || {
        block("early", 10);
        // While the program is still running.
        wait_for_index(&pages);
        assert!(files(&pages)[0].starts_with("block-early-"));
    });
}

#[test]
fn slow_ones_are_drawn_after_their_directory_was_removed() {
    let directory = temporary();
    let pages = directory.path().join("spans.operations");
    let flags = "--flame-operation block --flame-slower-than 0 --flame-slowest 0";
    session(&directory, flags, || {
        block("early", 10);
        wait_for_index(&pages);
        fs::remove_dir_all(&pages).expect("a directory to remove");
        block("late", 10);
        wait_for_index(&pages);
    });
    let names = files(&pages);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].starts_with("block-late-"), "{names:?}");
}

#[test]
fn without_named_operations_there_are_no_such_pictures() {
    let directory = temporary();
    session(&directory, "", || block("x", 10));
    assert_eq!(files(directory.path()), ["spans.svg"]);
    for flag in ["--flame-slowest 3", "--flame-slower-than 1s"] {
        let line = ["x", "--flame"].into_iter().chain(flag.split_whitespace());
        let error = Cli::parse_from(line).flame.session_reporting(Quiet).expect_err(flag);
        assert!(error.to_string().contains("needs `--flame-operation`"), "{error}");
    }
}

#[test]
fn each_slow_operation_has_a_line_in_a_file_that_is_appended_to() {
    let directory = temporary();
    let path = directory.path().join("slow.jsonl");
    fs::write(&path, "{\"earlier\": true}\n").expect("room");
    let flags = "--flame-operation block --flame-slower-than 0 --flame-resources";
    let flags = format!("{flags} --flame-slow-lines {}", path.display());
    session(&directory, &flags, || {
        for number in 0..20_u32 {
            block(&number.to_string(), 1_000);
        }
        let _block = info_span!("block", value = "a \"quote\"").entered();
        debug_span!("step").in_scope(|| debug_span!("step").in_scope(|| block("within", 1_000)));
    });
    let text = fs::read_to_string(&path).expect("a file");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(lines.len(), 1 + 22);
    assert_eq!(lines[0]["earlier"], true);
    let last = lines.iter().find(|line| line["fields"]["value"] == "a \"quote\"").expect("there");
    assert_eq!((&last["name"], &last["msg"]), (&"block".into(), &"Slow operation".into()));
    let ms = |at: &serde_json::Value| at.as_f64().expect("a number");
    let timing = &last["timing"];
    assert!(ms(&timing["step_ms"]) > 0.0 && ms(&timing["step_ms"]) <= ms(&timing["block_ms"]));
    assert!(ms(&timing["block_ms"]) <= ms(&timing["total_ms"]), "{timing}");
    let states = last["states"].as_object().expect("an object");
    let all: f64 = states.values().map(ms).sum();
    assert!((all - ms(&timing["total_ms"])).abs() < 1e-3, "{states:?} of {timing}");
    assert!(last["sentence"].is_string(), "{last}");
    assert!(last["counted"].is_object(), "{last}");
}

#[test]
fn lines_of_what_is_slow_need_to_know_what_that_is() {
    let line = ["x", "--flame", "--flame-operation", "block", "--flame-slow-lines", "slow.jsonl"];
    let why = Cli::parse_from(line).flame.session_reporting(Quiet).expect_err("refused");
    assert!(why.to_string().contains("`--flame-slower-than`"), "{why}");
}
