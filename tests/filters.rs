//! Filters inside the layer.

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{EnvFilter, Registry, layer::SubscriberExt, registry};

/// The names of the spans that are recorded under a filter: of two at `debug`, one of which is
/// within another.
fn recorded<F: tracing_subscriber::layer::Filter<Registry> + Send + Sync + 'static>(
    filter: F,
) -> Vec<String> {
    let (layer, flame) = FlameLayer::new();
    with_default(registry().with(layer.with_filter(filter)), || {
        info_span!("request").in_scope(|| debug_span!("inner").in_scope(|| ()));
        debug_span!("outside").in_scope(|| ());
    });
    let profile = flame.snapshot();
    let names = profile.nodes().frames().filter_map(|frame| frame.callsite());
    names.map(|callsite| callsite.name.to_string()).collect()
}

#[test]
fn a_filter_that_goes_by_what_is_entered_records_what_it_wants() {
    assert_eq!(recorded(EnvFilter::new("off,[request]=debug")), ["request", "inner"]);
    assert_eq!(recorded(EnvFilter::new("off,[nowhere]=debug")), [""; 0]);
    assert_eq!(recorded(EnvFilter::new("debug")), ["request", "inner", "outside"]);
}
