//! Programs that once were measured wrongly.

use flame_oracle::{Program, driver::judge};

#[track_caller]
fn assert_weights_sum_to_lives(program: &Program) {
    if let Err(differences) = judge::lives(program) {
        panic!("{differences}");
    }
}

#[test]
fn three_threads_in_one_span_leave_no_nanosecond_of_a_snapshot_undivided() {
    assert_weights_sum_to_lives(&Program::nanos(
        "0 t0: open a
         0 t1: enter a
         0 t2: enter a
         5 t0: snapshot",
    ));
}

#[test]
fn a_span_that_closes_under_three_threads_leaves_no_nanosecond_undivided() {
    assert_weights_sum_to_lives(&Program::nanos(
        "0 t0: open a
         0 t1: enter a
         0 t2: enter a
         5 t0: drop a
         9 t0: snapshot",
    ));
}

#[test]
fn an_operation_that_was_only_created_has_not_lived() {
    let program = Program::nanos("1 t0: new a, snapshot\n5 t0: drop a");
    if let Err(differences) = judge::layer(&program) {
        panic!("{differences}");
    }
}
