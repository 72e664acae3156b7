//! Guards that are not dropped the way they were taken.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tracing::info_span;

use super::assert_drawn;
use crate::semantics::scene::Scene;
use flame_oracle::Program;

#[test]
fn a_guard_dropped_before_the_one_taken_after_it_exits_only_its_own_span() {
    let scene = Scene::new();
    scene.play(|hands| {
        let a = info_span!("a");
        let a_guard = a.enter();
        hands.pass(10);
        let b = info_span!("b");
        let b_guard = b.enter();
        hands.pass(20);
        drop(a_guard);
        hands.pass(30);
        drop(b_guard);
    });
    scene.assert_wall(
        "
        a 10
          b 50",
    );
    scene.assert_busy(
        "
        a 10
          b 50",
    );
    assert_eq!(scene.node("a").entered_nanos, 30_000_000);
    assert_eq!(scene.profile().anomalies().unmatched_exits, 0);
}

#[test]
fn a_span_entered_twice_on_a_thread_is_worth_one_and_its_stopwatch_runs_twice() {
    let scene = Scene::new();
    scene.play(|hands| {
        let a = info_span!("a");
        let outer = a.enter();
        hands.pass(10);
        let inner = a.enter();
        hands.pass(10);
        drop(inner);
        hands.pass(10);
        drop(outer);
    });
    scene.assert_wall("a 30");
    scene.assert_busy("a 30");
    let node = scene.node("a");
    assert_eq!((node.calls, node.enters, node.entered_nanos), (1, 2, 40_000_000));
}

#[test]
fn the_outer_of_two_guards_of_one_span_may_go_first() {
    let scene = Scene::new();
    scene.play(|hands| {
        let a = info_span!("a");
        let outer = a.enter();
        let b = info_span!("b");
        let b_guard = b.enter();
        let inner = a.enter();
        hands.pass(10);
        // Guards of one span cannot be told apart: the innermost one goes.
        drop(outer);
        hands.pass(10);
        drop(inner);
        hands.pass(10);
        drop(b_guard);
    });
    scene.assert_wall(
        "
        a 10
          b 20",
    );
    assert_eq!(scene.node("a").entered_nanos, 30_000_000);
}

#[test]
fn a_span_entered_on_two_threads_at_once_is_worth_one() {
    let program = Program::millis(
        "  0 t: open a
          20 u: enter a
          60 u: exit a
         100 t: close a",
    );
    assert_drawn(&program, "a 100");
}

#[test]
fn a_forgotten_guard_ends_when_its_span_closes() {
    let scene = Scene::new();
    scene.play(|hands| {
        let a = info_span!("a");
        std::mem::forget(a.enter());
        hands.pass(10);
        drop(a);
        hands.pass(50);
        let b = info_span!("b").entered();
        hands.pass(5);
        drop(b);
    });
    scene.assert_wall(
        "
        a 10
        b 5",
    );
    assert_eq!(scene.profile().anomalies().closed_while_entered, 1);
}

#[test]
fn a_guard_forgotten_on_another_thread_ends_when_its_span_closes_here() {
    let program = Program::millis(
        "  0 t: open request
          10 u: open a under request
          40 t: drop a
          60 u: open b at root
          70 u: close b
         100 t: close request",
    );
    let wall = "
        b 10
        request 70
          a 30";
    let profile = assert_drawn(&program, wall);
    assert_eq!(profile.anomalies().closed_while_entered, 1);
}

#[test]
fn an_exit_on_a_thread_that_never_entered_is_ignored_and_counted() {
    let program = Program::millis(
        " 0 t: open a
         10 u: exit a
         30 t: close a",
    );
    let profile = assert_drawn(&program, "a 30");
    let anomalies = profile.anomalies();
    assert_eq!((anomalies.unmatched_exits, anomalies.exited_elsewhere), (1, 1));
}

#[test]
fn only_an_exit_of_what_another_thread_has_entered_may_be_a_guard_that_moved() {
    let program = Program::millis(
        " 0 t: open a
         10 t: exit a
         20 t: exit a
         25 u: exit a
         30 t: drop a",
    );
    let anomalies = assert_drawn(&program, "a 10\n  [await] 20").anomalies();
    assert_eq!((anomalies.unmatched_exits, anomalies.exited_elsewhere), (2, 0));
}

#[test]
fn an_exit_of_a_span_that_has_closed_is_ignored() {
    let program = Program::millis(
        " 0 t: open a
         10 t: drop a
         20 t: open b
         25 t: exit a
         30 t: close b",
    );
    let wall = "
        a 10
        b 10";
    let profile = assert_drawn(&program, wall);
    assert_eq!(profile.anomalies().closed_while_entered, 1);
}

#[test]
fn a_panic_that_unwinds_through_guards_exits_their_spans() {
    let scene = Scene::new();
    scene.play(|hands| {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _a = info_span!("a").entered();
            hands.pass(10);
            let b = info_span!("b");
            let _b = b.enter();
            hands.pass(5);
            resume_unwind(Box::new("no hook prints this"));
        }));
        assert!(unwound.is_err());
        hands.pass(100);
        let _c = info_span!("c").entered();
        hands.pass(1);
    });
    scene.assert_wall(
        "
        a 10
          b 5
        c 1",
    );
    let anomalies = scene.profile().anomalies();
    assert_eq!((anomalies.unmatched_exits, anomalies.closed_while_entered), (0, 0));
}
