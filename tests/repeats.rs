//! Ids of spans that come again.

use std::{collections::HashSet, thread};

use tracing::{Dispatch, dispatcher, info_span};
use tracing_flame_layer::{FlameLayer, Profile, profile::Frame};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// The Registry tells those apart that have a place of its table one after the other, up to
/// some 8,000.
const SPANS: u64 = 20_000;

#[test]
fn spans_of_one_id_are_calls_of_their_own_on_whatever_threads_they_are() {
    let (layer, flame) = FlameLayer::new();
    let dispatch = Dispatch::new(registry().with(layer));
    let mut ids = HashSet::new();
    // A thread that begins may get an ended one's part of the table.
    for part in 0..10 {
        let make = || (0..SPANS / 10).map(|_| make(part)).collect::<HashSet<u64>>();
        let make = || dispatcher::with_default(&dispatch, make);
        let maker = thread::scope(|scope| scope.spawn(make).join());
        ids.extend(maker.expect("no panic"));
        drop(flame.snapshot());
    }
    dispatcher::with_default(&dispatch, || ids.extend((0..SPANS).map(|_| make(0))));
    assert!((ids.len() as u64) < 2 * SPANS, "no id came again");
    let profile = flame.snapshot();
    assert_eq!(calls(&profile, "outer"), 2 * SPANS);
    assert_eq!(calls(&profile, "inner"), 2 * SPANS);
    let anomalies = profile.anomalies();
    assert_eq!(
        (anomalies.lost, anomalies.unmatched_exits, anomalies.closed_while_entered),
        (0, 0, 0)
    );
    assert_eq!(profile.nodes().len(), 2);
}

fn make(part: u64) -> u64 {
    let outer = info_span!("outer").entered();
    let inner = info_span!("inner");
    if part.is_multiple_of(2) {
        inner.in_scope(|| ());
    }
    drop(inner);
    outer.id().expect("it is wanted").into_u64()
}

/// How many spans of a name were recorded.
pub(crate) fn calls(profile: &Profile, name: &str) -> u64 {
    let is = |frame: &Frame| matches!(frame, Frame::Span(callsite) if callsite.name == name);
    let named = profile.nodes().iter().filter(|node| is(&node.frame));
    named.map(|node| node.measures.calls).sum()
}
