//! `flame bench`: what it runs, in which order, and what it keeps.

use std::fs;

use serde_json::Value;
use tracing_flame_layer::render::Format;

use super::runs::{Block, USUAL, run};
use crate::diff::support::{Desk, Ran, written};

/// A desk with two programs, each a script that writes a recording where it is told to, with
/// the time of day at which that began.
fn desk(before: Block, after: Block) -> Desk {
    let desk = Desk::new();
    for (name, block) in [("before", before), ("after", after)] {
        desk.put(&format!("{name}.template"), written(&run(1, block), Format::Json));
        let script = "n=$(cat \"$0.count\" 2>/dev/null || echo 0); n=$((n + 1)); \
                      echo $n > \"$0.count\"; echo \"$0\" >> \"$(dirname \"$0\")/calls\"\n\
                      sed \"s/\\\"start_unix_nanos\\\": [0-9]*/\\\"start_unix_nanos\\\": \
                      $(date +%s%N)/\" \"${0%.sh}.template\" > \"$3\"\n";
        desk.put(&format!("{name}.sh"), script);
    }
    desk
}

/// Runs a bench of the two; `more` has no blanks within a word.
fn bench(desk: &Desk, more: &[&str]) -> Ran {
    let command = |name: &str| format!("sh '{}'", desk.path(name).display());
    let mut line: Vec<String> = ["bench", "--before"].map(str::to_owned).to_vec();
    line.extend([command("before.sh"), "--after".to_owned(), command("after.sh")]);
    line.extend(["--keep".to_owned(), desk.path("kept").display().to_string()]);
    line.extend(more.iter().map(|&word| word.to_owned()));
    desk.run_words(line)
}

#[test]
fn two_commands_take_turns_and_are_compared_as_pairs() {
    let desk = desk(USUAL, Block { commit: 260, ..USUAL });
    let ran = bench(&desk, &["--runs", "5", "--seed", "3", "--fail-on", "slower"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("they ran in turn, and are compared as 5 pairs"), "{}", ran.out);
    assert!(ran.out.contains("+60.00 µs  block;save;commit"), "{}", ran.out);
    assert!(ran.out.starts_with("seed 3; "), "{}", ran.out);
    let calls = desk.text("calls");
    let calls: Vec<&str> = calls.lines().collect();
    assert_eq!(calls.len(), 12, "one of each warms up: {calls:?}");
    let record: Value = serde_json::from_str(&desk.text("kept/bench.json")).expect("JSON");
    let order = record["order"].as_array().expect("an order");
    let sides = order.iter().map(|name| name.as_str().expect("a name").split_once('-').unwrap().0);
    for (call, side) in calls[2..].iter().zip(sides) {
        assert!(call.ends_with(&format!("{side}.sh")), "{order:?} {calls:?}");
    }
    let progress: Vec<&str> = ran.err.lines().filter(|line| line.contains(" of 10 ")).collect();
    assert!(progress.len() == 10 && progress[0].contains(" left"), "{}", ran.err);
    let files = fs::read_dir(desk.path("kept")).unwrap().count();
    assert_eq!(files, 21, "ten recordings, what was printed, and the record");
}

#[test]
fn a_bench_ends_early_once_its_gate_has_failed_and_not_without_being_asked() {
    let slower = Block { commit: 260, ..USUAL };
    let ran = bench(&desk(USUAL, slower), &["--runs", "8", "--stop-early", "--fail-on", "slower"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("compared as 4 pairs"), "{}", ran.out);
    assert!(ran.out.contains("--error-rate 1.25%"), "{}", ran.out);
    let ran = bench(&desk(USUAL, slower), &["--runs", "8", "--fail-on", "slower"]);
    assert!(ran.out.contains("compared as 8 pairs"), "{}", ran.out);
}

#[test]
fn a_command_that_fails_ends_the_bench_with_what_it_said() {
    let desk = desk(USUAL, USUAL);
    desk.put("after.sh", "echo out of blocks >&2; exit 3");
    let ran = bench(&desk, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(
        ran.err.contains("failed: exit status: 3") && ran.err.contains("out of blocks"),
        "{ran:?}"
    );
    desk.put("after.sh", "echo no flags here");
    let ran = bench(&desk, &[]);
    assert!(ran.code == 2 && ran.err.contains("left no recording"), "{ran:?}");
}

#[test]
fn what_was_kept_before_is_not_touched() {
    let desk = desk(USUAL, USUAL);
    fs::create_dir(desk.path("kept")).unwrap();
    desk.put("kept/before-01.json", "earlier");
    let ran = bench(&desk, &["--runs", "2"]);
    assert!(ran.code == 2 && ran.err.contains("the folder is not empty"), "{ran:?}");
    assert_eq!(desk.text("kept/before-01.json"), "earlier");
    assert!(!desk.path("calls").exists(), "nothing has run");
}
