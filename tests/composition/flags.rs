//! Flags on either side of subcommands, and what the node's own remain.

use super::support::run;
use crate::program::Ended;

fn assert_succeeds(line: &str) -> Ended {
    let ended = run(line);
    assert_eq!(ended.status.code(), Some(0), "{line}: {}", ended.err);
    ended
}

#[test]
fn every_subcommand_draws_a_picture_wherever_the_flags_stand() {
    for (line, stack) in [
        ("--flame --flame-output a.json import 2", "import;execute_block"),
        ("import --flame --flame-output a.json 2", "import;execute_block"),
        ("--flame-output a.json import 2 --flame --datadir here", "import;execute_block"),
        ("--flame stage --flame-output a.json run execution 2", "stage;execute_block"),
        ("stage run execution 2 --flame --flame-output a.json", "stage;execute_block"),
        (
            "--log.stdout.filter warn stage --flame run execution 2 --flame-output a.json",
            "stage;execute_block",
        ),
    ] {
        let ended = assert_succeeds(line);
        assert_eq!(ended.stack_calls("a.json").get(stack), Some(&2), "{line}");
    }
}

#[test]
fn a_recording_says_with_which_flags_its_numbers_were_made() {
    let line = "import 2 --flame --flame-output a.json --flame-filter info --flame-skip decode";
    let text = assert_succeeds(line).read("a.json");
    let told = text.lines().find(|line| line.contains("\"recorded_with\": {")).expect("a line");
    for part in ["\"filter\": \"info\"", "\"skip\": \"decode\"", "\"window\": \"for 1m\""] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn outputs_on_both_sides_of_two_subcommands_are_all_written() {
    let ended = assert_succeeds(
        "--flame --flame-output a.json stage --flame-output b.folded run execution 1 \
         --flame-output c-{n}.txt",
    );
    for name in ["a.json", "b.folded", "c-1.txt"] {
        assert!(ended.read(name).contains("execute"), "{name}");
    }
}

#[test]
fn help_and_version_are_the_nodes_with_the_flags_under_their_heading() {
    for line in ["--help", "node --help", "stage run --help"] {
        let help = assert_succeeds(line).out;
        let (theirs, ours) = help.split_once("Flamegraph:").expect("a heading");
        assert!(theirs.contains("--datadir") && !theirs.contains("--flame-"), "{help}");
        assert!(ours.contains("--flame-checkpoint") && !ours.contains("--datadir"), "{help}");
        assert!(ours.contains("[default: debug,engine=trace]"), "{help}");
        assert!(ours.contains("[default: storage_worker]"), "{help}");
    }
    assert!(assert_succeeds("--version").out.starts_with("flame-tests "));
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_database_is_opened() {
    for line in [
        "import 2 --flame --flame-output missing/a.json",
        "import 2 --flame --flame-output a.png",
        "import 2 --flame-output a.json",
        "import 2 --flame --flame-output {when}.json",
        "import 2 --flame --flame-every 1ms",
    ] {
        let ended = run(line);
        assert_eq!(ended.status.code(), Some(2), "{line}: {}", ended.err);
        assert!(!ended.path("datadir").exists(), "{line}");
    }
    assert!(assert_succeeds("import 2").path("datadir").exists());
}

#[test]
fn a_picture_for_each_window_has_a_name_of_its_own() {
    let ended = assert_succeeds("import 2 --flame --flame-every 1h --flame-output {n}.json");
    assert_eq!(ended.stack_calls("1.json").get("import"), Some(&2));
    assert!(ended.err.contains(", every 1h to "), "{}", ended.err);
}
