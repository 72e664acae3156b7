//! A time of day that is stepped by decades, back and forth, at every reading.

use std::process::Command;

use tempfile::TempDir;

use super::support::{PICTURE, Setup};
use crate::tools::skip;

#[test]
fn a_time_of_day_that_jumps_changes_no_length_of_time() {
    let directory = TempDir::new().expect("a temporary directory");
    let library = directory.path().join("clock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/faults/clock.c");
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O1", source, "-ldl", "-o"]).arg(&library);
    if !compile.status().is_ok_and(|status| status.success()) {
        return skip("no C compiler");
    }
    let prepare = |command: &mut Command| {
        command.env("LD_PRELOAD", &library);
    };
    let ended = Setup { prepare: &prepare, ..Setup::default() }.unharmed(|host| {
        host.tell("work 1000");
        assert_eq!(host.tell("clock"), "the clock was stepped: true\n");
        host.tell("work 1000");
    });
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.lost(2000), 0);
    let picture = ended.read(PICTURE);
    let picture: serde_json::Value = serde_json::from_str(&picture).expect("JSON");
    let length = picture["window"]["length_nanos"].as_u64().expect("a length");
    // It ran for moments, not decades.
    const YEAR: u64 = 365 * 24 * 3_600 * 1_000_000_000;
    assert!(length < YEAR, "{length} ns");
}
