//! What following an operation costs a span.
//!
//! ```text
//! cargo test --release -p flame-tests slow::cost -- --ignored --nocapture
//! ```

use std::time::Instant;

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::{Builder, FlameLayer};
use tracing_subscriber::{layer::SubscriberExt, registry};

const SPANS: u32 = 1_000;
const ROUNDS: u32 = 300;

/// The quickest round's nanoseconds for a span below an operation.
fn nanos(settings: impl FnOnce(Builder) -> Builder) -> f64 {
    let (layer, _flame) = settings(FlameLayer::builder()).build();
    let round = || {
        let begun = Instant::now();
        let _block = info_span!("block").entered();
        for _ in 0..SPANS {
            let _step = debug_span!("step").entered();
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(SPANS)
    };
    with_default(registry().with(layer), || {
        (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
    })
}

#[test]
#[ignore = "tells times, which depend on the machine"]
fn a_span_of_an_operation_that_is_followed_costs_more() {
    let plain = nanos(|builder| builder);
    let named = nanos(|builder| builder.operations(["block"]));
    let followed = nanos(|builder| builder.operations(["block"]).slowest(10));
    eprintln!("a span: {plain:.0} ns plain, {named:.0} ns named, {followed:.0} ns followed");
    assert!(followed > 0.0 && named > 0.0);
}
