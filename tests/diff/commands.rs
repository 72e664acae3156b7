//! `flame top` and `flame convert`.

use std::time::Duration;

use tracing_flame_layer::{
    Profile,
    profile::{Class, ClassNode},
    render::Format,
};

use super::support::{Desk, took, written};
use flame_oracle::formats::sample;

#[test]
fn top_prints_the_table() {
    let desk = Desk::new();
    desk.put_profile("a.json", &sample::import());
    let ran = desk.run("top a.json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out.as_bytes(), written(&sample::import(), Format::Table));
}

#[test]
fn what_is_shown_can_be_chosen_anew() {
    let desk = Desk::new();
    desk.put_profile("a.json", &sample::import());
    let golden =
        |name| std::fs::read_to_string(format!("{}/golden/{name}", env!("CARGO_MANIFEST_DIR")));
    for (flags, name) in [
        ("--weight busy", "busy.folded"),
        ("--hide-await", "hide-await.folded"),
        ("--names target", "target.folded"),
        ("--names source", "source.folded"),
        ("--threads", "threads.folded"),
    ] {
        assert_eq!(desk.run(&format!("convert a.json -o b.folded {flags}")).code, 0, "{flags}");
        assert_eq!(desk.text("b.folded"), golden(name).unwrap(), "{flags}");
    }
    desk.put_profile("s.json", &sample::busy());
    for (flags, name) in [("", "states.folded"), ("--hide-states", "hide-states.folded")] {
        assert_eq!(desk.run(&format!("convert s.json -o b.folded {flags}")).code, 0, "{flags}");
        assert_eq!(desk.text("b.folded"), golden(name).unwrap(), "{flags}");
    }
    let ran = desk.run("top a.json --title Import");
    assert!(ran.out.starts_with("Import\n"), "{}", ran.out);
}

#[test]
fn what_a_file_does_not_know_cannot_be_asked_for() {
    let desk = Desk::new();
    desk.put("a.folded", "a 1\n").put_profile("a.json", &sample::import());
    for flags in ["--weight busy", "--names target", "--threads"] {
        let ran = desk.run(&format!("top a.folded {flags}"));
        assert_eq!(ran.code, 2, "{flags}");
        let flag = flags.split(' ').next().unwrap();
        assert!(ran.err.contains(flag) && ran.err.contains("give a `.json`"), "{}", ran.err);
    }
    let ran = desk.run("top a.json --threads --weight wall");
    assert!(ran.code == 2 && ran.err.contains("cannot be combined"), "{}", ran.err);
}

#[test]
fn an_output_is_replaced_as_a_whole_or_not_at_all() {
    let desk = Desk::new();
    desk.put("a.folded", "a 1\n").put("bad.folded", "a\n").put("out.svg", "earlier");
    assert_eq!(desk.run("convert bad.folded -o out.svg").code, 2);
    assert_eq!(desk.text("out.svg"), "earlier");
    assert_eq!(desk.run("convert a.folded -o out.svg").code, 0);
    assert!(desk.text("out.svg").contains("<svg"));
    let ran = desk.run("convert a.folded -o no.where/out.svg");
    assert!(ran.code == 2 && ran.err.contains("cannot write `no.where/out.svg`"), "{}", ran.err);
    let ran = desk.run("convert a.folded -o out.png");
    assert!(ran.code == 2 && ran.err.contains("known ones are .svg"), "{}", ran.err);
    let files = std::fs::read_dir(desk.path(".")).unwrap().count();
    assert_eq!(files, 3, "no file is left behind");
}

#[test]
fn help_is_printed_and_is_no_failure() {
    let desk = Desk::new();
    for line in ["--help", "diff --help", "--version"] {
        let ran = desk.run(line);
        assert!(ran.code == 0 && !ran.out.is_empty() && ran.err.is_empty(), "{line}: {ran:?}");
    }
    let ran = desk.run("");
    assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains("Usage"), "{ran:?}");
}

#[test]
fn of_folded_stacks_only_what_they_know_is_shown() {
    let desk = Desk::new();
    desk.put("a.folded", "main;read 3000\nmain;[await] 1000\n");
    let ran = desk.run("top a.folded");
    assert!(ran.out.contains("width = the weights that were given"), "{}", ran.out);
    assert!(ran.out.contains(" 3.000 µs   75.0%  3.000 µs         -  read"), "{}", ran.out);
    assert_eq!(desk.run("convert a.folded -o a.svg").code, 0);
    let svg = desk.text("a.svg");
    for text in [&ran.out, &svg] {
        for unknown in ["1970", "call", "operation", "wall-clock"] {
            assert!(!text.contains(unknown), "{unknown}: {text}");
        }
    }
    assert!(svg.contains("<title>read (3.000 µs, 75.0% of all, 75.0% of parent)</title>"), "{svg}");
}

/// Ten blocks, one of which takes a lock for ten times as long.
fn classes() -> Profile {
    let mut profile = Profile::new(sample::window(Duration::from_secs(1)));
    let block = profile.push(None, sample::span("block", "host", 1), took(10, 1_000));
    let lock = profile.push(Some(block), sample::span("lock", "host", 2), took(10, 9_000));
    profile.name_operation(block);
    for (power, operations, nanos) in [(6, 9, 450), (13, 1, 8_550)] {
        let nodes = vec![
            ClassNode::new(block, took(operations, 100 * operations)),
            ClassNode::new(lock, took(operations, nanos)),
        ];
        profile.push_class(made!(Class { operations, nodes, ..Class::new(block, power) }));
    }
    profile
}

#[test]
fn slow_operations_are_compared_with_the_others_of_their_run() {
    let desk = Desk::new();
    desk.put_profile("run.json", &classes());
    let ran = desk.run("diff run.json --class p90..");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let row = ran.out.lines().find(|line| line.ends_with("block;lock")).expect(&ran.out);
    assert!(row.contains("50 ns") && row.contains("8.550"), "{row}");
    assert!(ran.out.contains("run.json, block from 8.192 µs on, 1 of 10"), "{}", ran.out);
    let ran = desk.run("diff run.json run.json --class p90..");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`flame compare --class`"), "{}", ran.err);
    let ran = desk.run("top run.json --class 1s..");
    assert!(ran.err.contains("there are: block from 64 ns on, 10 of 10"), "{}", ran.err);
}
