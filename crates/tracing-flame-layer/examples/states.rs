//! What a thread did while it was in a span: `.ci/run` runs it with another C library, where a
//! thread has nothing to tell it that it was switched out.

use std::{process::ExitCode, thread, time::Duration};

use tracing::info_span;
use tracing_flame_layer::{
    FlameLayer,
    profile::{Frame, StateSource},
};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

const NAPS: u32 = 20;
const NAP: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    let (layer, flame) = FlameLayer::builder().partial_states(true).build();
    tracing_subscriber::registry().with(layer).init();
    for _ in 0..NAPS {
        info_span!("nap").in_scope(|| thread::sleep(NAP));
    }
    let profile = flame.snapshot();
    let is_nap = |frame: &Frame| matches!(frame, Frame::Span(it) if it.name == "nap");
    let Some(nap) = profile.nodes().iter().find(|node| is_nap(&node.frame)) else {
        return ExitCode::FAILURE;
    };
    let (entered, states) = (nap.measures.busy_nanos, nap.measures.busy_states);
    println!("states: {:?}", profile.states());
    println!("{entered} ns in naps: {states:?}");
    let slept = u128::from(states.blocked_nanos + states.off_cpu_nanos);
    let is_true = profile.states().is_some_and(StateSource::is_known)
        && slept >= (NAP * NAPS).as_nanos()
        && slept <= u128::from(entered)
        && states.unknown_nanos == 0;
    ExitCode::from(u8::from(!is_true))
}
