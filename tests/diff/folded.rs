//! Folded stacks, of this project and of other tools.

use std::path::Path;

use flame_cli::{Kind, Unit, from_bytes};
use tracing_flame_layer::{Profile, profile::Frame, render::Format};

use super::support::{Desk, written};
use crate::render::sample;

fn read(text: impl AsRef<[u8]>) -> Result<Profile, String> {
    let given = from_bytes(text.as_ref(), Kind::Folded, Unit::NANOSECOND, Path::new("a.folded"));
    given.map(|given| given.profile).map_err(|error| error.to_string())
}

/// The name in each node and its weight, in the order of the file.
fn nodes(profile: &Profile) -> Vec<(&str, u64, u64)> {
    let names = profile.nodes().frames().map(|frame| match frame {
        Frame::Span(callsite) | Frame::Fields(callsite, _) => &*callsite.name,
        Frame::Truncated => "(truncated)",
    });
    let measures = profile.nodes().iter().map(|node| node.measures);
    names.zip(measures).map(|(name, of)| (name, of.wall_nanos, of.await_nanos)).collect()
}

#[test]
fn stacks_of_this_project_are_written_again_as_they_were() {
    for profile in [sample::import(), sample::nasty()] {
        let folded = written(&profile, Format::Folded);
        let again = written(&read(&folded).unwrap(), Format::Folded);
        assert_eq!(String::from_utf8(again), String::from_utf8(folded));
    }
}

#[test]
fn names_come_back_as_they_were_before_they_were_labels() {
    let folded = written(&sample::nasty(), Format::Folded);
    let profile = read(folded).unwrap();
    let names: Vec<&str> = nodes(&profile).into_iter().map(|(name, ..)| name).collect();
    for name in sample::NASTY {
        assert!(names.contains(&name), "{name:?}");
    }
    assert_eq!(names.iter().filter(|name| **name == "(truncated)").count(), 1);
    let root = &profile.nodes().get(0).unwrap().measures;
    assert_eq!((root.wall_nanos, root.await_nanos), (1_000_000, 5_000_000));
}

#[test]
fn files_of_other_tools_are_read_as_they_are() {
    let text = "# a comment\r\n\nmain;[unknown];read_[k] 3\nmain;Foo::bar(int, char) 4\r\n\
                main;std::vec<int; 8> 1\nmain 2";
    let profile = read(text).unwrap();
    let expected = [
        ("main", 2, 0),
        ("[unknown]", 0, 0),
        ("read_[k]", 3, 0),
        ("Foo::bar(int, char)", 4, 0),
        ("std::vec<int", 0, 0),
        (" 8>", 1, 0),
    ];
    assert_eq!(nodes(&profile), expected);
}

#[test]
fn lines_of_one_stack_add_up_and_weights_may_be_none() {
    let profile = read("a;b 1\na;b 2\na;b;c 0\n").unwrap();
    assert_eq!(nodes(&profile), [("a", 0, 0), ("b", 3, 0), ("c", 0, 0)]);
    let full = read(format!("a {0}\na {0}\n", u64::MAX)).unwrap();
    assert_eq!(nodes(&full), [("a", u64::MAX, 0)]);
}

#[test]
fn pending_time_is_that_of_the_frame_below_it() {
    let profile = read("a;[await] 5\n[await] 1\na;[await];b 2\n").unwrap();
    assert_eq!(nodes(&profile), [("a", 0, 5), ("[await]", 1, 0), ("[await]", 0, 0), ("b", 2, 0)]);
}

#[test]
fn a_line_that_makes_no_sense_is_refused_with_its_number_and_reason() {
    let cases = [
        (
            "a 1\nb\n",
            "line 2: `b` has no stack before a weight; a line is `frame;frame;frame weight`",
        ),
        ("a;b x\n", "line 1: the weight `x` is not a whole number"),
        ("a -1\n", "line 1: the weight `-1` is not a whole number"),
        ("a 1.5\n", "line 1: the weight `1.5` is not a whole number"),
        ("a 18446744073709551616\n", "below 2^64"),
        ("\n\n 42\n", "line 3: `42` has no stack"),
    ];
    for (text, reason) in cases {
        let error = read(text).expect_err(reason);
        assert!(
            error.starts_with("cannot read `a.folded`: line ") && error.contains(reason),
            "{error}"
        );
    }
    let error = read(b"a 1\n\xff 2\n").unwrap_err();
    assert!(error.contains("line 2: not UTF-8 text"), "{error}");
}

#[test]
fn what_a_weight_stands_for_is_told_and_can_be_chosen() {
    let desk = Desk::new();
    desk.put("perf.txt", "main;read 3\n");
    let ran = desk.run("convert perf.txt -o a.folded");
    assert_eq!((ran.code, desk.text("a.folded").as_str()), (0, "main;read 3\n"));
    assert!(ran.err.contains("`perf.txt` does not say what its weights are"), "{}", ran.err);
    assert_eq!(desk.run("convert perf.txt -o a.folded --folded-unit 10ms").code, 0);
    assert_eq!(desk.text("a.folded"), "main;read 30000000\n");
    desk.put("full.txt", format!("main {}\n", u64::MAX));
    let ran = desk.run("top full.txt --folded-unit 1us");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("line 1: the weight 18446744073709551615 of 1000ns each"),
        "{}",
        ran.err
    );
}
