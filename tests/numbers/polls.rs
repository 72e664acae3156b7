use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tracing::{Instrument, info_span};
use tracing_flame_layer::{FlameLayer, render::Options};

use super::stopwatch::{Hands, node, watch};

const AWAIT: u64 = 5_000_000;

/// Polls a future in a span ten times, with an await between polls.
fn poll_ten_times(hands: &Hands) {
    let mut left = 10;
    let ready = poll_fn(|_| {
        hands.pass(1_000_000);
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    });
    let mut future = pin!(ready.instrument(info_span!("request")));
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {
        hands.pass(AWAIT);
    }
}

#[test]
fn a_future_polled_ten_times_is_one_call_and_ten_polls_and_awaits_are_in_its_latency() {
    let hands = Hands::default();
    let builder = FlameLayer::builder().clock(hands.clock());
    let (profile, stopwatch) = watch(builder, |_| poll_ten_times(&hands));
    let node = node(&profile, "request");
    assert_eq!((node.measures.calls, node.polls()), (1, 10));
    // Entered once more as it is dropped, which is why there are ten polls beyond
    // the first enter.
    assert_eq!(node.measures.enters, 11);
    assert_eq!(node.measures.latency_nanos, 10 * 1_000_000 + 9 * AWAIT);
    assert_eq!(stopwatch.of("request"), [node.measures.latency_nanos]);
    let mut table = Vec::new();
    profile.write_table(&mut table, &Options::default()).unwrap();
    let table = String::from_utf8(table).unwrap();
    let calls =
        "         1         10  55.00 ms  55.0 ms  55.0 ms  55.0 ms     55.00 ms  request\n";
    assert!(table.contains(calls), "{table}");
}

#[test]
fn a_span_entered_ten_times_by_hand_has_nine_enters_beyond_the_first() {
    let (profile, _) = watch(FlameLayer::builder(), |_| {
        let span = info_span!("by_hand");
        (0..10).for_each(|_| span.in_scope(|| {}));
    });
    let node = node(&profile, "by_hand");
    assert_eq!((node.measures.calls, node.polls()), (1, 9));
}
