//! `flame diff`: what it finds, and the exit code that it ends with.

use std::{sync::Arc, time::Duration};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, FieldValues, Frame},
};

use super::support::{Desk, import, took};
use flame_oracle::formats::sample;

fn compare(before: &Profile, after: &Profile, flags: &str) -> super::support::Ran {
    let desk = Desk::new();
    desk.put_profile("before.json", before).put_profile("after.json", after);
    desk.run(&format!("diff before.json after.json {flags}"))
}

/// The rows of a part of the table, each without its frame, and the frame.
fn rows(out: &str) -> Vec<(Vec<&str>, &str)> {
    let lines = out.lines().skip_while(|line| !line.ends_with("self time")).skip(1);
    let rows = lines.take_while(|line| !line.is_empty());
    rows.map(|line| {
        let (numbers, frame) = line.split_at(line.rfind("  ").expect("two blanks before a frame"));
        (numbers.split("  ").map(str::trim).filter(|n| !n.is_empty()).collect(), frame.trim())
    })
    .collect()
}

#[test]
fn a_run_against_itself_shows_nothing_changed() {
    for profile in [sample::import(), sample::nasty(), import(300, [500, 80, 7])] {
        let ran = compare(&profile, &profile, "--fail-above 0%");
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("\nnothing changed\n"), "{}", ran.out);
        assert!(ran.out.contains("passed: no frame"), "{}", ran.out);
    }
}

#[test]
fn the_frame_whose_own_time_changed_comes_before_those_below_it() {
    let ran = compare(&import(300, [500, 800, 50]), &import(300, [500, 100, 0]), "");
    let rows = rows(&ran.out);
    let frames: Vec<&str> = rows.iter().map(|(_, frame)| *frame).collect();
    assert_eq!(frames, ["block;save;Tx::commit", "block;save;Tx::commit;[await]"]);
    assert_eq!(rows[0].0[..2], ["-700.0 µs", "-87.5%"], "{}", ran.out);
    assert_eq!(rows[1].0[..2], ["-50.00 µs", "gone"], "{}", ran.out);
}

#[test]
fn runs_of_different_length_are_compared_by_operation() {
    let ran = compare(&import(300, [500, 80, 7]), &import(900, [500, 80, 7]), "--fail-above 0%");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("times are those of one operation\n"), "{}", ran.out);
    assert!(ran.out.contains("\nnothing changed\n"), "{}", ran.out);

    let ran = compare(&import(300, [500, 80, 7]), &import(900, [600, 80, 7]), "--fail-above 5%");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(rows(&ran.out)[0].0[..2], ["+100.0 µs", "+20.0%"], "{}", ran.out);
    assert_eq!(rows(&ran.out)[0].1, "block;execute");
}

#[test]
fn spans_that_only_a_value_tells_apart_are_compared_apart() {
    let stages = |execution: u64| {
        let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
        let root = profile.push(None, sample::span("sync", "node", 1), took(1, 1_000_000));
        for (name, micros) in [("Headers", 500), ("Execution", execution)] {
            let values = FieldValues::Known(vec![("name".into(), name.to_owned())]);
            let stage = Arc::new(Callsite::new("stage", "node"));
            let frame = Frame::Fields(stage, Arc::new(values));
            profile.push(Some(root), frame, took(10, micros * 1_000));
        }
        profile
    };
    let ran = compare(&stages(800), &stages(1_000), "--fail-above 5%");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(rows(&ran.out).len(), 1, "{}", ran.out);
    assert_eq!(rows(&ran.out)[0].1, "sync;stage{name=Execution}");
}

#[test]
fn stacks_without_operations_are_compared_as_a_whole() {
    let desk = Desk::new();
    desk.put("a.folded", "main;read 100\nmain;write 50\n")
        .put("b.folded", "main;read 120\nmain;write 50\n");
    let ran = desk.run("diff a.folded b.folded --fail-above 30");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("times are those of the whole run"), "{}", ran.out);
    assert_eq!(
        rows(&ran.out),
        [(vec!["+20 ns", "+20.0%", "13.3%", "100 ns", "120 ns"], "main;read")]
    );
    assert_eq!(desk.run("diff a.folded b.folded --fail-above 5%").code, 1);
}

#[test]
fn the_gate_fails_above_its_percentage_and_not_at_it() {
    let before = import(100, [1_000, 0, 0]);
    for (micros, flags, code) in [
        (1_050, "--fail-above 5%", 0),
        (1_051, "--fail-above 5%", 1),
        (1_051, "--fail-above 6%", 0),
        (900, "--fail-above 0", 0),
        (2_000, "", 0),
    ] {
        let ran = compare(&before, &import(100, [micros, 0, 0]), flags);
        assert_eq!(ran.code, code, "{micros} µs, {flags}: {}", ran.out);
    }
}

#[test]
fn a_frame_below_one_percent_does_not_count() {
    // 9 and 18 µs of some 1,039 a block.
    let ran = compare(&import(100, [1_000, 5, 0]), &import(100, [1_000, 10, 0]), "--fail-above 5%");
    assert_eq!(ran.code, 1, "the frame below it is larger: {}", ran.out);
    let small = |nanos| {
        let mut profile = Profile::new(sample::window(std::time::Duration::ZERO));
        let root = profile.push(None, sample::span("root", "t", 1), took(1, 10_000));
        profile.push(Some(root), sample::span("small", "t", 2), took(1, nanos));
        profile
    };
    let ran = compare(&small(50), &small(99), "--fail-above 5%");
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = compare(&small(50), &small(110), "--fail-above 5%");
    assert_eq!(ran.code, 1, "it has one per cent now: {}", ran.out);
    assert!(ran.out.contains("failed: 1 frame of at least 1% of the time"), "{}", ran.out);
}

#[test]
fn a_frame_that_is_new_fails_the_gate() {
    let before = import(100, [1_000, 0, 0]);
    let mut after = before.clone();
    let root = sample::span("surprise", "t", 9);
    after.push(None, root, took(1, 50_000_000));
    let ran = compare(&before, &after, "--fail-above 500%");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(rows(&ran.out)[0].0.contains(&"new"), "{}", ran.out);
    assert_eq!(compare(&after, &before, "--fail-above 0%").code, 0, "one that is gone does not");
}

/// A fault: the gate was open for a run that recorded nothing.
#[test]
fn a_run_without_time_cannot_be_compared() {
    let desk = Desk::new();
    desk.put("before.folded", "block;commit 5\n")
        .put("empty.folded", "")
        .put("zero.folded", "a 0\n");
    desk.put_profile("off.json", &Profile::new(sample::window(Duration::from_secs(1))));
    for (line, why) in [
        ("diff before.folded empty.folded", "there is no stack in it"),
        ("diff empty.folded before.folded", "there is no stack in it"),
        ("diff zero.folded before.folded", "`zero.folded` has no time in it"),
        ("diff before.folded off.json", "`off.json` has no time in it"),
        ("diff off.json off.json", "`off.json` has no time in it"),
    ] {
        let ran = desk.run(&format!("{line} --fail-above 5%"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{line}");
        assert!(ran.err.contains(why), "{line}: {}", ran.err);
        assert!(desk.run(line).err.contains(why), "{line}");
    }
}

#[test]
fn an_operation_that_does_not_occur_any_more_fails_the_gate() {
    let other = |profile: &mut Profile| {
        profile.push(None, sample::span("other", "t", 9), took(1, 50_000_000));
    };
    let (mut named, mut after) =
        [(); 2].map(|()| Profile::new(sample::window(Duration::from_secs(1)))).into();
    let block = named.push(None, sample::span("block", "node", 1), took(100, 1_000_000));
    named.name_operation(block);
    other(&mut named);
    other(&mut after);
    let ran = compare(&named, &after, "--fail-above 500%");
    assert_eq!(ran.code, 1, "{}", ran.out);
    let line = "failed: operation `block` came 100 times before, not once after\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert_eq!(compare(&named, &after, "").code, 0);
}

#[test]
fn a_checkpoint_is_told_from_a_whole_run() {
    let whole = import(100, [1_000, 0, 0]);
    let mut so_far = whole.clone();
    so_far.set_so_far(true);
    let ran = compare(&whole, &so_far, "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("`after.json` was written while the program ran"), "{}", ran.err);
    for (before, after) in [(&whole, &so_far), (&so_far, &whole)] {
        let ran = compare(before, after, "--fail-above 5%");
        assert_eq!(ran.code, 2, "{}", ran.out);
        assert!(ran.err.contains("it is a checkpoint, and not the whole run"), "{}", ran.err);
    }
}

#[test]
fn bad_input_ends_with_two_and_says_what_would_be_valid() {
    let desk = Desk::new();
    desk.put_profile("a.json", &import(1, [1, 1, 1])).put("bad.folded", "x\n");
    let cases = [
        ("diff a.json missing.json", "cannot read `missing.json`: No such file"),
        ("diff a.json bad.folded", "cannot read `bad.folded`: line 1: `x` has no stack"),
        ("diff a.json a.json --fail-above -1%", "unexpected argument"),
        ("diff a.json a.json --fail-above=many", "a percentage is a number from zero up"),
        ("diff a.json a.json -o d.png", "cannot write `d.png`: a difference is drawn as `.svg`"),
        ("diff", "required arguments were not provided"),
        ("diff a.json", "cannot read `a.json`: it is one run; give a second"),
        ("diff a.json picture.svg", "a `.svg` is not read back; give a `.json`"),
    ];
    for (line, reason) in cases {
        let ran = desk.run(line);
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.err.contains(reason) && ran.out.is_empty(), "{line}: {}", ran.err);
    }
}
