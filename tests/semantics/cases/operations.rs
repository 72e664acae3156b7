//! Operations beside, inside and on top of each other.

use super::assert_drawn;
use flame_oracle::{Program, driver::recorded::busy_tree};

#[test]
fn a_job_of_another_operation_stolen_while_ours_is_blocked_takes_nothing_from_it() {
    let program = Program::millis(
        "  0 t: open a
           0 u: open b at root
          10 t: open chunk under b
          40 t: close chunk
         100 t: close a
         100 u: close b",
    );
    let wall = "
        a 100
        b 70
          chunk 30";
    let profile = assert_drawn(&program, wall);
    let busy = "
        a 70
        b 100
          chunk 30";
    flame_oracle::assert_tree(&busy_tree(&profile), busy, "`busy`");
}

#[test]
fn an_operation_named_inside_another_stands_at_the_bottom_and_holds_the_other_open() {
    let program = Program::millis(
        "  0 t: open main
          10 t: new request
          20 t: close main
          30 u: enter request
          60 u: close request
          90 t: snapshot",
    )
    .operations(&["request"]);
    let wall = "
        main 20
          [await] 40
        request 30";
    assert_drawn(&program, wall);
}

#[test]
fn an_operation_named_inside_one_of_its_own_name_is_another_operation() {
    let program = Program::millis(
        " 0 t: open request#1
         10 t: open request#2
         30 t: open part
         40 t: close part, close request#2
         50 t: close request#1",
    )
    .operations(&["request"]);
    let wall = "
        request 70
          part 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_thread_works_at_our_innermost_span_below_a_strangers() {
    let program = Program::millis(
        " 0 t: open a, open b
         10 t: open op_a
         20 t: open c under b
         40 t: close c, close op_a
         50 t: close b, close a",
    )
    .operations(&["op_a"]);
    let wall = "
        a 0
          b 30
            c 20
        op_a 30";
    assert_drawn(&program, wall);
}

#[test]
fn a_thread_whose_innermost_span_is_idle_does_not_work_at_the_span_around_it() {
    let program = Program::millis(
        " 0 t: open request
         10 t: open idle_a
         30 t: exit idle_a
         40 t: drop idle_a, close request",
    )
    .idle(&["idle_a"]);
    let wall = "
        request 20
          [await] 20";
    assert_drawn(&program, wall);
}

#[test]
fn a_thread_in_an_idle_child_makes_no_one_wait_until_it_works_below_that() {
    let program = Program::millis(
        " 0 t: open request
          0 u: open idle_a under request
         20 u: open part
         30 u: close part
         50 u: close idle_a
         60 t: close request",
    )
    .idle(&["idle_a"]);
    let wall = "
        request 50
          idle_a 0
            part 10";
    assert_drawn(&program, wall);
}

#[test]
fn an_idle_span_awaits_like_any_other_once_no_thread_has_it_entered() {
    let program = Program::millis(
        " 0 t: open request, open idle_a
         10 t: exit idle_a, exit request
         40 t: drop idle_a, drop request",
    )
    .idle(&["idle_a"]);
    let wall = "
        request 0
          [await] 10
          idle_a 0
            [await] 30";
    assert_drawn(&program, wall);
}

#[test]
fn a_waiting_thread_counts_again_when_its_child_moves_to_no_thread() {
    let program = Program::millis(
        "  0 t: open a
           0 u: open b under a
           0 v: open c under b
          20 v: exit c
          50 u: exit b
          60 v: enter c
          80 v: close c
          90 t: exit a
         100 t: drop b, drop a",
    );
    let wall = "
        a 20
          b 30
            [await] 10
            c 40";
    assert_drawn(&program, wall);
}
