//! A snapshot in the middle, and a thread that ends in a span.

use std::{sync::mpsc::channel, thread, time::Duration};

use tracing::info_span;

use super::{
    counters::Source,
    support::{are_to_be_had, assert_slept, measures, record, sleep, under},
};

#[test]
fn a_snapshot_tells_of_a_thread_that_is_blocked_and_no_total_ever_falls() {
    let (subscriber, flame) = record();
    let (entered, is_entered) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let waiting = thread::spawn(move || {
        under(&subscriber, || {
            let _span = info_span!("waits").entered();
            entered.send(()).expect("somebody waits");
            // Until the other side is done.
            may_go_on.recv().expect_err("nothing is sent");
        });
    });
    is_entered.recv().expect("it enters");
    let mut before = measures(&flame.snapshot(), "waits");
    let is_told =
        |now: &tracing_flame_layer::profile::Measures| now.busy_states.blocked_nanos > 20_000_000;
    loop {
        let profile = flame.snapshot();
        if !are_to_be_had(&profile) {
            break;
        }
        let now = measures(&profile, "waits");
        let parts = |of: &tracing_flame_layer::profile::Measures| {
            let states = of.busy_states;
            [
                states.on_cpu_nanos(of.busy_nanos),
                states.runnable_nanos,
                states.blocked_nanos,
                states.off_cpu_nanos,
                states.unknown_nanos,
            ]
        };
        // Each time is rounded to whole nanoseconds by itself.
        let fell = parts(&before).iter().zip(parts(&now)).any(|(was, is)| is + 4 < *was);
        assert!(!fell, "{before:?}, then {now:?}");
        before = now;
        if is_told(&before) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    drop(go_on);
    waiting.join().expect("no panic");
}

#[test]
fn what_a_thread_waited_for_is_told_though_it_ends_in_the_span() {
    let (subscriber, flame) = record();
    let ends = thread::spawn(move || {
        let source = Source::of_this_thread().expect("counters");
        under(&subscriber, || {
            let span = info_span!("never_exited");
            std::mem::forget(span.enter());
            std::mem::forget(span.clone());
            sleep(&source, Duration::from_millis(3))
        })
    });
    let slept = ends.join().expect("no panic");
    let profile = flame.snapshot();
    if are_to_be_had(&profile) {
        let span = measures(&profile, "never_exited");
        assert_slept(&span, slept);
        assert_eq!(span.busy_states.unknown_nanos, 0, "{span:?}");
    }
}
