//! The allocator and the clock, at fault in every callback there is.

use std::process::Command;

use crate::program::{Ended, Running};

#[test]
fn no_failing_allocation_and_no_clock_shows_in_what_the_host_does() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flame-starved"));
    command.arg("25");
    let Ended { status, out, err, .. } = Running::start(command).end();
    assert!(status.success(), "{status}\n{out}\n{err}");
    assert!(out.ends_with(" 0 of which the host noticed\n"), "{out}");
}
