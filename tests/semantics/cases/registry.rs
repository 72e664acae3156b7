//! Span ids that repeat, and several layers or subscribers in one process.

use std::{collections::HashSet, sync::mpsc::channel, thread};

use tracing::{Dispatch, Span, dispatcher, info_span, level_filters::LevelFilter, warn_span};
use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{layer::SubscriberExt, registry};

use crate::semantics::scene::{Hands, Scene};
use flame_oracle::{assert_tree, driver::recorded::wall_tree};

#[test]
fn a_span_id_that_the_registry_reuses_is_a_new_span() {
    const ROUNDS: u64 = 10_000;
    let scene = Scene::new();
    let mut ids = HashSet::new();
    let mut repeats = 0_u64;
    scene.play(|hands| {
        for _ in 0..ROUNDS {
            let a = info_span!(parent: None, "a").entered();
            hands.pass(1);
            repeats += u64::from(!ids.insert(a.id()));
            drop(a);
            let b = info_span!(parent: None, "b");
            repeats += u64::from(!ids.insert(b.id()));
            b.in_scope(|| hands.pass(2));
        }
    });
    assert!(repeats > 0, "no id came back in {ROUNDS} rounds");
    scene.assert_wall(
        "
        a 10000
        b 20000",
    );
    let (a, b) = (scene.node("a"), scene.node("b"));
    assert_eq!((a.calls, a.started, b.calls, b.started), (ROUNDS, ROUNDS, ROUNDS, ROUNDS));
}

#[test]
fn an_id_reused_while_another_thread_remembers_it_is_a_new_span() {
    const ROUNDS: u64 = 10_000;
    let scene = Scene::new();
    let (enter, orders) = channel::<(u64, Span)>();
    let (did, done) = channel();
    thread::scope(|scope| {
        // A thread that enters spans which others make, and remembers them.
        scope.spawn(|| {
            scene.play(|hands| {
                for (millis, span) in orders {
                    span.in_scope(|| hands.pass(millis));
                    drop(span);
                    did.send(()).expect("somebody waits");
                }
            });
        });
        scene.play(|_| {
            let first = info_span!(parent: None, "a");
            let id = first.id();
            enter.send((1, first.clone())).expect("a thread that enters it");
            done.recv().expect("it has entered");
            drop(first);
            // Its place is reused until the id is back, as another span.
            let mut spans = (0..ROUNDS).map(|_| info_span!(parent: None, "b"));
            let again = spans.find(|span| span.id() == id).expect("an id that comes back");
            enter.send((5, again)).expect("a thread that enters it");
            done.recv().expect("it has entered");
            drop(enter);
        });
    });
    assert_eq!(scene.node("a").wall_nanos, 1_000_000);
    assert_eq!(scene.node("b").wall_nanos, 5_000_000);
}

#[test]
fn two_layers_of_one_subscriber_record_the_same() {
    let hands = Hands::default();
    let (one, one_flame) = FlameLayer::builder().clock(hands.clock()).build();
    let (other, other_flame) = FlameLayer::builder().clock(hands.clock()).build();
    let dispatch = Dispatch::new(registry().with(one).with(other));
    dispatcher::with_default(&dispatch, || {
        let _a = info_span!("a").entered();
        hands.pass(10);
        info_span!("b").in_scope(|| hands.pass(5));
    });
    for flame in [one_flame, other_flame] {
        let wall = "
            a 10
              b 5";
        assert_tree(&wall_tree(&flame.snapshot()), wall, "`wall`");
    }
}

#[test]
fn two_layers_under_filters_of_their_own_draw_what_each_may_see() {
    let hands = Hands::default();
    let (all, all_flame) = FlameLayer::builder().clock(hands.clock()).build();
    let (warnings, warnings_flame) = FlameLayer::builder().clock(hands.clock()).build();
    let all = all.with_filter(LevelFilter::INFO);
    let warnings = warnings.with_filter(LevelFilter::WARN);
    let dispatch = Dispatch::new(registry().with(warnings).with(all));
    dispatcher::with_default(&dispatch, || {
        let _a = warn_span!("a").entered();
        let _b = info_span!("b").entered();
        hands.pass(10);
        let _c = warn_span!("c").entered();
        hands.pass(5);
    });
    let wall = "
        a 0
          b 10
            c 5";
    assert_tree(&wall_tree(&all_flame.snapshot()), wall, "`wall` of all");
    let wall = "
        a 10
          c 5";
    assert_tree(&wall_tree(&warnings_flame.snapshot()), wall, "`wall` of warnings");
}

#[test]
fn two_subscribers_on_one_thread_do_not_mix() {
    let (one, other) = (Scene::new(), Scene::new());
    one.play(|one_hands| {
        let a = info_span!("a");
        let _a = a.enter();
        one_hands.pass(10);
        other.play(|other_hands| {
            // Of the same id as `a`, in a registry of its own.
            let b = info_span!("b");
            assert_eq!(a.id(), b.id());
            let b_guard = b.enter();
            other_hands.pass(3);
            one_hands.pass(20);
            drop(b_guard);
        });
        one_hands.pass(1);
    });
    one.assert_wall("a 31");
    other.assert_wall("b 3");
}

#[test]
fn a_layer_that_is_gone_leaves_its_threads_to_the_next() {
    for millis in 1..20 {
        let scene = Scene::new();
        scene.play(|hands| info_span!("a").in_scope(|| hands.pass(millis)));
        scene.assert_wall(&format!("a {millis}"));
    }
}
