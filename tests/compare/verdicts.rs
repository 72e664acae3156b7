//! What is told to have changed, and why.

use tracing_flame_layer::{Profile, profile::StateSource};

use super::runs::{Block, USUAL, compare, run, twelve, with_slow};
use crate::diff::support::{Desk, took};
use flame_oracle::formats::sample;

/// The rows of a part of the table: verdict, change, time and frame.
fn rows(out: &str, part: &str) -> Vec<(String, String, String, String)> {
    let lines = out.lines().skip_while(|line| !line.ends_with(part)).skip(1);
    let rows = lines.take_while(|line| !line.is_empty() && !line.starts_with("     "));
    let cells = |line: &str| {
        line.split("  ")
            .map(str::trim)
            .filter(|c| !c.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    rows.map(|line| {
        // Numbers are right-aligned, one blank apart where they are long.
        let verdict = line[..9].trim().to_owned();
        let change = line[9..20].trim().to_owned();
        let cells = cells(line);
        let [.., time, frame] = &cells[..] else { panic!("{line}") };
        (verdict, change, time.clone(), frame.clone())
    })
    .collect()
}

#[test]
fn runs_that_differ_by_chance_tell_nothing() {
    let desk = twelve(USUAL, USUAL);
    for flags in ["--fail-on slower", "--fail-above 1%", "--fail-on slower --on-cpu"] {
        let ran = compare(&desk, 12, flags);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.out.contains("\nnothing is told to have changed (0 slower, 0 faster"),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("compared as 12 pairs"), "{}", ran.out);
        assert!(ran.out.contains("\npassed: nothing is told to be slower"), "{}", ran.out);
    }
}

#[test]
fn the_reason_is_the_frame_that_changed_by_itself_and_not_those_below_it() {
    let desk = twelve(USUAL, Block { commit: 260, ..USUAL });
    let ran = compare(&desk, 12, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let reasons: Vec<&str> = ran
        .out
        .lines()
        .skip_while(|line| !line.starts_with("the reason"))
        .skip(1)
        .take(3)
        .collect();
    assert_eq!(reasons[0].trim(), "+60.00 µs  block;save;commit", "{}", ran.out);
    assert_eq!(reasons[1].trim(), "on-CPU, self; 100% of the change of `block`", "{}", ran.out);
    assert_eq!(reasons[2], "", "one reason: {}", ran.out);
    let changed = rows(&ran.out, "what changed");
    let frames: Vec<&str> = changed.iter().map(|(.., frame)| &**frame).collect();
    assert!(frames.contains(&"block;save") && frames.contains(&"block"), "{}", ran.out);
    assert!(changed.iter().all(|(verdict, ..)| verdict == "slower"), "{}", ran.out);
    assert!(frames.iter().all(|frame| *frame != "block;execute"), "{}", ran.out);
}

#[test]
fn what_got_faster_fails_no_gate_and_what_got_slower_does() {
    let faster = twelve(USUAL, Block { commit: 140, ..USUAL });
    let ran = compare(&faster, 12, "--fail-on slower");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("\nfaster  "), "{}", ran.out);
    let slower = twelve(USUAL, Block { commit: 220, ..USUAL });
    for (flags, code) in
        [("--fail-on slower", 1), ("--fail-above 5%", 1), ("--fail-above 11%", 0), ("", 0)]
    {
        let ran = compare(&slower, 12, flags);
        assert_eq!(ran.code, code, "{flags}: {}", ran.out);
    }
}

#[test]
fn a_change_within_the_floors_is_none() {
    let desk = twelve(USUAL, Block { commit: 203, ..USUAL });
    let told = compare(&desk, 12, "--fail-on slower");
    assert_eq!(told.code, 1, "{}", told.out);
    for floor in ["--floor 2%", "--floor-time 5us"] {
        let ran = compare(&desk, 12, &format!("--fail-on slower {floor}"));
        assert_eq!(ran.code, 0, "{floor}: {}", ran.out);
        assert!(ran.out.contains("unchanged"), "{}", ran.out);
    }
}

#[test]
fn one_run_a_side_is_shown_and_not_judged() {
    let desk = twelve(USUAL, Block { commit: 400, ..USUAL });
    let ran = compare(&desk, 1, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("is not known from one run a side"), "{}", ran.out);
    let rows = rows(&ran.out, "largest changes");
    assert!(
        !rows.is_empty() && rows.iter().all(|(verdict, ..)| verdict == "not told"),
        "{}",
        ran.out
    );
    let ran = compare(&desk, 1, "--fail-on slower");
    assert!(ran.code == 2 && ran.err.contains("nothing to judge by"), "{ran:?}");
}

#[test]
fn waiting_for_a_cpu_is_told_apart_and_is_no_time_on_a_cpu() {
    let desk = twelve(USUAL, Block { runnable: 80, ..USUAL });
    let ran = compare(&desk, 12, "--fail-on slower");
    assert_eq!(ran.code, 1, "{}", ran.out);
    let changed = rows(&ran.out, "what changed");
    let of_commit: Vec<&str> = changed
        .iter()
        .filter(|(.., frame)| frame == "block;save;commit")
        .map(|(_, _, time, _)| &**time)
        .collect();
    assert_eq!(of_commit, ["self", "[runnable]"], "{}", ran.out);
    assert!(ran.out.contains("waiting for a CPU, as on a busier machine"), "{}", ran.out);
    let ran = compare(&desk, 12, "--fail-on slower --on-cpu");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("only time on a CPU counts"), "{}", ran.out);
}

#[test]
fn runs_that_took_no_turns_are_no_pairs_and_it_says_so() {
    let desk = Desk::new();
    for place in 0..4_u64 {
        let noise = [0, 4, -3, 1][usize::try_from(place).expect("a place")];
        let block = Block { execute: 500 + noise, ..USUAL };
        desk.put_profile(&format!("b{place}.json"), &run(place, block));
        desk.put_profile(&format!("a{place}.json"), &run(100 + place, block));
    }
    let ran = compare(&desk, 4, "");
    assert!(ran.out.contains("all of one side ran before the other"), "{}", ran.out);
    assert!(!ran.out.contains("pairs"), "{}", ran.out);
}

#[test]
fn percentiles_of_operations_are_compared_where_there_are_enough_of_them() {
    let desk = twelve(USUAL, Block { commit: 500, ..USUAL });
    let ran = compare(&desk, 12, "");
    let operations = rows(&ran.out, "operations");
    let told: Vec<(&str, &str)> =
        operations.iter().map(|(verdict, _, time, _)| (&**time, &**verdict)).collect();
    for percentile in ["p50", "p90", "p99"] {
        assert!(told.contains(&(percentile, "slower")), "{percentile}: {}", ran.out);
    }
}

#[test]
fn what_is_new_is_found_however_much_more_the_runs_before_did() {
    let desk = Desk::new();
    let profile = |start, blocks: u64, extra: u64| {
        let mut profile = Profile::new(run(start, USUAL).window());
        let each = |micros: u64| took(blocks, blocks * micros * 1_000 + start);
        let root = profile.push(None, sample::span("block", "node", 1), each(700));
        if extra > 0 {
            profile.push(Some(root), sample::span("extra", "node", 2), each(extra));
        }
        profile.set_states(StateSource::Exact);
        profile
    };
    for place in 0..4 {
        desk.put_profile(&format!("b{place}.json"), &profile(place * 20, 5_000, 0));
        desk.put_profile(&format!("a{place}.json"), &profile(place * 20 + 10, 2, 300));
    }
    let ran = compare(&desk, 4, "");
    let new = rows(&ran.out, "what changed").into_iter().find(|(.., frame)| frame == "block;extra");
    assert!(new.is_some_and(|(verdict, ..)| verdict == "slower"), "{}", ran.out);
}

#[test]
fn slow_operations_are_compared_by_themselves() {
    let desk = Desk::new();
    for (place, noise) in (0_u64..).zip([3, 9, 0, 6, 4, 8]) {
        desk.put_profile(&format!("b{place}.json"), &with_slow(place * 20, 4_000 + noise));
        let after = with_slow(place * 20 + 10, 4_800 + (noise * 7) % 11);
        desk.put_profile(&format!("a{place}.json"), &after);
    }
    let all = compare(&desk, 6, "--fail-on slower");
    assert_eq!(all.code, 0, "of all blocks it is not to be seen: {}", all.out);
    let slow = compare(&desk, 6, "--fail-on slower --class 4ms..");
    assert_eq!(slow.code, 1, "{slow:?}");
    assert!(slow.out.contains("block;save;commit\n"), "{}", slow.out);
    assert!(slow.out.contains(" 4.005 ms "), "of one slow block: {}", slow.out);
    let quick = compare(&desk, 6, "--fail-on slower --class ..1ms");
    assert_eq!(quick.code, 0, "{quick:?}");
    desk.put_profile("b5.json", &run(100, USUAL));
    let ran = compare(&desk, 6, "--class 4ms..");
    assert!(ran.code == 2 && ran.err.contains("`b5.json` knows no classes"), "{ran:?}");
}

#[test]
fn an_operation_that_is_gone_fails_every_gate() {
    let desk = twelve(USUAL, USUAL);
    for place in 0..3_u64 {
        let mut other = run(place * 20 + 10, USUAL);
        other = without_blocks(&other);
        desk.put_profile(&format!("a{place}.json"), &other);
    }
    let ran = compare(&desk, 3, "--fail-above 1000%");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("failed: operation `block` came before, not once after"),
        "{}",
        ran.out
    );
}

/// A run that did something else.
fn without_blocks(run: &Profile) -> Profile {
    let mut other = Profile::new(run.window());
    let frame = sample::span("idle", "node", 9);
    other.push(None, frame, took(1, 5_000_000));
    other.set_states(StateSource::Exact);
    other
}
