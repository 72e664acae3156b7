//! Bad input: the first line says it all, exit code 2, before any work.

use std::fs;

use crate::support::Bench;

fn assert_refused(bench: &Bench, arguments: &str, first_line: &str) {
    let before = bench.files();
    let said = bench.run(&format!("{arguments} greet"));
    assert_eq!(said.status.code(), Some(2), "{arguments}: {}", said.err);
    assert!(said.first_line().starts_with("error: "), "{arguments}: {}", said.err);
    assert!(said.first_line().contains(first_line), "{arguments}: {}", said.err);
    assert_eq!(said.out, "", "{arguments}: it went to work");
    assert_eq!(bench.files(), before, "{arguments}: it left something behind");
}

#[test]
fn an_output_in_a_missing_directory_is_refused() {
    let bench = Bench::new();
    let missing = bench.join("missing");
    assert_refused(
        &bench,
        "--flame --flame-output missing/a.svg",
        &format!("the directory {} does not exist", missing.display()),
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_in_an_unwritable_directory_is_refused() {
    let line = "cannot write `--flame-output /proc/a.svg`: its directory cannot be written to: ";
    assert_refused(&Bench::new(), "--flame --flame-output /proc/a.svg", line);
}

#[test]
fn an_output_that_is_a_directory_is_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.join("a.svg")).expect("a directory");
    assert_refused(
        &bench,
        "--flame --flame-output a.svg",
        "cannot write `--flame-output a.svg`: it is a directory",
    );
}

#[test]
fn an_unknown_extension_is_refused_with_the_known_ones() {
    assert_refused(&Bench::new(), "--flame --flame-output a.png", ".svg, .html, .folded, .txt");
}

#[test]
fn a_bad_duration_is_refused_with_good_ones() {
    let line = "'soon' for '--flame-duration <TIME>': write seconds, such as `60`";
    assert_refused(&Bench::new(), "--flame --flame-duration soon", line);
}

#[test]
fn a_bad_filter_directive_is_refused_by_name() {
    let line = "`foo=loud` is no directive; a directive is LEVEL, TARGET, ";
    assert_refused(&Bench::new(), "--flame --flame-filter info,foo=loud,bar", line);
}

#[test]
fn an_output_without_flame_is_refused() {
    let line = "`--flame-output` needs `--flame`";
    assert_refused(&Bench::new(), "--flame-output a.svg", line);
}

#[test]
fn one_file_as_two_outputs_is_refused() {
    let line = "are the same file";
    assert_refused(&Bench::new(), "--flame --flame-output a.svg --flame-output ./a.svg", line);
}
