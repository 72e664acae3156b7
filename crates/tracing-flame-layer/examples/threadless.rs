//! More spans than all logs have room for, where no thread can be had: `.ci/run` builds it for
//! WebAssembly and runs it there. Whoever needs room reads the logs, and so does a snapshot.

use std::process::ExitCode;

use tracing::info_span;
use tracing_flame_layer::{FlameLayer, profile::Frame};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

/// The logs have room for some 30,000.
const SPANS: u64 = 200_000;

fn main() -> ExitCode {
    let (layer, flame) = FlameLayer::new();
    tracing_subscriber::registry().with(layer).init();
    for _ in 0..SPANS {
        info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| ()));
    }
    let has_threads = std::thread::Builder::new().spawn(|| ()).is_ok();
    let profile = flame.snapshot();
    let is = |frame: &Frame, name: &str| matches!(frame, Frame::Span(it) if it.name == name);
    let called = ["outer", "inner"].map(|name| {
        let named = profile.nodes().iter().filter(|node| is(&node.frame, name));
        named.map(|node| node.measures.calls).sum::<u64>()
    });
    let lost = profile.anomalies().lost;
    println!("threads: {has_threads}; recorded: {called:?} of {SPANS}; lost: {lost}");
    ExitCode::from(u8::from(called != [SPANS; 2] || lost != 0))
}
