//! What is written for programs and for pull requests.

use serde_json::Value;
use tracing_flame_layer::{Profile, profile::StateSource};

use super::runs::{Block, USUAL, compare, run, twelve};
use crate::diff::support::{Desk, took};
use flame_oracle::formats::sample;

#[test]
fn json_has_every_number_with_its_interval() {
    let desk = twelve(USUAL, Block { commit: 260, ..USUAL });
    let ran = compare(&desk, 12, "-o out.json --fail-on slower");
    assert_eq!(ran.code, 1, "{ran:?}");
    let out: Value = serde_json::from_str(&desk.text("out.json")).expect("JSON");
    assert_eq!(out["format"], "tracing-flame-layer comparison");
    assert_eq!((&out["runs_before"], &out["order"]), (&12.into(), &"pairs".into()));
    assert_eq!(out["passed"], false);
    assert_eq!(out["reasons"][0]["stack"], serde_json::json!(["block", "save", "commit"]));
    let rows = out["rows"].as_array().expect("rows");
    let commit = rows
        .iter()
        .find(|row| row["stack"].as_array().is_some_and(|s| s.len() == 3) && row["time"] == "self")
        .expect("the commit");
    assert_eq!(
        (&commit["before_nanos"], &commit["change_nanos"]),
        (&200_000.0.into(), &60_000.0.into())
    );
    for row in rows {
        let [low, high] =
            [0, 1].map(|at| row["change_within_nanos"][at].as_f64().expect("a bound"));
        let change = row["change_nanos"].as_f64().expect("a change");
        assert!(low <= change && change <= high, "{row}");
    }
    // What was there is replaced as a whole, and the same runs say the same.
    let first = desk.text("out.json");
    compare(&desk, 12, "-o out.json --fail-on slower");
    assert_eq!(first, desk.text("out.json"));
}

#[test]
fn markdown_is_short_with_everything_folded_away() {
    let desk = twelve(USUAL, Block { commit: 260, ..USUAL });
    compare(&desk, 12, "-o out.md --fail-above 5%");
    let text = desk.text("out.md");
    let (shown, folded) = text.split_once("<details>").expect("a fold-out");
    assert!(shown.starts_with("### Spans: "), "{text}");
    assert!(shown.contains("**failed: `block"), "{text}");
    assert!(shown.contains("+60.00 µs in `block;save;commit`"), "{text}");
    assert!(shown.lines().count() < 30, "{text}");
    assert!(folded.contains("`block;execute`") && folded.ends_with("</details>\n"), "{text}");
}

#[test]
fn however_many_numbers_there_are_markdown_fits_into_a_comment() {
    let profile = |start| {
        let mut profile = Profile::new(run(start, USUAL).window());
        let mut below = None;
        for depth in 0..150 {
            let name = format!("a_rather_long_name_of_a_span_{depth}").leak();
            let frame = sample::span(name, "node", 1);
            below = Some(profile.push(below, frame, took(1, 1_000_000 + start)));
        }
        profile.set_states(StateSource::Exact);
        profile
    };
    let desk = Desk::new();
    for place in 0..3 {
        desk.put_profile(&format!("b{place}.json"), &profile(place));
        desk.put_profile(&format!("a{place}.json"), &profile(50 + place));
    }
    let ran = compare(&desk, 3, "-o out.md");
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = desk.text("out.md");
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains(" smaller changes, which `.json` has"), "{text}");
}

#[test]
fn a_report_has_both_sides_and_what_is_told() {
    let desk = twelve(USUAL, Block { commit: 260, ..USUAL });
    let ran = compare(&desk, 12, "-o out.html -o out.md");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let text = desk.text("out.html");
    assert!(text.contains("<title>12 runs before \u{2192} 12 runs after</title>"), "{text}");
    assert!(desk.text("out.md").starts_with("### Spans"));
}

#[test]
fn no_name_is_markup() {
    let hostile = "a|b`c<script>";
    let profile = |start, micros: u64| {
        let mut profile = Profile::new(run(start, USUAL).window());
        let frame = sample::span(hostile, "node", 1);
        let mut measures = took(1, micros * 1_000);
        measures.wall_nanos += start;
        profile.push(None, frame, measures);
        profile.set_states(StateSource::Exact);
        profile
    };
    let desk = Desk::new();
    for place in 0..3 {
        desk.put_profile(&format!("b{place}.json"), &profile(place, 100));
        desk.put_profile(&format!("a{place}.json"), &profile(50 + place, 200));
    }
    let ran = compare(&desk, 3, "-o out.md --fail-on slower");
    assert_eq!(ran.code, 1, "{ran:?}");
    let text = desk.text("out.md");
    assert!(!text.contains("`c"), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| slower"));
    for row in rows {
        assert_eq!(row.matches('|').count(), 9, "{row}");
    }
    assert!(text.lines().any(|line| line.starts_with("| slower")), "{text}");
}
