use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
};

use tracing::{Dispatch, dispatcher, info_span};
use tracing_subscriber::{layer::SubscriberExt, registry};

use crate::{Flame, FlameLayer, Profile, profile::Frame};

fn called(profile: &Profile, name: &str) -> u64 {
    let is = |frame: &Frame| matches!(frame, Frame::Span(callsite) if callsite.name == name);
    let named = profile.nodes().iter().filter(|node| is(&node.frame));
    named.map(|node| node.measures.calls).sum()
}

/// A layer whose logs have room for so many chunks, and its subscriber.
fn with_chunks(chunks: usize) -> (Dispatch, Flame) {
    let (layer, flame) = FlameLayer::builder().chunks(chunks).build();
    (Dispatch::new(registry().with(layer)), flame)
}

fn make(spans: u64) {
    (0..spans).for_each(|_| info_span!("made").in_scope(|| ()));
}

/// One that was killed, or gets no CPU.
#[test]
fn a_collector_that_never_runs_costs_no_span() {
    const SPANS: u64 = 30_000;
    let (dispatch, flame) = with_chunks(8);
    flame.recorder.wake.stop();
    dispatcher::with_default(&dispatch, || make(SPANS));
    let profile = flame.snapshot();
    assert_eq!((called(&profile, "made"), profile.anomalies().lost), (SPANS, 0));
}

/// Nobody can read: whoever needs room waits in vain.
#[test]
fn an_empty_pool_costs_what_is_counted_and_nothing_else() {
    let (dispatch, flame) = with_chunks(2);
    let recorder = Arc::clone(&flame.recorder);
    let reading = recorder.collector.lock();
    let made = thread::scope(|scope| {
        let maker = scope.spawn(|| {
            dispatcher::with_default(&dispatch, || {
                let until_lost = || recorder.logs.lost.load(Relaxed) == 0;
                std::iter::repeat_with(|| make(1)).take_while(|()| until_lost()).count() as u64
            })
        });
        maker.join().expect("no panic")
    });
    drop(reading);
    dispatcher::with_default(&dispatch, || make(10));
    let profile = flame.snapshot();
    // The last one of those before, or what happened to it, and its thread's end.
    let (lost, called) = (profile.anomalies().lost, called(&profile, "made"));
    assert!(lost > 0, "nobody could read");
    assert!((made + 10..=made + 11).contains(&called), "{called} of {made} and 10");
}

/// The clocks of two processors differ by some ticks: a thread enters a span, by its clock,
/// before the other has created it.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_span_that_was_entered_before_its_creation_by_another_processors_clock_is_entered() {
    use crate::{
        Clock,
        callsites::root,
        clock::counter_ticks,
        log::{Entry, Order, Parent, Producer, Slot},
        recorder::Recorder,
    };

    let settings = FlameLayer::builder().into_settings();
    let recorder = Recorder::by(Order::Counter, Clock::from_nanos(|| 0), settings, None);
    let flame = Flame::new(Arc::clone(&recorder), false);
    let append = |log: *const Producer, slots: &[Slot]| {
        // SAFETY: the recorder has the log, and this thread alone writes to it.
        let log = unsafe { &*log };
        let slots = [slots[0], *slots.get(1).unwrap_or(&slots[0]), slots[0]];
        let count = if slots[0] == slots[1] { 1 } else { 2 };
        // SAFETY: as above; one and two are from one to three.
        unsafe {
            if log.append_some(count, || slots).is_err() {
                assert!(log.refill(|| recorder.logs.pool.take()));
                log.append_some(count, || slots).expect("there is room");
            }
        }
    };
    let (one, other) = (recorder.logs.begin_for_test(), recorder.logs.begin_for_test());
    let now = counter_ticks();
    append(one, &Slot::write(7, Entry::Create(root(), Parent::Root), now + 30));
    append(other, &[Slot::enter(7, now + 10)]);
    append(other, &[Slot::exit(7, now + 40)]);
    append(one, &[Slot::close(7, now + 50_000)]);
    while counter_ticks() <= now + 50_000 {}
    let profile = flame.snapshot();
    let node = profile.nodes().iter().next().expect("the span");
    assert_eq!((node.measures.calls, node.measures.enters), (1, 1));
    assert_eq!(profile.anomalies().unmatched_exits, 0);
}
