//! Futures in spans, polled by hand.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tracing::{Instrument, Span, info_span};

use crate::semantics::scene::{Hands, Scene};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

fn poll(task: &mut Task) -> Poll<()> {
    task.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// A future in a span that is ready at its `polls`-th poll; each takes `millis`.
fn task(span: Span, hands: &Hands, polls: usize, millis: u64) -> Task {
    let hands = hands.clone();
    let mut left = polls;
    let work = poll_fn(move |_| {
        hands.pass(millis);
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    });
    Box::pin(work.instrument(span))
}

/// All of some tasks, polled in turn within one poll.
fn join_all(mut tasks: Vec<Task>) -> impl Future<Output = ()> {
    poll_fn(move |_| {
        tasks.retain_mut(|task| poll(task).is_pending());
        if tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
}

#[test]
fn a_future_polled_on_several_threads_is_one_span() {
    let scene = Scene::new();
    let mut polled = scene.play(|hands| task(info_span!("task"), hands, 3, 2));
    for _ in 0..2 {
        polled = scene.elsewhere(|_| {
            assert!(poll(&mut polled).is_pending());
            polled
        });
        scene.hands.pass(10);
    }
    scene.play(|_| {
        assert!(poll(&mut polled).is_ready());
        drop(polled);
    });
    scene.assert_wall(
        "
        task 6
          [await] 20",
    );
    scene.assert_busy("task 6");
    let node = scene.node("task");
    assert_eq!((node.calls, node.started), (1, 1));
    assert_eq!(node.latency_nanos, 26_000_000);
}

#[test]
fn a_join_of_ten_waits_is_as_wide_as_one() {
    let scene = Scene::new();
    scene.play(|hands| {
        let request = info_span!("request");
        let call = |_| task(info_span!(parent: &request, "call"), hands, 2, 0);
        let calls: Vec<Task> = (0..10).map(call).collect();
        let mut request: Task = Box::pin(join_all(calls).instrument(request.clone()));
        assert!(poll(&mut request).is_pending());
        hands.pass(50);
        assert!(poll(&mut request).is_ready());
    });
    scene.assert_wall(
        "
        request 0
          call 0
            [await] 50",
    );
    assert_eq!(scene.node("request;call").latency_nanos, 500_000_000);
}

#[test]
fn dropping_a_future_enters_once_more_so_enters_are_neither_polls_nor_calls() {
    let scene = Scene::new();
    scene.play(|hands| {
        let mut task = task(info_span!("task"), hands, 2, 1);
        assert!(poll(&mut task).is_pending());
        assert!(poll(&mut task).is_ready());
        drop(task);
    });
    let node = scene.node("task");
    assert_eq!((node.calls, node.started, node.enters), (1, 1, 3));
    scene.assert_wall("task 2");
}

#[test]
fn a_cancelled_future_is_dropped_inside_its_span() {
    struct SlowToDrop(Hands);
    impl Drop for SlowToDrop {
        fn drop(&mut self) {
            self.0.pass(4);
        }
    }

    let scene = Scene::new();
    scene.play(|hands| {
        let held = SlowToDrop(hands.clone());
        let waits = async move {
            held.0.pass(2);
            std::future::pending::<()>().await;
        };
        let mut task: Task = Box::pin(waits.instrument(info_span!("task")));
        assert!(poll(&mut task).is_pending());
        hands.pass(10);
        drop(task);
    });
    scene.assert_wall(
        "
        task 6
          [await] 10",
    );
}

#[test]
fn a_future_that_is_never_polled_takes_no_time() {
    let scene = Scene::new();
    scene.play(|hands| {
        let task = task(info_span!("task"), hands, 1, 1);
        hands.pass(30);
        drop(task);
        hands.pass(30);
    });
    // Its drop enters it for the first time, and closes it.
    let node = scene.node("task");
    assert_eq!((node.calls, node.started, node.enters), (1, 1, 1));
    scene.assert_wall("");
}

#[test]
fn a_future_of_another_operation_polled_on_top_of_ours_takes_nothing_from_it() {
    let scene = Scene::new();
    scene.play(|hands| {
        let mut stranger = task(info_span!(parent: None, "stranger"), hands, 2, 10);
        let request = info_span!("request");
        request.in_scope(|| {
            hands.pass(5);
            assert!(poll(&mut stranger).is_pending());
            hands.pass(5);
        });
        drop(request);
        assert!(poll(&mut stranger).is_ready());
    });
    scene.assert_wall(
        "
        request 20
        stranger 20
          [await] 5",
    );
    scene.assert_busy(
        "
        request 10
        stranger 20",
    );
}

#[test]
fn a_detached_task_outlives_the_request_that_spawned_it() {
    let scene = Scene::new();
    let mut audit = scene.play(|hands| {
        info_span!("request").in_scope(|| {
            hands.pass(10);
            task(info_span!("audit"), hands, 2, 10)
        })
    });
    scene.hands.pass(10);
    scene.elsewhere(|hands| {
        assert!(poll(&mut audit).is_pending());
        hands.pass(40);
        assert!(poll(&mut audit).is_ready());
        drop(audit);
    });
    scene.assert_wall(
        "
        request 10
          [await] 10
          audit 20
            [await] 40",
    );
}
