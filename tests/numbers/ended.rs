//! Latencies of calls that have ended, which only grow.

use tracing::info_span;
use tracing_flame_layer::{FlameLayer, profile::Frame};

use crate::semantics::scene::Scene;

const MS: u64 = 1_000_000;

/// How many calls of `call` have ended, and how long they took together.
fn ended(scene: &Scene) -> (u64, u64) {
    let profile = scene.flame.snapshot_of_ended();
    let is_call = |frame: &Frame| frame.callsite().is_some_and(|callsite| callsite.name == "call");
    let calls = profile.nodes().iter().filter(|node| is_call(&node.frame));
    calls.fold((0, 0), |(calls, nanos), node| {
        (calls + node.latencies.calls(), nanos + node.measures.latency_nanos)
    })
}

#[test]
fn a_call_counts_when_it_ends_and_then_whole() {
    let scene = Scene::with(FlameLayer::builder());
    let first = scene.play(|_| info_span!("call").entered());
    scene.hands.pass(30);
    assert_eq!(ended(&scene), (0, 0), "it goes on");
    let call = scene.flame.snapshot();
    assert_eq!(call.nodes().iter().map(|node| node.latencies.calls()).sum::<u64>(), 1);
    scene.play(|hands| {
        info_span!("call").in_scope(|| hands.pass(5));
        hands.pass(1);
    });
    assert_eq!(ended(&scene), (1, 5 * MS));
    scene.play(|_| drop(first));
    assert_eq!(ended(&scene), (2, 41 * MS));
}

#[test]
fn what_a_call_took_before_time_was_taken_is_in_its_latency() {
    let scene = Scene::with(FlameLayer::builder());
    scene.flame.stop();
    let call = scene.play(|_| info_span!("call").entered());
    scene.hands.pass(30);
    scene.flame.start();
    scene.hands.pass(10);
    assert_eq!(ended(&scene), (0, 0));
    scene.play(|_| drop(call));
    assert_eq!(ended(&scene), (1, 40 * MS));
    scene.flame.stop();
    scene.play(|hands| info_span!("call").in_scope(|| hands.pass(7)));
    assert_eq!(ended(&scene), (1, 40 * MS), "no time was taken");
    scene.flame.start();
    scene.play(|hands| info_span!("call").in_scope(|| hands.pass(2)));
    assert_eq!(ended(&scene), (2, 42 * MS));
}
