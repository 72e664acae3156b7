//! A layer, and what it recorded of the spans of a name.

use tracing::{Dispatch, dispatcher};
use tracing_flame_layer::{
    Flame, FlameLayer, Profile,
    profile::{Measures, StateSource},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::counters::Counters;

/// A subscriber with a layer in it, and the layer's handle.
pub(super) fn record() -> (Dispatch, Flame) {
    let (layer, flame) = FlameLayer::new();
    (Dispatch::new(registry().with(layer)), flame)
}

/// Whether states are to be had here. Where they are not, nothing else is asserted.
pub(super) fn are_to_be_had(profile: &Profile) -> bool {
    profile.states() == Some(&StateSource::Exact)
}

/// The sums of all nodes of a name.
pub(super) fn measures(profile: &Profile, name: &str) -> Measures {
    let nodes = profile
        .nodes()
        .iter()
        .filter(|node| node.frame.callsite().is_some_and(|callsite| callsite.name == name));
    nodes.fold(Measures::default(), |sum, node| {
        made!(Measures {
            wall_nanos: sum.wall_nanos + node.measures.wall_nanos,
            busy_nanos: sum.busy_nanos + node.measures.busy_nanos,
            enters: sum.enters + node.measures.enters,
            wall_states: sum.wall_states.plus(node.measures.wall_states),
            busy_states: sum.busy_states.plus(node.measures.busy_states),
            switches: sum.switches.plus(node.measures.switches),
            ..sum
        })
    })
}

/// That what was recorded of spans is no more than what threads truly did around them, state
/// by state, and adds up.
pub(super) fn assert_within(recorded: &Measures, truth: Counters) {
    let (states, busy) = (recorded.busy_states, recorded.busy_nanos);
    // Two clocks of the kernel's and the processor's counter measure one time: they differ by
    // parts in ten thousand, and are read one after the other.
    let most = |nanos: u64| nanos + nanos / 200 + 20_000 * (recorded.enters + truth.switches + 2);
    let on_cpu = states.on_cpu_nanos(busy);
    let blocked = truth.wall.saturating_sub(truth.cpu + truth.delay);
    let is_within = on_cpu <= most(truth.cpu)
        && states.runnable_nanos <= most(truth.delay)
        && states.blocked_nanos <= most(blocked)
        && states.off_nanos() <= busy;
    assert!(is_within, "{recorded:?} is not within {truth:?}");
}

/// Calls with a subscriber for this thread.
pub(super) fn under<T>(subscriber: &Dispatch, call: impl FnOnce() -> T) -> T {
    dispatcher::with_default(subscriber, call)
}
