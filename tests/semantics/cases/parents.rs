//! Where a span hangs.

use super::assert_drawn;
use flame_oracle::{FilterPlace, Program, assert_tree, driver, driver::recorded::wall_tree};

const PLACES: [FilterPlace; 3] = [FilterPlace::Inside, FilterPlace::Callsites, FilterPlace::Around];

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
    for place in PLACES {
        assert_drawn(&program.clone().filter(place), wall);
    }
}

#[test]
fn a_span_made_in_a_filtered_one_hangs_where_that_one_was_made_not_where_it_is_entered() {
    let program = Program::millis(
        " 0 t: open a
          5 t: new filtered_a, new filtered_b at root
         10 t: close a, open b at root
         20 t: enter filtered_a, open c
         30 t: close c, exit filtered_a
         40 t: enter filtered_b, open d
         50 t: close d, exit filtered_b
         60 t: close b, drop filtered_a, drop filtered_b",
    )
    .filtered(&["filtered_a", "filtered_b"]);
    let wall = "
        a 10
          [await] 40
          c 10
        b 50
        d 10";
    for place in [FilterPlace::Inside, FilterPlace::Callsites] {
        assert_drawn(&program.clone().filter(place), wall);
    }
}

#[test]
fn under_a_filter_around_the_layer_it_hangs_where_the_filtered_one_is_entered() {
    let program = Program::millis(
        " 0 t: open a
          5 t: new filtered_a
         10 t: close a, open b at root
         20 t: enter filtered_a, open c
         30 t: close c, exit filtered_a
         40 t: close b, drop filtered_a",
    )
    .filtered(&["filtered_a"])
    .filter(FilterPlace::Around);
    let profile = driver::run(&program).pop().expect("a script ends with a snapshot");
    let wall = "
        a 10
          [await] 30
        b 20
          c 10";
    assert_tree(&wall_tree(&profile), wall, "`wall`, wrong by a known limit,");
}

#[test]
fn under_a_filter_around_the_layer_a_child_may_outlive_its_parent() {
    let program = Program::millis(
        " 0 t: open a
          5 t: new filtered_a at root
         10 t: enter filtered_a, new b, exit filtered_a
         20 t: close a
         30 u: open c under b
         40 u: close c
         50 u: enter b
         60 u: close b, drop filtered_a",
    )
    .filtered(&["filtered_a"])
    .filter(FilterPlace::Around);
    let profile = driver::run(&program).pop().expect("a script ends with a snapshot");
    let wall = "
        a 20
          [await] 20
          b 10
            c 10";
    assert_tree(&wall_tree(&profile), wall, "`wall`, of what is below a closed span,");
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
