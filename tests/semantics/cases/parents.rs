//! Where a span hangs.

use super::assert_drawn;
use crate::oracle::Program;

#[test]
fn a_span_never_entered_and_used_only_as_a_parent_waits_for_its_children_by_itself() {
    let program = Program::millis(
        " 0 t: new request
         10 u: open a under request
         20 u: exit a
         40 u: enter a
         50 u: close a
         60 t: drop request",
    );
    let wall = "
        request 0
          [await] 10
          a 20
            [await] 20";
    assert_drawn(&program, wall);
}

#[test]
fn spans_kept_from_the_layer_by_its_filter_are_passed_over_on_the_way_up() {
    let program = Program::millis(
        " 0 t: open a
         10 t: open filtered_a, open filtered_b
         30 t: open b
         60 t: close b
         70 t: close filtered_b, close filtered_a
         80 t: close a",
    )
    .filtered(&["filtered_a", "filtered_b"]);
    let wall = "
        a 50
          b 30";
    assert_drawn(&program, wall);
}

#[test]
fn a_filtered_span_holds_its_parent_open_and_the_parent_awaits() {
    let program = Program::millis(
        " 0 t: open a
          5 t: new filtered_a
         10 t: close a
         20 u: enter filtered_a
         50 u: close filtered_a",
    )
    .filtered(&["filtered_a"]);
    let wall = "
        a 10
          [await] 40";
    assert_drawn(&program, wall);
}

#[test]
fn a_skipped_span_is_transparent() {
    let program = Program::millis(
        " 0 t: open a
         10 t: open skip_a
         30 t: open b
         60 t: close b
         70 t: close skip_a
         80 t: close a",
    )
    .skip(&["skip_a"]);
    let wall = "
        a 50
          b 30";
    assert_drawn(&program, wall);
}

#[test]
fn children_of_a_skipped_root_are_roots() {
    let program = Program::millis(
        " 0 t: open skip_a
         10 t: open a
         20 t: close a
         30 t: open b
         50 t: close b, close skip_a",
    )
    .skip(&["skip_a"]);
    let wall = "
        a 10
        b 20";
    assert_drawn(&program, wall);
}

#[test]
fn a_span_both_skipped_and_named_an_operation_is_skipped() {
    let program = Program::millis(
        " 0 t: open a
         10 t: open skip_op
         20 t: open b
         30 t: close b, close skip_op, close a",
    )
    .skip(&["skip_op"])
    .operations(&["skip_op"]);
    let wall = "
        a 20
          b 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_span_hangs_under_its_explicit_parent_not_under_what_its_thread_has_entered() {
    let program = Program::millis(
        " 0 t: open a
         10 t: open b
         20 t: open c under a
         30 t: close c, close b, close a",
    );
    let wall = "
        a 10
          b 10
          c 10";
    assert_drawn(&program, wall);
}

#[test]
fn the_parent_of_a_span_made_where_a_is_entered_again_inside_b_is_b() {
    let program = Program::millis(
        " 0 t: open a, open b, enter a
         10 t: open c
         20 t: close c, exit a, close b, close a",
    );
    let wall = "
        a 10
          b 0
            c 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_span_made_where_a_closed_span_was_never_exited_is_a_root() {
    let program = Program::millis(
        " 0 t: open a, open b
         10 t: drop b
         20 t: open c
         30 t: close c, close a",
    );
    let wall = "
        a 20
          b 10
        c 10";
    assert_drawn(&program, wall);
}

#[test]
fn a_kept_handle_takes_the_await_until_it_is_dropped() {
    let program = Program::millis(
        "  0 t: open request, open child
           1 t: exit child, exit request
          50 t: drop child
         100 t: enter request, close request",
    );
    let wall = "
        request 0
          [await] 50
          child 1
            [await] 49";
    assert_drawn(&program, wall);
}

#[test]
fn a_pending_grandchild_takes_the_await_through_a_child_never_entered() {
    let program = Program::millis(
        " 0 t: open request, new child
          5 t: open part under child
         10 t: exit part, exit request
         40 t: close request, drop part, drop child",
    );
    let wall = "
        request 5
          child 0
            part 5
              [await] 30";
    assert_drawn(&program, wall);
}
