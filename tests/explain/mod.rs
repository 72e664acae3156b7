//! What is told of recordings in words: `flame explain` on five that are known.
//!
//! The recordings are of real programs; `recordings/README.md` says how they were made.

use std::{collections::BTreeSet, path::PathBuf};

use flame_cli::{How, Unit, from_path};
use serde_json::Value;
use tracing_flame_layer::{
    Profile,
    profile::Operation,
    render::{Explanation, Format, Options},
};

use crate::diff::support::{Desk, Ran, expect, written};
use flame_oracle::{formats::read_folded::labelled, formats::sample};

/// The recordings, and their known bottlenecks: the rule, the frame and the state of each.
const KNOWN: [(&str, &str, Option<&str>, Option<&str>); 5] = [
    // Nothing else ran, and the import computes.
    ("import-quiet", "part", Some("execution"), None),
    // Three processes had the two CPUs, too.
    ("import-busy", "cpu", None, Some("[runnable]")),
    // Requests wait for a slow server.
    ("async-io", "part", Some("call"), Some("[await]")),
    // Block 40 was given an extra load.
    ("slow-block", "classes", Some("extra_load"), None),
    // Calls wait for the pool, which validates their transactions: docs/reth.md.
    ("dev-node", "part", Some("rpc"), Some("[await]")),
];

fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("explain/recordings");
    folder.join(name).with_extension("json")
}

fn recording(name: &str) -> Profile {
    let how = How { kind: None, unit: Unit::NANOSECOND, strict: true };
    from_path(&path(name), how).expect("a recording").profile
}

/// What the program prints about a recording.
fn explained(name: &str, flags: &[&str]) -> String {
    let words = ["explain".into(), path(name).into_os_string()];
    let flags = flags.iter().map(Into::into);
    let ran = Desk::new().run_words(words.into_iter().chain(flags));
    assert_eq!((ran.code, &*ran.err), (0, ""), "{name}");
    ran.out
}

fn data(name: &str) -> Value {
    serde_json::from_str(&explained(name, &["--json"])).expect("JSON")
}

fn findings(data: &Value) -> &[Value] {
    data["findings"].as_array().expect("a list")
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn markdown(profile: &Profile, words: usize) -> String {
    let mut page = Vec::new();
    let explanation = Explanation::new(profile, &[], &Options::default());
    explanation.write_markdown(&mut page, words).expect("a vector takes everything");
    String::from_utf8(page).expect("text")
}

#[test]
fn the_first_finding_of_each_recording_is_its_known_bottleneck() {
    for (name, rule, frame, state) in KNOWN {
        let data = data(name);
        let first = &findings(&data)[0];
        let told = (&first["rule"], first["frame"].as_str(), first["state"].as_str());
        assert_eq!(told, (&rule.into(), frame, state), "{name}: {first}");
        assert!((1..=5).contains(&findings(&data).len()), "{name}");
        let page = explained(name, &[]);
        let first = page.lines().find_map(|line| line.strip_prefix("1. ")).expect("a finding");
        assert_eq!(Some(first.trim_matches('*')), findings(&data)[0]["what"].as_str());
    }
}

#[test]
fn a_finding_says_where_in_the_source_it_is() {
    for (name, ..) in KNOWN {
        for finding in findings(&data(name)).iter().filter(|finding| !finding["frame"].is_null()) {
            let file = finding["places"][0]["file"].as_str().unwrap_or_default();
            assert!(file.ends_with(".rs"), "{name}: {finding}");
            let place = format!("`{file}:{}`", finding["places"][0]["line"]);
            assert!(explained(name, &[]).contains(&place), "{name}: {place}");
        }
    }
}

/// Folded stacks have the same parts: a frame's own line is its time on a CPU.
#[test]
fn the_figures_of_parts_are_those_of_the_picture() {
    for (name, ..) in KNOWN {
        let folded = written(&recording(name), Format::Folded);
        let stacks = labelled(std::str::from_utf8(&folded).expect("text"));
        let all: u64 = stacks.values().sum();
        let data = data(name);
        let parts =
            findings(&data).iter().filter(|part| part["rule"] == "part" || part["rule"] == "cpu");
        let mut compared = 0;
        for part in parts {
            let wanted = [part["frame"].as_str(), part["state"].as_str()];
            let wanted: Vec<&str> = wanted.into_iter().flatten().collect();
            let is_it = |stack: &&Vec<String>| {
                let stack: Vec<&str> = stack.iter().map(String::as_str).collect();
                stack.ends_with(&wanted)
            };
            let sum: u64 = stacks.iter().filter(|(stack, _)| is_it(stack)).map(|(_, n)| n).sum();
            assert_eq!(part["nanos"].as_u64(), Some(sum), "{name}: {part}");
            assert_eq!(part["of_nanos"].as_u64(), Some(all), "{name}: {part}");
            compared += 1;
        }
        assert!(compared > 0, "{name}");
    }
}

/// The class that the slow block is in has it alone, so its numbers are those of the block.
#[test]
fn an_operation_that_stands_out_is_told_with_its_own_figures() {
    let data = data("slow-block");
    let first = &findings(&data)[0];
    let profile = recording("slow-block");
    let class = profile.classes().last().expect("classes");
    let own: u64 =
        class.nodes.iter().map(|part| part.measures.wall_nanos + part.measures.await_nanos).sum();
    assert_eq!(class.operations, 1);
    assert_eq!(first["numbers"]["mean_nanos"].as_u64(), Some(own));
    let typical = first["numbers"]["typical_nanos"].as_u64().expect("a mean");
    assert_eq!(first["nanos"].as_u64(), Some(own - typical));
    assert!(first["what"].as_str().is_some_and(|what| what.starts_with("1 of 300 ")), "{first}");
}

#[test]
fn a_page_has_no_more_words_than_it_may_and_says_what_it_left_out() {
    let profiles = KNOWN.map(|(name, ..)| recording(name)).into_iter();
    for profile in profiles.chain([sample::busy(), sample::nasty()]) {
        let whole = markdown(&profile, Explanation::WORDS);
        assert!(words(&whole) <= Explanation::WORDS && !whole.contains("left out,"), "{whole}");
        let first = whole.lines().find(|line| line.starts_with("1. ")).expect("a finding");
        let mut lengths = BTreeSet::new();
        for most in (Explanation::LEAST_WORDS..words(&whole)).step_by(11) {
            let page = markdown(&profile, most);
            assert!(words(&page) <= most, "{most}: {page}");
            assert!(
                page.contains(&format!("at most {most} words")) && page.contains(first),
                "{page}"
            );
            lengths.insert(words(&page));
        }
        assert!(lengths.len() > 3, "{lengths:?}");
    }
}

#[test]
fn names_are_code_whatever_is_in_them() {
    let page = markdown(&sample::nasty(), Explanation::WORDS);
    let outside: String = page.split('`').step_by(2).collect();
    assert!(!outside.contains('<') && !outside.contains('&'), "{page}");
}

#[test]
fn pages_look_as_before() {
    for (name, ..) in KNOWN {
        expect(&format!("explain-{name}.md"), &explained(name, &[]));
    }
    expect("explain-slow-block.json", &explained("slow-block", &["--json"]));
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let desk = Desk::new();
    desk.put("stacks.folded", "a;b 1\n");
    for (line, why) in [
        ("explain stacks.folded", "of which there is nothing to explain"),
        ("explain stacks.folded --budget 99", "99 is not in 100..=100000"),
        ("explain stacks.folded --budget 200 --json", "cannot be used with"),
        ("explain missing.json", "missing.json"),
    ] {
        let ran = desk.run(line);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{line}");
        assert!(ran.err.contains(why), "{line}: {}", ran.err);
    }
}

#[test]
fn an_empty_recording_is_explained_as_such() {
    let profile = Profile::new(sample::window(std::time::Duration::from_secs(1)));
    let page = markdown(&profile, Explanation::WORDS);
    assert!(page.contains("nothing was recorded: no span was entered in the window"), "{page}");
}

/// What the program prints about an operation as its file has it.
fn explained_operation(operation: &Operation, flags: &[&str]) -> Ran {
    let desk = Desk::new();
    let mut data = Vec::new();
    operation.write_json(&mut data).expect("a vector takes everything");
    desk.put("operation.json", &data);
    let words = ["explain".into(), desk.path("operation.json").into_os_string()];
    desk.run_words(words.into_iter().chain(flags.iter().map(Into::into)))
}

#[test]
fn an_operation_by_itself_is_explained_by_its_own_parts() {
    let operation = crate::slow::trace::block();
    let ran = explained_operation(&operation, &["--json"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    let data: Value = serde_json::from_str(&ran.out).expect("JSON");
    let parts: u64 = operation
        .profile()
        .nodes()
        .iter()
        .map(|node| node.measures.wall_nanos + node.measures.await_nanos)
        .sum();
    assert!(!findings(&data).is_empty());
    for finding in findings(&data) {
        assert_eq!(finding["of_nanos"].as_u64(), Some(parts), "{finding}");
        assert!(["part", "cpu"].map(Value::from).contains(&finding["rule"]), "{finding}");
    }
}

#[test]
fn an_operation_by_itself_is_explained_with_its_critical_path() {
    let operation = crate::browser::report::operation();
    let page = explained_operation(&operation, &[]).out;
    expect("explain-operation.md", &page);
    let mut known = Vec::new();
    operation.write_json(&mut known).expect("a vector takes everything");
    let known: Value = serde_json::from_slice(&known).expect("JSON");
    let critical = known["critical"].as_array().expect("lines");
    assert!(!critical.is_empty());
    for line in critical {
        let line = line.as_str().expect("text").trim_start();
        assert!(page.contains(&format!("critical path: {line}\n")), "{line}: {page}");
    }
}

#[test]
fn what_an_operation_by_itself_has_not_is_refused() {
    let ran = explained_operation(&crate::slow::trace::block(), &["--class", "p99.."]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    assert!(ran.err.contains("`--class` picks operations of a run"), "{}", ran.err);
}
