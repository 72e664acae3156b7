//! One thread, and one kind of what it may do in a span.

use std::{hint::black_box, thread, time::Duration};

use tracing::{Dispatch, info_span, trace_span};
use tracing_flame_layer::{Clock, FlameLayer, SpanSelector, profile::Measures};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{
    counters::{Counters, Source},
    support::{are_to_be_had, assert_slept, assert_within, measures, record, sleep, under},
};

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn a_span_that_sleeps_is_blocked_and_one_that_computes_is_not() {
    let (subscriber, flame) = record();
    let source = Source::of_this_thread().expect("counters");
    let mut slept = Counters::default();
    let (around, computed) = under(&subscriber, || {
        let before = source.before();
        for _ in 0..20 {
            slept = slept.plus(info_span!("sleeps").in_scope(|| sleep(&source, MILLI)));
        }
        let between = source.after();
        let again = source.before();
        info_span!("computes").in_scope(|| black_box((0..3_000_000_u64).fold(1, |a, b| a ^ b)));
        (between.since(before), source.after().since(again))
    });
    let profile = flame.snapshot();
    if !are_to_be_had(&profile) {
        return;
    }
    let (sleeps, computes) = (measures(&profile, "sleeps"), measures(&profile, "computes"));
    assert_within(&sleeps, around);
    assert_within(&computes, computed);
    assert_slept(&sleeps, slept);
    assert!(sleeps.switches.voluntary >= 20, "{sleeps:?}");
    let unknown = sleeps.busy_states.unknown_nanos + computes.busy_states.unknown_nanos;
    assert_eq!(unknown, 0, "{sleeps:?}, {computes:?}");
}

#[test]
fn what_a_child_waited_for_is_the_childs() {
    let (subscriber, flame) = record();
    let source = Source::of_this_thread().expect("counters");
    let mut slept = Counters::default();
    let truth = under(&subscriber, || {
        let before = source.before();
        let parent = info_span!("parent").entered();
        for _ in 0..10 {
            slept = slept.plus(trace_span!("child").in_scope(|| sleep(&source, MILLI)));
        }
        drop(parent);
        source.after().since(before)
    });
    let profile = flame.snapshot();
    if !are_to_be_had(&profile) {
        return;
    }
    let (parent, child) = (measures(&profile, "parent"), measures(&profile, "child"));
    assert_within(&child, truth);
    assert_slept(&child, slept);
    let both = made!(Measures {
        busy_nanos: parent.busy_nanos + child.busy_nanos,
        busy_states: parent.busy_states.plus(child.busy_states),
        ..child
    });
    assert_within(&both, truth);
    assert_eq!(child.wall_states, child.busy_states, "one thread has the operation to itself");
}

#[test]
fn an_operation_by_itself_has_what_the_whole_has() {
    let selector = SpanSelector::parse_list("block").expect("a selector");
    let (layer, flame) = FlameLayer::builder().operations(selector).slowest(1).build();
    let subscriber = Dispatch::new(registry().with(layer));
    let source = Source::of_this_thread().expect("counters");
    let mut slept = Counters::default();
    under(&subscriber, || {
        info_span!("block").in_scope(|| {
            for _ in 0..5 {
                slept = slept.plus(info_span!("commit").in_scope(|| sleep(&source, MILLI)));
            }
        });
    });
    let (profile, slowest) = (flame.snapshot(), flame.slowest());
    let [operation] = &slowest[..] else { panic!("{slowest:?}") };
    assert_eq!(operation.profile().states(), profile.states());
    for name in ["block", "commit"] {
        let (whole, alone) = (measures(&profile, name), measures(operation.profile(), name));
        assert_eq!(
            (whole.wall_states, whole.busy_states, whole.switches),
            (alone.wall_states, alone.busy_states, alone.switches),
            "{name}"
        );
    }
    if are_to_be_had(&profile) {
        assert_slept(&measures(operation.profile(), "commit"), slept);
    }
}

#[test]
fn where_nobody_asked_there_are_no_states() {
    let (layer, flame) = FlameLayer::builder().states(false).build();
    under(&Dispatch::new(registry().with(layer)), || {
        info_span!("sleeps").in_scope(|| thread::sleep(MILLI));
    });
    let profile = flame.snapshot();
    assert_eq!(profile.states(), None);
    assert_eq!(measures(&profile, "sleeps").busy_states.off_nanos(), 0);
}

#[test]
fn a_clock_of_ones_own_has_no_states_and_says_why() {
    let clock = Clock::from_nanos(|| 0);
    let (_layer, flame) = FlameLayer::builder().clock(clock).build();
    let said = format!("{:?}", flame.snapshot().states());
    assert!(said.contains("as time is not the processor's counter"), "{said}");
}
