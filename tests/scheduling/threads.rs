//! Several threads in one span, one after the other or at once, and several layers.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use tracing::{Dispatch, Span, info_span};
use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{
    counters::{Counters, Source},
    support::{are_to_be_had, assert_slept, assert_within, measures, record, sleep, under},
};

const MILLI: Duration = Duration::from_millis(1);

/// What a thread did around all of some spans, and while it slept in them.
#[derive(Default)]
struct Truth {
    around: Counters,
    slept: Counters,
}

impl Truth {
    fn plus(&self, other: &Self) -> Self {
        Self { around: self.around.plus(other.around), slept: self.slept.plus(other.slept) }
    }
}

/// Enters a span so often and sleeps in it; says what the thread did.
fn sleep_in(span: impl Fn() -> Span, times: u32, ready: &Barrier) -> Truth {
    let source = Source::of_this_thread().expect("counters");
    let mut slept = Counters::default();
    ready.wait();
    let before = source.before();
    for _ in 0..times {
        slept = slept.plus(span().in_scope(|| sleep(&source, MILLI)));
    }
    Truth { around: source.after().since(before), slept }
}

#[test]
fn a_span_polled_on_one_thread_after_the_other_has_what_each_did() {
    let (subscriber, flame) = record();
    let span = under(&subscriber, || info_span!("task"));
    let mut truth = Truth::default();
    let alone = Barrier::new(1);
    for _ in 0..4 {
        let poll = || under(&subscriber, || sleep_in(|| span.clone(), 5, &alone));
        let polled = thread::scope(|scope| scope.spawn(poll).join().expect("no panic"));
        truth = truth.plus(&polled);
    }
    under(&subscriber, || drop(span));
    let profile = flame.snapshot();
    if !are_to_be_had(&profile) {
        return;
    }
    let task = measures(&profile, "task");
    assert_within(&task, truth.around);
    assert_slept(&task, truth.slept);
    assert_eq!(task.busy_states.unknown_nanos, 0);
}

#[test]
fn a_span_that_two_threads_are_in_at_once_has_both_threads_states_by_busy() {
    let (subscriber, flame) = record();
    let span = under(&subscriber, || info_span!("shared"));
    let both = Arc::new(Barrier::new(2));
    let truth = thread::scope(|scope| {
        let sleeps = || under(&subscriber, || sleep_in(|| span.clone(), 10, &both));
        let threads = [(); 2].map(|()| scope.spawn(sleeps));
        let [one, other] = threads.map(|thread| thread.join().expect("no panic"));
        one.plus(&other)
    });
    under(&subscriber, || drop(span));
    let profile = flame.snapshot();
    if !are_to_be_had(&profile) {
        return;
    }
    let shared = measures(&profile, "shared");
    assert_within(&shared, truth.around);
    assert_slept(&shared, truth.slept);
    assert!(shared.wall_states.off_nanos() <= shared.wall_nanos, "{shared:?}");
    assert!(shared.wall_states.blocked_nanos > 0, "{shared:?}");
}

#[test]
fn each_of_two_layers_sees_every_switch() {
    let ((one, first), (other, second)) = (FlameLayer::new(), FlameLayer::new());
    let subscriber = Dispatch::new(registry().with(one).with(other));
    let truth = under(&subscriber, || sleep_in(|| info_span!("sleeps"), 20, &Barrier::new(1)));
    for profile in [first.snapshot(), second.snapshot()] {
        if !are_to_be_had(&profile) {
            return;
        }
        let sleeps = measures(&profile, "sleeps");
        assert_within(&sleeps, truth.around);
        assert_slept(&sleeps, truth.slept);
    }
}

/// The threads of this process whose statistics it has open.
fn threads_with_open_statistics() -> Vec<i32> {
    let links = std::fs::read_dir("/proc/self/fd").expect("a list").flatten();
    let files = links.filter_map(|link| std::fs::read_link(link.path()).ok());
    let files = files.filter(|file| file.ends_with("schedstat"));
    files.filter_map(|file| file.parent()?.file_name()?.to_str()?.parse().ok()).collect()
}

#[test]
fn threads_that_come_and_go_leave_no_descriptors_behind() {
    let (subscriber, flame) = record();
    let spans = || {
        under(&subscriber, || info_span!("short").in_scope(|| ()));
        // SAFETY: asks for the calling thread's number.
        let thread = unsafe { libc::gettid() };
        (thread, threads_with_open_statistics().contains(&thread))
    };
    let threads: Vec<(i32, bool)> = (0..50)
        .map(|_| thread::scope(|scope| scope.spawn(spans).join().expect("no panic")))
        .collect();
    let profile = flame.snapshot();
    assert_eq!(measures(&profile, "short").enters, 50);
    let open = threads_with_open_statistics();
    let left = threads.iter().filter(|(thread, _)| open.contains(thread)).count();
    assert_eq!(left, 0, "{open:?} of {threads:?}");
    if are_to_be_had(&profile) {
        assert!(threads.iter().any(|(_, had)| *had), "no thread had any");
    }
}
