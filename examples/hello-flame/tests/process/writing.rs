//! What is on the disk after a run, and what the run said about it.

use std::fs;

use crate::support::Bench;

#[test]
fn without_flame_nothing_is_written_and_nothing_said() {
    let bench = Bench::new();
    let said = bench.run("greet Ada");
    assert_eq!(said.status.code(), Some(0));
    assert_eq!((said.out.as_str(), said.err.as_str()), ("hello, Ada\n", ""));
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[test]
fn flame_alone_draws_a_picture_and_says_so_in_two_lines() {
    let bench = Bench::new();
    let said = bench.run("--flame greet Ada Grace");
    assert_eq!(said.status.code(), Some(0), "{}", said.err);
    assert_eq!(said.out, "hello, Ada\nhello, Grace\n");
    assert_eq!(bench.files(), ["flamegraph.svg"]);
    let path = bench.join("flamegraph.svg");
    let path = path.display();
    let first = format!("flame: recording wall-clock time of spans `debug` for 1m, to {path}");
    let hint = "; a name in .html is a report, with tables and a search";
    assert_eq!(said.first_line(), format!("{first}{hint}"));
    // Two greetings of three spans each.
    assert!(said.last_line().starts_with(&format!("flame: wrote {path} (")), "{}", said.err);
    assert!(said.last_line().contains("): 6 spans over "), "{}", said.err);
    assert_eq!(said.err.lines().count(), 2, "{}", said.err);
    let svg = bench.read("flamegraph.svg");
    for name in ["greet", "compose", "print"] {
        assert!(svg.contains(name), "{name} is missing in the picture");
    }
}

#[test]
fn outputs_on_both_sides_of_a_subcommand_are_all_written() {
    let bench = Bench::new();
    let said = bench.run("--flame-output a.svg --flame greet --flame-output b.folded Ada");
    assert_eq!(said.status.code(), Some(0), "{}", said.err);
    assert_eq!(bench.files(), ["a.svg", "b.folded"]);
    let folded = bench.read("b.folded");
    assert!(folded.lines().any(|line| line.starts_with("greet;compose")), "{folded}");
}

#[test]
fn a_program_whose_spans_are_all_refused_learns_which() {
    let bench = Bench::new();
    let said = bench.run("--flame --flame-output a.folded --flame-filter elsewhere=trace greet");
    assert_eq!(said.status.code(), Some(0), "{}", said.err);
    let why =
        "the filter `elsewhere=trace` refused every span that was seen, of `hello_flame` (info);";
    assert!(said.last_line().contains(why), "{}", said.err);
    assert_eq!(bench.files(), ["a.folded"]);
}

#[test]
fn a_level_that_is_too_coarse_is_no_secret() {
    let bench = Bench::new();
    let said = bench.run("--flame --flame-output a.folded --flame-filter warn greet");
    assert!(said.last_line().contains("no span of level `warn` or coarser"), "{}", said.err);
}

#[test]
fn a_panic_draws_its_picture_and_keeps_its_status() {
    let bench = Bench::new();
    let said = bench.run("--flame --flame-output a.folded fail");
    assert_eq!(said.status.code(), Some(101), "{}", said.err);
    assert!(said.last_line().contains("1 span over "), "{}", said.err);
    assert!(bench.read("a.folded").starts_with("fail"));
}

#[test]
fn a_directory_removed_meanwhile_is_reported_with_path_and_reason() {
    let bench = Bench::new();
    fs::create_dir(bench.join("gone")).expect("a directory");
    let path = bench.join("gone").join("a.svg");
    let mut started = bench.start("--flame --flame-output gone/a.svg serve");
    started.greet("Ada");
    fs::remove_dir(bench.join("gone")).expect("an empty directory");
    let said = started.end();
    // The host hands on what `finish` returns.
    assert_eq!(said.status.code(), Some(1), "{}", said.err);
    let line = format!("flame: error: cannot write the flamegraph {}: ", path.display());
    assert!(said.err.lines().any(|l| l.starts_with(&line)), "{}", said.err);
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[cfg(unix)]
mod unix {
    use std::{
        os::unix::fs::symlink,
        process::{Command, Stdio},
    };

    use super::*;
    use crate::support::Said;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_reported_and_the_other_output_is_written() {
        let bench = Bench::new();
        symlink("/dev/full", bench.join("a.folded")).expect("a link");
        let said = bench.run("--flame --flame-output a.folded --flame-output b.txt greet");
        assert_eq!(said.status.code(), Some(1), "{}", said.err);
        assert!(said.err.contains("a.folded: No space left on device"), "{}", said.err);
        assert!(said.err.contains("flame: wrote ") && !bench.read("b.txt").is_empty());
    }

    #[test]
    fn a_disk_that_takes_no_more_leaves_the_earlier_file_and_nothing_else() {
        let bench = Bench::new();
        fs::write(bench.join("a.folded"), "earlier").expect("an earlier file");
        // A limit on file sizes that fails the write instead of ending the
        // process, as a full disk does.
        let script = "trap '' XFSZ; ulimit -f 0; \
                      exec \"$0\" --flame --flame-output a.folded greet";
        let said = Said::of(
            Command::new("sh")
                .args(["-c", script, env!("CARGO_BIN_EXE_hello-flame")])
                .current_dir(bench.path())
                .stdin(Stdio::null()),
        );
        assert_eq!(said.status.code(), Some(1), "{}", said.err);
        assert!(said.err.contains("a.folded: File too large"), "{}", said.err);
        assert_eq!(bench.read("a.folded"), "earlier");
        assert_eq!(bench.files(), ["a.folded"]);
    }
}
