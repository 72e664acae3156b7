//! The picture of a difference: inferno's, with what a reader needs in it.

use std::collections::BTreeMap;

use roxmltree::{Document, ParsingOptions};
use tracing_flame_layer::Profile;

use super::support::{Desk, import, took};
use flame_oracle::formats::sample;

/// Of every box its label, what its tooltip says, and its colour.
fn boxes(before: &Profile, after: &Profile) -> BTreeMap<String, (String, String)> {
    let desk = Desk::new();
    desk.put_profile("a.json", before).put_profile("b.json", after);
    let ran = desk.run("diff a.json b.json -o d.svg");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let svg = desk.text("d.svg");
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&svg, options).expect("well-formed XML");
    let frames = document.descendants().find(|n| n.attribute("id") == Some("frames")).unwrap();
    let boxes = frames.children().filter(|node| node.has_tag_name("g"));
    boxes
        .map(|g| {
            let child = |name| g.children().find(|node| node.has_tag_name(name)).unwrap();
            let (label, facts) = child("title").text().unwrap().rsplit_once(" (").unwrap();
            let fill = child("rect").attribute("fill").unwrap();
            (label.to_owned(), (facts.trim_end_matches(')').to_owned(), fill.to_owned()))
        })
        .collect()
}

const WHITE: &str = "rgb(250,250,250)";

#[test]
fn a_run_against_itself_is_white() {
    for profile in [sample::import(), sample::nasty()] {
        for (label, (facts, fill)) in boxes(&profile, &profile) {
            assert_eq!(fill, WHITE, "{label}");
            assert!(facts.contains("as before"), "{label}: {facts}");
        }
    }
}

#[test]
fn only_the_frame_whose_own_time_changed_has_a_colour() {
    let boxes = boxes(&import(300, [500, 100, 0]), &import(600, [400, 800, 0]));
    let fill = |label: &str| &*boxes[label].1;
    assert_eq!(fill("Tx::commit"), "rgb(255,100,100)");
    assert!(fill("execute").ends_with(",255)"), "{}", fill("execute"));
    assert_ne!(fill("execute"), WHITE);
    for label in ["block", "save", "start up", "all"] {
        assert_eq!(fill(label), WHITE, "{label}");
    }
}

#[test]
fn tooltips_have_human_units_and_are_of_one_operation() {
    let boxes = boxes(&import(300, [500, 100, 0]), &import(600, [400, 800, 0]));
    let facts = &boxes["Tx::commit"].0;
    let told = "before 100.0 µs, +700.0 µs, +700%";
    assert!(facts.starts_with("800.0 µs per operation, ") && facts.contains(told), "{facts}");
    let facts = &boxes["save"].0;
    assert!(facts.contains("self 20.00 µs, as before"), "{facts}");
    assert!(boxes.values().all(|(facts, _)| !facts.contains("samples")));
}

#[test]
fn a_label_too_long_loses_the_same_end_with_scripts_and_without() {
    let mut profile = import(1, [80, 0, 0]);
    profile.push(None, sample::span("a span of many letters", "node", 9), took(1, 400_000));
    let desk = Desk::new();
    desk.put_profile("a.json", &profile);
    for (names, written, cuts_right) in
        [("name", ">a span of many l..<", true), ("target", ">.. of many letters<", false)]
    {
        let ran = desk.run(&format!("diff a.json a.json --names {names} -o d.svg"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let svg = desk.text("d.svg");
        assert!(svg.contains(written), "{names}");
        assert!(svg.contains(&format!("var truncate_text_right = {cuts_right};")), "{names}");
    }
}

#[test]
fn a_later_run_without_time_is_said_to_have_none() {
    let desk = Desk::new();
    desk.put("a.folded", "a 1\n").put("b.folded", "a 0\n");
    assert_eq!(desk.run("diff a.folded b.folded -o d.svg").code, 0);
    assert!(desk.text("d.svg").contains("nothing to draw: the later run has no time"));
    assert!(desk.run("diff b.folded b.folded").out.contains("neither run has any time"));
}

#[test]
fn years_of_time_can_be_drawn() {
    let desk = Desk::new();
    desk.put("a.folded", format!("a {0}\nb {0}\n", u64::MAX / 2));
    desk.put("b.folded", format!("a;x {0}\nb {0}\n", u64::MAX));
    assert_eq!(desk.run("diff a.folded b.folded -o d.svg").code, 0);
    assert_eq!(desk.run("diff b.folded a.folded -o d.svg").code, 0);
}
