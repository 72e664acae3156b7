//! Every way out of the node: what it ends with, and what it leaves.

use std::{fs, os::unix::process::ExitStatusExt, process::ExitStatus, thread};

use libc::{SIGABRT, SIGINT, SIGKILL, SIGTERM, SIGUSR1};

use super::support::{run, stacks, start};
use crate::program::{Ended, Running};

const FLAGS: &str = "node --dev --flame --flame-output spans.json --flame-duration 0";
const BLOCK: &str = "on_new_payload;save_blocks;commit";

/// Three blocks, then the end, with a picture and without.
fn ended(end: impl Fn(&mut Running)) -> Ended {
    let [plain, flamed] = ["node --dev", FLAGS].map(|line| {
        let mut node = start(line);
        assert!((0..3).all(|_| node.does("block")));
        end(&mut node);
        node.ends()
    });
    assert_eq!(flamed.status, plain.status, "{}", flamed.err);
    assert_eq!(flamed.out, plain.out);
    flamed
}

fn assert_whole(ended: &Ended, status: ExitStatus) {
    assert_eq!(ended.status, status, "{}", ended.err);
    assert_eq!(ended.stack_calls("spans.json").get(BLOCK), Some(&3));
}

fn code(code: i32) -> ExitStatus {
    ExitStatus::from_raw(code << 8)
}

#[test]
fn the_end_an_error_and_a_panic_leave_a_whole_picture() {
    for (order, status) in [("end", 0), ("fail", 1), ("panic", 101)] {
        let ended = ended(|node| assert!(!node.does(order)));
        assert_whole(&ended, code(status));
    }
}

#[test]
fn signals_that_the_node_handles_itself_leave_a_whole_picture() {
    for signal in [SIGINT, SIGTERM] {
        let ended = ended(|node| node.signal(signal));
        assert_whole(&ended, code(0));
    }
}

#[test]
fn a_picture_without_a_span_does_not_blame_the_nodes_layers() {
    let ended = run("import 0 --flame --flame-output spans.json --flame-filter engine=trace");
    assert_eq!(ended.status, code(0), "{}", ended.err);
    assert!(ended.err.contains("refused every span that was seen"), "{}", ended.err);
    assert!(!ended.err.contains("lets nothing finer"), "{}", ended.err);
}

/// Three blocks, one checkpoint with all of them, then an end that asks nobody.
fn killed(end: impl Fn(&mut Running)) -> Ended {
    let mut node = start(&format!("{FLAGS} --flame-checkpoint 0.05"));
    assert!((0..3).all(|_| node.does("block")));
    let picture = node.directory().join("spans.json");
    let has_all = |text: String| {
        let blocks = stacks(&text).into_iter().find(|(stack, _)| stack == BLOCK);
        blocks.is_some_and(|(_, node)| node["calls"] == 3)
    };
    // It is a whole one at whatever moment it is read.
    while !fs::read_to_string(&picture).is_ok_and(has_all) {
        thread::yield_now();
    }
    end(&mut node);
    node.ends()
}

#[test]
fn what_unwinds_nothing_leaves_the_last_checkpoint() {
    let ended = killed(|node| assert!(!node.does("exit")));
    assert_whole(&ended, code(7));
    let ended = killed(|node| assert!(!node.does("abort")));
    assert_eq!(ended.status.signal(), Some(SIGABRT));
    assert_eq!(ended.stack_calls("spans.json").get(BLOCK), Some(&3));
    // The second stands for all that nobody handles; `nohup` ignores SIGHUP, and a
    // shell's `&` SIGQUIT.
    for signal in [SIGKILL, SIGUSR1] {
        let ended = killed(|node| node.signal(signal));
        assert_eq!(ended.status.signal(), Some(signal));
        assert_eq!(ended.stack_calls("spans.json").get(BLOCK), Some(&3));
    }
}

#[test]
fn a_window_that_is_over_leaves_the_node_running() {
    let mut node = start("node --dev --flame --flame-output spans.json --flame-duration 0.05");
    while !node.directory().join("spans.json").exists() {
        thread::yield_now();
    }
    assert!(node.does("block"));
    let ended = node.end();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.err.contains("block added"), "{}", ended.err);
}
