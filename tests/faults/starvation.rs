//! The allocator and the clock, at fault in every callback there is.

use std::process::Command;

#[test]
fn no_failing_allocation_and_no_clock_shows_in_what_the_host_does() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_flame-starved")).arg("25").output().expect("it runs");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.ends_with(" 0 of which the host noticed\n"), "{out}");
}
