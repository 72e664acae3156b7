//! A picture on standard output, by whichever name, beside what the program says there.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    process::Command,
};

use crate::support::{Bench, Said};

/// Runs the program with its output going to the end of a file.
fn to_the_end_of(bench: &Bench, log: &str, arguments: &str) -> Said {
    let log = File::options().append(true).create(true).open(bench.join(log)).expect("a file");
    Said::of_unheard(bench.command(arguments).stdout(log))
}

fn assert_has_both(text: &str) {
    assert!(text.contains("hello, Ada\n"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("greet;compose")), "{text}");
}

/// A fault: the file that standard output goes to was replaced.
#[test]
fn a_link_to_standard_output_leaves_the_file_that_it_goes_to() {
    let bench = Bench::new();
    for link in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        symlink(link, bench.join("a.folded")).expect("a link");
        fs::write(bench.join("log"), "earlier\n").expect("a file");
        let said = to_the_end_of(&bench, "log", "--flame --flame-output a.folded greet Ada");
        assert_eq!(said.status.code(), Some(0), "{link}: {}", said.err);
        let log = bench.read("log");
        assert!(log.starts_with("earlier\n"), "{link}: {log}");
        assert_has_both(&log);

        // Not at the end of the file, but where the program stands in it.
        let log = File::create(bench.join("log")).expect("a file");
        let mut command = bench.command("--flame --flame-output a.folded greet Ada");
        assert!(Said::of_unheard(command.stdout(log)).status.success());
        assert_has_both(&bench.read("log"));

        let said = bench.run("--flame --flame-output a.folded greet Ada");
        assert_eq!(said.status.code(), Some(0), "{link}: {}", said.err);
        assert_has_both(&said.out);
        fs::remove_file(bench.join("a.folded")).expect("a link");
        assert_eq!(bench.files(), ["log"]);
    }
}

#[test]
fn a_format_in_front_of_a_path_that_names_none() {
    let bench = Bench::new();
    let said = bench.run("--flame --flame-output folded:- greet Ada");
    assert_eq!(said.status.code(), Some(0), "{}", said.err);
    assert_has_both(&said.out);
    assert!(said.last_line().contains("wrote /dev/stdout ("), "{}", said.err);
    assert_eq!(bench.files(), Vec::<String>::new());

    // As by process substitution.
    let line = "\"$0\" --flame --flame-output folded:/dev/fd/3 greet Ada 3>&1 1>&2 | cat > picture";
    let mut shell = Command::new("sh");
    shell.args(["-c", line, env!("CARGO_BIN_EXE_hello-flame")]).current_dir(bench.path());
    assert!(Said::of(&mut shell).status.success());
    assert!(bench.read("picture").contains("greet;compose"));

    let said = bench.run("--flame --flame-output - greet Ada");
    assert_eq!(said.status.code(), Some(2));
    assert!(said.first_line().contains("or put the format in front"), "{}", said.err);
    let said = bench.run("--flame --flame-output folded:- --flame-every 1h greet Ada");
    assert_eq!(said.status.code(), Some(2));
    assert!(said.first_line().contains("standard output takes one picture"), "{}", said.err);
}

#[test]
fn the_file_that_standard_output_goes_to_is_refused_by_its_own_name() {
    let bench = Bench::new();
    fs::write(bench.join("a.folded"), "earlier\n").expect("a file");
    let said = to_the_end_of(&bench, "a.folded", "--flame --flame-output a.folded greet Ada");
    assert_eq!(said.status.code(), Some(2));
    assert!(said.first_line().contains("standard output goes to that file"), "{}", said.err);
    assert_eq!(bench.read("a.folded"), "earlier\n");
}
