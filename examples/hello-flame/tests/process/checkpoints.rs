//! What a program leaves behind that is not asked whether it wants to end.

use std::{fs, os::unix::process::ExitStatusExt, thread};

use crate::support::{Bench, read};

#[test]
fn a_killed_program_leaves_its_last_checkpoint_whole() {
    let bench = Bench::new();
    let mut started = bench.start(
        "--flame --flame-duration 0 --flame-checkpoint 0.05 \
         --flame-output a.folded --flame-output a.svg serve",
    );
    started.greet("Ada");
    // Written in this order, so that both have what is waited for.
    let svg = bench.join("a.svg");
    while !fs::read_to_string(&svg).is_ok_and(|svg| svg.contains("compose")) {
        thread::yield_now();
    }
    started.child.kill().expect("a program to kill");
    assert_eq!(started.end().status.signal(), Some(9));
    let folded = bench.read("a.folded");
    assert!(folded.contains("serve;greet;compose") && folded.ends_with('\n'), "{folded}");
    let svg = read(&svg);
    assert!(svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(svg.contains("so far: the program was still running"), "{svg}");
}
