//! Spans that what is detached from them keeps open.

use super::{super::Program, Timeline};

pub fn a_request_ends_when_only_what_is_detached_goes_on() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, new audit, open step
         10 main: close step, close request
         20 pool: enter audit
         30 pool: exit audit
         70 pool: enter audit
         80 pool: close audit
         95 main: snapshot",
    );
    let wall = "
        audit 20
          [await] 40
        request 0
          step 10";
    Timeline::new(program.detached(&["audit"]), wall)
}

pub fn a_request_goes_on_beside_what_it_detached() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open handler, new audit
         10 main: exit handler, exit request
         10 pool: enter audit
         60 main: enter request, enter handler
         70 main: close handler, close request
         80 pool: close audit
         95 main: snapshot",
    );
    let wall = "
        audit 70
        request 0
          handler 20
            [await] 50";
    Timeline::new(program.detached(&["audit"]), wall)
}

pub fn of_two_requests_that_detach_the_one_that_ended_takes_nothing_from_the_other() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open fast, open audit#1
          5 main: exit audit#1, close fast, open task
         10 main: exit task, exit request
         40 main: enter request, enter task
         45 main: close task, close request
         90 main: close audit#1",
    );
    // `fast` stays open for the audit's sake, and is not known to wait while `task` does.
    let wall = "
        audit 5
          [await] 85
        request 0
          fast 5
          task 10
            [await] 30";
    Timeline::new(program.detached(&["audit"]), wall)
}

pub fn those_that_may_have_waited_share_the_wait_when_it_was_one() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open task, new audit#1, exit task
          5 main: open child, new audit#2, exit child
          5 main: open part, new audit#3, exit part
         10 main: exit request
         30 main: drop part, drop audit#3
         50 main: enter request
         60 main: close request, drop child, drop task
         90 main: drop audit#1, drop audit#2",
    );
    // `part` closed while the wait was tentative, and takes nothing of it.
    let wall = "
        request 20
          child 0
            [await] 20
          task 0
            [await] 20";
    Timeline::new(program.detached(&["audit"]), wall)
}

pub fn a_span_that_is_kept_awaits_once_nothing_detached_is_below_it() -> Timeline {
    let program = Program::millis(
        " 0 main: open request, open audit
         10 main: exit audit, exit request
         30 main: drop audit
         39 main: snapshot
         40 main: snapshot
         60 main: drop request",
    );
    let wall = "
        audit 10
          [await] 20
        request 10
          [await] 50";
    Timeline::new(program.detached(&["audit"]), wall)
}

pub fn a_wait_for_an_operation_inside_ends_with_it_and_not_with_what_it_detached() -> Timeline {
    let program = Program::millis(
        " 0 main: open server
         10 main: open request under server, new audit
         20 main: exit request, exit server
         40 main: enter request
         50 main: close request, drop server
         90 pool: enter audit
         95 pool: close audit",
    );
    let wall = "
        audit 5
        request 20
          [await] 20
        server 20
          [await] 30";
    Timeline::new(program.operations(&["request"]).detached(&["audit"]), wall)
}
