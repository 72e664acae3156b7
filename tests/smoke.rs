//! A span's time reaches the profile.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tracing_flame_layer::{Clock, FlameLayer};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn a_span_and_its_child_have_their_own_times() {
    let time = Arc::new(AtomicU64::new(0));
    let reading = Arc::clone(&time);
    let clock = Clock::from_nanos(move || reading.load(Relaxed));
    let (layer, flame) = FlameLayer::builder().clock(clock).build();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let outer = tracing::info_span!("outer").entered();
        time.store(10, Relaxed);
        let inner = tracing::info_span!("inner").entered();
        time.store(40, Relaxed);
        drop(inner);
        time.store(100, Relaxed);
        drop(outer);
    });
    let profile = flame.snapshot();
    let own = profile.nodes().iter().map(|n| (n.measures.wall_nanos, n.measures.busy_nanos));
    assert_eq!(own.collect::<Vec<_>>(), [(70, 70), (30, 30)]);
    let entered = profile.nodes().iter().map(|n| n.measures.entered_nanos);
    assert_eq!(entered.collect::<Vec<_>>(), [100, 30]);
}
