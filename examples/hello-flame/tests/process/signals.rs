//! Signals write the picture, and still end the process.

use std::{
    env,
    io::{self, BufRead},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

use clap::Parser;
use libc::{SIGINT, SIGTERM};
use reth_cli_ext::FlameArgs;

use crate::support::{Bench, Started};

fn send(started: &Started, signal: i32) {
    let line = format!("kill -{signal} {}", started.child.id());
    let status = Command::new("sh").args(["-c", &line]).status().expect("a shell");
    assert!(status.success(), "{line}: {status}");
}

#[test]
fn ctrl_c_and_sigterm_write_the_picture_and_end_the_process_as_signals_do() {
    for signal in [SIGINT, SIGTERM] {
        let bench = Bench::new();
        let mut started = bench.start("--flame --flame-output a.folded serve");
        started.greet("Ada");
        send(&started, signal);
        // Its input stays open until the signal has ended it.
        while !started.line().is_empty() {}
        let said = started.end();
        assert_eq!(said.status.signal(), Some(signal));
        assert!(bench.read("a.folded").contains("serve;greet;compose"));
        assert_eq!(bench.files(), ["a.folded"]);
    }
}

#[test]
fn a_signal_after_the_window_ends_the_process_and_leaves_the_picture() {
    let bench = Bench::new();
    let mut started = bench.start("--flame --flame-duration 0.05 --flame-output a.folded serve");
    let (_will, _wrote) = (started.line(), started.line());
    let picture = bench.read("a.folded");
    started.greet("Ada");
    send(&started, SIGINT);
    assert_eq!(started.line(), "");
    assert_eq!(started.end().status.signal(), Some(SIGINT));
    assert_eq!(bench.read("a.folded"), picture);
}

#[test]
fn without_flame_a_signal_does_what_it_always_did() {
    let bench = Bench::new();
    let mut started = bench.start("serve");
    started.greet("Ada");
    send(&started, SIGTERM);
    assert_eq!(started.line(), "");
    assert_eq!(started.end().status.signal(), Some(SIGTERM));
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,
}

/// Where set, [`a_session_that_is_over`] runs in a process of its own.
const CHILD: &str = "HELLO_FLAME_CHILD";

/// Finishes a session that handles signals, then greets as `hello-flame` does.
#[test]
#[ignore = "the other half of the test below"]
fn a_session_that_is_over() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let cli = Cli::parse_from(["x", "--flame", "--flame-output", "a.folded"]);
    let session = cli.flame.session().expect("a session");
    session.finish().expect("a picture");
    for name in io::stdin().lock().lines() {
        println!("\nhello, {}", name.expect("a name"));
    }
}

#[test]
fn a_signal_after_finish_ends_the_process_at_once() {
    let bench = Bench::new();
    let mut command = Command::new(env::current_exe().expect("this test's own path"));
    command
        .args(["--exact", "signals::a_session_that_is_over", "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .current_dir(bench.path())
        .stdin(Stdio::piped());
    let mut started = Started::new(&mut command);
    started.greet_after_noise("Ada");
    send(&started, SIGINT);
    assert_eq!(started.end().status.signal(), Some(SIGINT));
    assert_eq!(bench.files(), ["a.folded"]);
}
