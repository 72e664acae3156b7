//! How long spans wait from their creation to their first enter.

use tracing::{Dispatch, dispatcher, info_span};
use tracing_flame_layer::{FlameLayer, SpanFields};
use tracing_subscriber::{layer::SubscriberExt, registry};

use crate::semantics::scene::Scene;

const MS: u64 = 1_000_000;

fn queued() -> Scene {
    Scene::with(FlameLayer::builder().queued(true))
}

#[test]
fn a_task_waits_until_it_is_polled_first() {
    let scene = queued();
    let (one, other) = scene.play(|_| (info_span!("task"), info_span!("task")));
    scene.hands.pass(30);
    scene.play(|hands| {
        one.in_scope(|| hands.pass(10));
        hands.pass(5);
        one.in_scope(|| hands.pass(10));
    });
    scene.elsewhere(|hands| other.in_scope(|| hands.pass(1)));
    let task = scene.node("task");
    assert_eq!((task.started, task.queued_nanos, task.max_queued_nanos), (2, 85 * MS, 55 * MS));
    assert_eq!(task.wall_nanos, 21 * MS, "waiting is no time of the task's");
}

#[test]
fn a_child_waits_at_its_own_node_whatever_becomes_of_its_operation() {
    let scene = Scene::with(
        FlameLayer::builder().queued(true).fields(SpanFields::parse_list("child{v}").unwrap()),
    );
    scene.play(|hands| {
        let root = info_span!("root").entered();
        let child = info_span!("child", v = tracing::field::Empty);
        let other = info_span!("other");
        child.record("v", 1);
        hands.pass(3);
        drop(root);
        child.in_scope(|| hands.pass(1));
        drop(other);
    });
    assert_eq!(scene.node("root;child{v=1}").queued_nanos, 3 * MS);
    assert_eq!(scene.node("root").queued_nanos, 0);
    assert_eq!(scene.node("root;other").queued_nanos, 0, "it was never entered");
}

#[test]
fn the_waits_of_a_window_are_those_that_end_in_it() {
    let scene = queued();
    let wait = |millis| {
        scene.play(|hands| {
            let task = info_span!("task");
            hands.pass(millis);
            task.in_scope(|| ());
        });
    };
    wait(20);
    let from = scene.flame.mark();
    wait(7);
    let window = scene.flame.since(&from).unwrap().nodes().get(0).unwrap().measures;
    assert_eq!((window.queued_nanos, window.max_queued_nanos), (7 * MS, 7 * MS));
    let from = scene.flame.mark();
    wait(5);
    wait(30);
    let window = scene.flame.since(&from).unwrap().nodes().get(0).unwrap().measures;
    assert_eq!((window.queued_nanos, window.max_queued_nanos), (35 * MS, 30 * MS));
}

#[test]
fn the_machines_own_clock_measures_waits_too_and_only_where_asked_for() {
    for asked in [true, false] {
        let (layer, flame) = FlameLayer::builder().queued(asked).build();
        dispatcher::with_default(&Dispatch::new(registry().with(layer)), || {
            for _ in 0..3 {
                let root = info_span!("root").entered();
                let _child = info_span!(parent: &root, "child").entered();
            }
        });
        let profile = flame.snapshot();
        let waited = profile.nodes().iter().all(|node| node.measures.queued_nanos > 0);
        assert_eq!((waited, profile.nodes().len()), (asked, 2));
    }
}

#[test]
fn waits_are_told_in_the_table() {
    let scene = queued();
    scene.play(|hands| {
        let task = info_span!("task");
        hands.pass(30);
        task.in_scope(|| hands.pass(10));
    });
    let mut table = Vec::new();
    scene.profile().write_table(&mut table, &Default::default()).unwrap();
    let table = String::from_utf8(table).unwrap();
    let (_, queued) = table.split_once("queued, from creation to first enter\n").expect("a part");
    let line: Vec<&str> = queued.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(line, ["1", "30.00", "ms", "30.00", "ms", "task"]);
}
