//! Snapshots of what goes on.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use tracing::{Dispatch, dispatcher, info_span};
use tracing_flame_layer::{Flame, FlameLayer, Profile, SpanFields};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// Stacks that a thread visits one after the other, and over again.
const STACKS: usize = 500;

#[test]
fn a_snapshot_is_of_one_moment_whatever_happens_while_it_is_read() {
    let fields: SpanFields = "stack{x}".parse().expect("a span's field");
    let (layer, flame) = FlameLayer::builder().fields([fields]).max_field_values(STACKS).build();
    let dispatch = Dispatch::new(registry().with(layer));
    let is_over = AtomicBool::new(false);
    let go_round = || {
        for x in (0..STACKS).cycle().take_while(|_| !is_over.load(Relaxed)) {
            info_span!("stack", x).in_scope(|| ());
        }
    };
    let take_snapshots = |flame: &Flame| {
        let _over = Over(&is_over);
        for snapshots in 1.. {
            let is_enough = rounds(&flame.snapshot()) > 20 && snapshots >= 20;
            if is_enough || is_over.load(Relaxed) {
                break;
            }
        }
    };
    // While the snapshot of one is read, that of the other has the engine go on.
    let independent = flame.independent();
    thread::scope(|scope| {
        scope.spawn(|| dispatcher::with_default(&dispatch, go_round));
        scope.spawn(|| take_snapshots(&independent));
        take_snapshots(&flame);
    });
}

/// Says that it is over, also where something is not as it should be.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// How often the thread went round. It has visited some stacks once more, the first ones, and no
/// others.
fn rounds(profile: &Profile) -> u64 {
    let mut visits: Vec<u64> = profile.nodes().iter().map(|node| node.measures.calls).collect();
    visits.resize(STACKS, 0);
    let last = visits[STACKS - 1];
    let under_way = visits.iter().filter(|visits| **visits > last).count();
    let mut expected = vec![last; STACKS];
    expected[..under_way].fill(last + 1);
    assert!(visits == expected, "this is of no one moment: {visits:?}");
    last
}
