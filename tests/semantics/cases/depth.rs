//! Stacks without end.

use tracing::info_span;
use tracing_flame_layer::{FlameLayer, Profile, profile::Frame};

use crate::semantics::scene::{Hands, Scene};

const DEPTH: u64 = 3_000;

fn recurse(hands: &Hands, levels: u64) {
    if levels > 0 {
        let _recursion = info_span!("recursion").entered();
        hands.pass(1);
        recurse(hands, levels - 1);
        hands.pass(1);
    }
}

fn is_truncated(profile: &Profile) -> bool {
    profile.nodes().iter().any(|node| node.frame == Frame::Truncated)
}

#[test]
fn recursion_beyond_the_bound_of_depth_is_truncated_and_loses_no_time() {
    let scene = Scene::new();
    scene.play(|hands| recurse(hands, DEPTH));
    let profile = scene.profile();
    assert!(is_truncated(&profile), "{} nodes", profile.nodes().len());
    assert!((profile.nodes().len() as u64) < DEPTH);
    assert!(profile.anomalies().truncated > 0);
    let sum = |of: fn(&tracing_flame_layer::profile::Measures) -> u64| {
        profile.nodes().iter().map(|node| of(&node.measures)).sum::<u64>()
    };
    let whole = 2 * DEPTH * 1_000_000;
    assert_eq!(sum(|node| node.wall_nanos + node.await_nanos), whole);
    assert_eq!(sum(|node| node.busy_nanos), whole);
    assert_eq!(sum(|node| node.calls), DEPTH);
}

#[test]
fn what_comes_after_a_recursion_that_was_too_deep_is_drawn_in_full() {
    let scene = Scene::new();
    scene.play(|hands| {
        recurse(hands, DEPTH);
        let _a = info_span!("a").entered();
        hands.pass(7);
    });
    assert_eq!(scene.node("a").wall_nanos, 7_000_000);
}

#[test]
fn the_bound_of_depth_can_be_set() {
    let scene = Scene::with(FlameLayer::builder().max_depth(3));
    scene.play(|hands| recurse(hands, 5));
    scene.assert_wall(
        "
        recursion 2
          recursion 2
            recursion 2
              [truncated] 4",
    );
    assert_eq!(scene.profile().anomalies().truncated, 2);
}

#[test]
fn the_bound_of_distinct_stacks_can_be_set_and_loses_no_time() {
    let scene = Scene::with(FlameLayer::builder().max_stacks(2));
    scene.play(|hands| {
        let _a = info_span!("a").entered();
        info_span!("b").in_scope(|| hands.pass(1));
        info_span!("c").in_scope(|| hands.pass(2));
        info_span!("d").in_scope(|| info_span!("e").in_scope(|| hands.pass(4)));
    });
    scene.assert_wall(
        "
        a 0
          [truncated] 6
          b 1",
    );
    assert_eq!(scene.profile().anomalies().truncated, 3);
}
