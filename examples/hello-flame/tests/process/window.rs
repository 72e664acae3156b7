//! The window's end against the program's end: whichever comes first writes.

use crate::support::Bench;

#[test]
fn the_end_of_the_window_writes_once_while_the_program_goes_on() {
    let bench = Bench::new();
    let mut started = bench.start("--flame --flame-duration 0.05 --flame-output a.folded serve");
    assert!(started.line().contains(" for 50ms, to "));
    // Blocks until the window has ended by itself.
    let wrote = started.line();
    assert!(wrote.starts_with("flame: wrote "), "{wrote}");
    let picture = bench.read("a.folded");
    started.greet("Ada");
    let said = started.end();
    assert_eq!(said.status.code(), Some(0));
    assert_eq!(said.err, "");
    assert_eq!(bench.read("a.folded"), picture);
}

#[test]
fn the_programs_end_writes_before_the_end_of_the_window() {
    for duration in ["60", "0"] {
        let bench = Bench::new();
        let mut started = bench
            .start(&format!("--flame --flame-duration {duration} --flame-output a.folded serve"));
        started.greet("Ada");
        let said = started.end();
        assert_eq!(said.status.code(), Some(0), "{}", said.err);
        assert!(bench.read("a.folded").contains("serve;greet;compose"));
    }
}
