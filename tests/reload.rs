//! A layer that is taken out of its subscriber while the program runs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tracing::{info_span, subscriber::with_default};
use tracing_flame_layer::{Clock, FlameLayer};
use tracing_subscriber::{layer::SubscriberExt, registry, reload};

#[test]
fn a_layer_that_is_dropped_takes_no_more_time_for_what_it_hears_no_more_of() {
    let now = Arc::new(AtomicU64::new(0));
    let reading = Arc::clone(&now);
    let pass = |millis: u64| {
        now.fetch_add(millis * 1_000_000, Relaxed);
    };
    let clock = Clock::from_nanos(move || reading.load(Relaxed));
    let (layer, flame) = FlameLayer::builder().clock(clock).build();
    let (slot, handle) = reload::Layer::new(Some(layer));
    with_default(registry().with(slot), || {
        let request = info_span!("request").entered();
        pass(10);
        handle.reload(None).expect("a subscriber that is there");
        pass(10);
        drop(request);
        pass(3_600_000);
        info_span!("second request").in_scope(|| pass(10));
    });
    let profile = flame.snapshot();
    let measures: Vec<_> = profile.nodes().iter().map(|node| node.measures).collect();
    assert_eq!(measures.len(), 1);
    assert_eq!((measures[0].wall_nanos, measures[0].await_nanos), (10_000_000, 0));
    assert!(!flame.is_recording());
}
