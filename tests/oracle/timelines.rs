//! Timelines worked out by hand, each with the trees it must give.
//!
//! They are checked twice: the oracle's own tests are these, and the layer runs
//! them for itself, without the oracle, in `semantics/timelines.rs`.

mod detached;

pub use self::detached::*;
use super::Program;

/// A program and its trees, in milliseconds.
#[derive(Debug)]
pub struct Timeline {
    pub program: Program,
    pub wall: &'static str,
    pub busy: Option<&'static str>,
}

impl Timeline {
    fn new(program: Program, wall: &'static str) -> Self {
        Self { program, wall, busy: None }
    }

    fn busy(mut self, busy: &'static str) -> Self {
        self.busy = Some(busy);
        self
    }
}

/// A test for each timeline, which hands it to `$check`.
#[macro_export]
macro_rules! every_timeline {
    ($check:path) => {
        $crate::every_timeline! { $check;
            a_blocked_parent_gives_its_time_to_the_chunks_of_its_workers
            a_parent_that_computes_beside_its_child_shares_nothing_until_the_child_is_done
            workers_blocked_in_recv_share_with_the_span_that_works
            idle_workers_leave_the_time_to_those_that_work
            the_branches_of_a_join_share_the_wait
            the_loser_of_a_select_waits_until_it_is_dropped
            a_detached_child_outlives_its_parent
            a_request_ends_when_only_what_is_detached_goes_on
            a_request_goes_on_beside_what_it_detached
            of_two_requests_that_detach_the_one_that_ended_takes_nothing_from_the_other
            those_that_may_have_waited_share_the_wait_when_it_was_one
            a_span_that_is_kept_awaits_once_nothing_detached_is_below_it
            a_wait_for_an_operation_inside_ends_with_it_and_not_with_what_it_detached
            a_kept_handle_takes_the_await
            a_child_that_was_never_entered_takes_no_await
            a_task_lives_from_its_first_poll
            a_span_entered_for_good_hides_the_awaits_of_requests_polled_in_it
            requests_polled_on_another_thread_take_the_time_of_the_span_entered_for_good
            requests_named_operations_show_their_awaits_beside_the_span_entered_for_good
            requests_named_operations_and_polled_elsewhere_show_their_awaits_too
            one_span_entered_on_two_threads_waits_for_its_own_child
            a_span_blocked_while_its_sibling_works_shares_with_it
            an_operation_inline_on_anothers_thread_takes_nothing_from_it
            an_accept_loop_shares_with_the_handlers
            an_idle_accept_loop_leaves_the_time_to_the_handlers
            the_branches_of_a_join_of_three_share_the_wait_as_long_as_each_waits
            a_pool_shares_the_time_of_the_parent_that_waits_for_it
            a_parent_blocked_on_a_writer_thread_waits_for_it
            an_idle_worker_counts_by_its_jobs_only
        }
    };
    ($check:path; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $check(&$crate::timelines::$name());
            }
        )*
    };
}
pub fn a_blocked_parent_gives_its_time_to_the_chunks_of_its_workers() -> Timeline {
    let program = Program::millis(
        "  0 main: open recover_senders
           1 w1: open chunk#1 under recover_senders
           1 w2: open chunk#2 under recover_senders
          90 w1: close chunk#1
          90 w2: close chunk#2
         100 main: close recover_senders",
    );
    let wall = "
        recover_senders 11
          chunk 89";
    let busy = "
        recover_senders 100
          chunk 178";
    Timeline::new(program, wall).busy(busy)
}

pub fn a_parent_that_computes_beside_its_child_shares_nothing_until_the_child_is_done() -> Timeline
{
    let program = Program::millis(
        "  0 main: open parent
          10 pool: open child under parent
          60 pool: close child
         100 main: close parent",
    );
    let wall = "
        parent 50
          child 50";
    Timeline::new(program, wall)
}

/// Nine threads under one root, at which nobody works meanwhile: its own thread
/// executes.
const EIGHT_WORKERS: &str = "
      0 main: open block, open execute
      0 w1: open worker#1 under block
      0 w2: open worker#2 under block
      0 w3: open worker#3 under block
      0 w4: open worker#4 under block
      0 w5: open worker#5 under block
      0 w6: open worker#6 under block
      0 w7: open worker#7 under block
      0 w8: open worker#8 under block";

const EIGHT_WORKERS_END: &str = "
    100 w1: close worker#1
    100 w2: close worker#2
    100 w3: close worker#3
    100 w4: close worker#4
    100 w5: close worker#5
    100 w6: close worker#6
    100 w7: close worker#7
    100 w8: close worker#8
    100 main: close execute, close block";

pub fn workers_blocked_in_recv_share_with_the_span_that_works() -> Timeline {
    let program = Program::millis(&format!("{EIGHT_WORKERS}{EIGHT_WORKERS_END}"));
    let wall = "
        block 0
          execute 11.111
          worker 88.889";
    let busy = "
        block 0
          execute 100
          worker 800";
    Timeline::new(program, wall).busy(busy)
}

pub fn idle_workers_leave_the_time_to_those_that_work() -> Timeline {
    let job = "
        40 w3: open proof
        60 w3: close proof";
    let program = Program::millis(&format!("{EIGHT_WORKERS}{job}{EIGHT_WORKERS_END}"));
    let wall = "
        block 0
          execute 90
          worker 0
            proof 10";
    let busy = "
        block 0
          execute 100
          worker 780
            proof 20";
    Timeline::new(program.idle(&["worker"]), wall).busy(busy)
}

pub fn the_branches_of_a_join_share_the_wait() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open a
          1 main: exit a, open b
          2 main: exit b, exit request
         50 main: enter request, enter a
         51 main: close a, exit request
         90 main: enter request, enter b
         91 main: close b
         92 main: close request",
    );
    let wall = "
        request 1
          a 2
            [await] 24
          b 2
            [await] 63";
    Timeline::new(program, wall)
}

pub fn the_loser_of_a_select_waits_until_it_is_dropped() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open fast
          1 main: exit fast, open loser
          2 main: exit loser, exit request
         50 main: enter request, enter fast
         51 main: close fast, drop loser, close request",
    );
    let wall = "
        request 0
          fast 2
            [await] 24
          loser 1
            [await] 24";
    Timeline::new(program, wall)
}

pub fn a_detached_child_outlives_its_parent() -> Timeline {
    let program = Program::millis(
        " 0 main: open request
          5 main: new audit
         10 main: close request
         20 pool: enter audit
         30 pool: exit audit
         70 pool: enter audit
         80 pool: close audit
         95 main: snapshot",
    );
    let wall = "
        request 10
          [await] 10
          audit 20
            [await] 40";
    Timeline::new(program, wall)
}

pub fn a_kept_handle_takes_the_await() -> Timeline {
    let program = Program::millis(
        " 0 main: open request
          2 main: open child
          3 main: exit child
          5 main: exit request
         85 main: enter request
         90 main: close request, drop child",
    );
    let wall = "
        request 9
          child 1
            [await] 80";
    Timeline::new(program, wall)
}

pub fn a_child_that_was_never_entered_takes_no_await() -> Timeline {
    let program = Program::millis(
        " 0 main: open request
          5 main: new child, exit request
         51 main: drop child
         60 main: enter request
         61 main: close request",
    );
    let wall = "
        request 6
          [await] 55";
    Timeline::new(program, wall)
}

pub fn a_task_lives_from_its_first_poll() -> Timeline {
    let program = Program::millis(
        " 0 main: new task
         30 pool: enter task
         40 pool: close task",
    );
    Timeline::new(program, "task 10")
}

/// Two requests, the second polled inside the first one's poll.
const BLOCK_ON: &str = "
      0 t: open main, open request#1, open request#2 under main
     20 t: exit request#2
     30 t: exit request#1
    100 t: drop request#2, drop request#1, close main";

/// Two requests, one polled by the thread of `block_on`, one by another.
const BLOCK_ON_TWO_THREADS: &str = "
      0 t: open main, open request#1
      0 u: open request#2 under main
     20 t: exit request#1
     30 u: exit request#2
    100 t: drop request#2, drop request#1, close main";

pub fn a_span_entered_for_good_hides_the_awaits_of_requests_polled_in_it() -> Timeline {
    let wall = "
        main 70
          request 30";
    Timeline::new(Program::millis(BLOCK_ON), wall)
}

pub fn requests_polled_on_another_thread_take_the_time_of_the_span_entered_for_good() -> Timeline {
    let wall = "
        main 70
          request 30";
    let busy = "
        main 80
          request 50";
    Timeline::new(Program::millis(BLOCK_ON_TWO_THREADS), wall).busy(busy)
}

pub fn requests_named_operations_show_their_awaits_beside_the_span_entered_for_good() -> Timeline {
    let wall = "
        main 100
        request 50
          [await] 150";
    Timeline::new(Program::millis(BLOCK_ON).operations(&["request"]), wall)
}

pub fn requests_named_operations_and_polled_elsewhere_show_their_awaits_too() -> Timeline {
    let wall = "
        main 100
        request 50
          [await] 150";
    Timeline::new(Program::millis(BLOCK_ON_TWO_THREADS).operations(&["request"]), wall)
}

pub fn one_span_entered_on_two_threads_waits_for_its_own_child() -> Timeline {
    let program = Program::millis(
        "  0 main: open phase
           0 pool: enter phase
          20 pool: open part
          60 pool: close part
          80 pool: exit phase
         100 main: close phase",
    );
    let wall = "
        phase 60
          part 40";
    let busy = "
        phase 140
          part 40";
    Timeline::new(program, wall).busy(busy)
}

pub fn a_span_blocked_while_its_sibling_works_shares_with_it() -> Timeline {
    let program = Program::millis(
        "  0 main: open request
          20 main: open blocked
          20 pool: open sibling under request
         100 pool: close sibling
         100 main: close blocked, close request",
    );
    let wall = "
        request 20
          blocked 40
          sibling 40";
    Timeline::new(program, wall)
}

pub fn an_operation_inline_on_anothers_thread_takes_nothing_from_it() -> Timeline {
    let program = Program::millis(
        "  0 main: open a
          10 main: open b at root
          40 main: close b
         100 main: close a",
    );
    let wall = "
        a 100
        b 30";
    let busy = "
        a 70
        b 30";
    Timeline::new(program, wall).busy(busy)
}

/// Handlers are siblings of the loop that accepts for them.
const ACCEPT: &str = "
      0 main: open server, open accept
      0 h1: open handler#1 under server
      0 h2: open handler#2 under server
      0 h3: open handler#3 under server
    100 h1: close handler#1
    100 h2: close handler#2
    100 h3: close handler#3
    100 main: close accept, close server";

pub fn an_accept_loop_shares_with_the_handlers() -> Timeline {
    let wall = "
        server 0
          accept 25
          handler 75";
    Timeline::new(Program::millis(ACCEPT), wall)
}

pub fn an_idle_accept_loop_leaves_the_time_to_the_handlers() -> Timeline {
    let wall = "
        server 0
          handler 100";
    Timeline::new(Program::millis(ACCEPT).idle(&["accept"]), wall)
}

// The four below are drawn in docs/semantics.md, together with the detached child.

pub fn the_branches_of_a_join_of_three_share_the_wait_as_long_as_each_waits() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open a
          2 main: exit a, open b
          4 main: exit b, open c
          6 main: exit c, exit request
         36 main: enter request, enter a
         38 main: close a, exit request
         58 main: enter request, enter b
         60 main: close b, exit request
         80 main: enter request, enter c
         82 main: close c, close request",
    );
    let wall = "
        request 0
          a 4
            [await] 10
          b 4
            [await] 20
          c 4
            [await] 40";
    Timeline::new(program, wall)
}

pub fn a_pool_shares_the_time_of_the_parent_that_waits_for_it() -> Timeline {
    let program = Program::millis(
        "  0 main: open recover_senders
          10 w1: open chunk#1 under recover_senders
          10 w2: open chunk#2 under recover_senders
          10 w3: open chunk#3 under recover_senders
          40 w3: close chunk#3
          70 w2: close chunk#2
          90 w1: close chunk#1
         100 main: close recover_senders",
    );
    let wall = "
        recover_senders 20
          chunk 80";
    let busy = "
        recover_senders 100
          chunk 170";
    Timeline::new(program, wall).busy(busy)
}

pub fn a_parent_blocked_on_a_writer_thread_waits_for_it() -> Timeline {
    let program = Program::millis(
        "  0 main: open save
          20 writer: open commit under save
          80 writer: close commit
         100 main: close save",
    );
    let wall = "
        save 40
          commit 60";
    let busy = "
        save 100
          commit 60";
    Timeline::new(program, wall).busy(busy)
}

pub fn an_idle_worker_counts_by_its_jobs_only() -> Timeline {
    let program = Program::millis(
        "  0 main: open block, open execute
           0 w1: open worker under block
          40 w1: open proof
          60 w1: close proof
         100 w1: close worker
         100 main: close execute, close block",
    );
    let wall = "
        block 0
          execute 90
          worker 0
            proof 10";
    Timeline::new(program.idle(&["worker"]), wall)
}
