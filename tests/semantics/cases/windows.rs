//! Snapshots, starts and stops at awkward moments.

use super::assert_drawn;
use crate::semantics::scene::{Hands, Scene};
use flame_oracle::{Program, assert_tree, driver, driver::recorded::wall_tree};

#[test]
fn a_span_open_when_the_picture_is_drawn_counts_up_to_then() {
    let program = Program::millis(
        " 0 t: open a
         10 t: open b
         25 u: snapshot",
    );
    let wall = "
        a 10
          b 15";
    assert_drawn(&program, wall);
}

#[test]
fn a_span_open_when_recording_starts_counts_from_then_and_is_no_call_of_the_window() {
    let program = Program::millis(
        "  0 t: open a
          10 t: start
          30 t: open b
          40 t: close b
          50 t: stop
         100 t: close a",
    )
    .paused();
    let wall = "
        a 30
          b 10";
    let profile = assert_drawn(&program, wall);
    let calls: Vec<u64> = profile.nodes().iter().map(|node| node.measures.calls).collect();
    assert_eq!(calls, [0, 1]);
}

#[test]
fn a_thread_that_only_worked_below_a_span_since_the_start_was_in_that_span_too() {
    let program = Program::millis(
        " 0 t: stop
          0 t: open a
          0 t: open b
         10 t: start
         20 t: exit b
         20 t: snapshot",
    );
    assert_drawn(
        &program,
        "
        a 0
          b 10",
    );
}

#[test]
fn nothing_is_counted_between_a_stop_and_a_start() {
    let program = Program::millis(
        "  0 t: open a
          10 t: stop
          20 t: open b
          40 t: start
          50 t: close b
          60 t: close a",
    );
    let wall = "
        a 20
          b 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_second_start_or_stop_does_nothing() {
    let program = Program::millis(
        "  0 t: open a
          10 t: start
          20 t: stop
          30 t: stop
          40 t: start
          50 t: start
          60 t: close a",
    );
    assert_drawn(&program, "a 40");
}

#[test]
fn snapshots_do_not_disturb_what_they_read() {
    let script = "  0 t: open a
           0 u: open b under a, LOOK
          10 v: open c under a, LOOK
          20 u: exit b, LOOK
          30 v: exit c, LOOK
          40 t: exit a, LOOK
          70 t: close a, drop b, drop c";
    let seen = driver::run(&Program::millis(&script.replace("LOOK", "snapshot")));
    let unseen = driver::run(&Program::millis(&script.replace(", LOOK", "")));
    let [seen, unseen] = [seen, unseen].map(|profiles| wall_tree(&profiles[profiles.len() - 1]));
    assert_tree(&seen, &unseen, "what was looked at");
}

#[test]
fn a_clock_that_reads_backwards_takes_no_time_back() {
    let scene = Scene::new();
    let act = |hands: &Hands| {
        hands.set(100);
        let a = tracing::info_span!("a").entered();
        hands.set(110);
        let b = tracing::info_span!("b").entered();
        hands.set(60);
        drop(b);
        hands.set(130);
        drop(a);
    };
    scene.play(act);
    let (a, b) = (scene.node("a"), scene.node("a;b"));
    assert_eq!(b.wall_nanos, 0, "`b` was exited before it was entered");
    assert_eq!(a.wall_nanos, 30_000_000, "10 before, and 20 past where it was");
    assert_eq!(a.wall_nanos, a.busy_nanos);
}
