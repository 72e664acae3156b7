//! Runs to compare, which vary by what is written here.

use std::time::{Duration, UNIX_EPOCH};

use tracing_flame_layer::{
    Profile,
    profile::{Class, ClassNode, Histogram, Measures, NodeId, StateSource, States, Window},
};

use crate::diff::support::{Desk, Ran, took};
use flame_oracle::formats::sample;

/// By how many microseconds a block of each run differs from the mean.
pub(super) const NOISE: [i64; 12] = [3, -6, 1, 9, -2, -7, 4, 0, -5, 8, -1, -4];

/// What a block takes, in microseconds.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) execute: i64,
    pub(super) commit: i64,
    /// Of the commit, in which the thread waited for a CPU.
    pub(super) runnable: i64,
}

pub(super) const USUAL: Block = Block { execute: 500, commit: 200, runnable: 0 };

/// A run of 100 blocks that began so many seconds after the epoch.
pub(super) fn run(start: u64, block: Block) -> Profile {
    parts(start, block).0
}

/// A run whose slowest ten blocks took so many microseconds in their commit, and the other
/// ninety 200.
pub(super) fn with_slow(start: u64, slow_commit: u64) -> Profile {
    let (mut profile, root, commit) = parts(start, USUAL);
    for (power, operations, micros) in [(19, 90, 200), (22, 10, slow_commit)] {
        let node =
            |node, micros: u64| ClassNode::new(node, took(operations, operations * micros * 1_000));
        let nodes = vec![node(root, 500), node(commit, micros)];
        profile.push_class(made!(Class { operations, nodes, ..Class::new(root, power) }));
    }
    profile
}

/// A run, its root and its commit.
fn parts(start: u64, block: Block) -> (Profile, NodeId, NodeId) {
    let window = Window::new(UNIX_EPOCH + Duration::from_secs(start), Duration::from_secs(1));
    let nanos = |micros: i64| u64::try_from(micros * 1_000).expect("a time");
    let each = |micros: i64| took(100, 100 * nanos(micros));
    let mut profile = Profile::new(window);
    let root = profile.push(None, sample::span("block", "node", 1), each(10));
    profile.push(Some(root), sample::span("execute", "node", 2), each(block.execute));
    let save = profile.push(Some(root), sample::span("save", "node", 3), each(20));
    let waits = made!(States { runnable_nanos: 100 * nanos(block.runnable), ..States::default() });
    let commit = made!(Measures {
        wall_states: waits,
        busy_states: waits,
        ..each(block.commit + block.runnable)
    });
    let commit = profile.push(Some(save), sample::span("commit", "node", 4), commit);
    let all = nanos(30 + block.execute + block.commit + block.runnable);
    let latencies: Histogram = [(all, 100)].into_iter().collect();
    profile.set_latencies(root, &latencies);
    profile.set_operations(100);
    profile.set_states(StateSource::Exact);
    profile.name_operation(root);
    (profile, root, commit)
}

/// A desk with twelve runs a side, `b0.json` and so on before and `a0.json` and so on after,
/// which took turns and varied in how they executed.
pub(super) fn twelve(before: Block, after: Block) -> Desk {
    let desk = Desk::new();
    for (place, noise) in (0_u64..).zip(NOISE) {
        let noisy = |block: Block, noise| Block { execute: block.execute + noise, ..block };
        let run = |start, block| {
            let mut run = run(start, block);
            run.set_recorded_with([("filter".to_owned(), "debug".to_owned())]);
            run
        };
        desk.put_profile(&format!("b{place}.json"), &run(place * 20, noisy(before, noise)));
        // The noise of the runs before, in another order.
        let other = NOISE[usize::try_from(place * 5 % 12).expect("a place")];
        desk.put_profile(&format!("a{place}.json"), &run(place * 20 + 10, noisy(after, other)));
    }
    desk
}

/// Compares the first so many runs a side.
pub(super) fn compare(desk: &Desk, runs: usize, flags: &str) -> Ran {
    let files = |side: &str| {
        (0..runs).map(|place| format!("{side}{place}.json")).collect::<Vec<_>>().join(" ")
    };
    desk.run(&format!("compare --before {} --after {} {flags}", files("b"), files("a")))
}
