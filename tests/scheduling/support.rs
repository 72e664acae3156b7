//! A layer, and what it recorded of the spans of a name.

use std::{thread, time::Duration};

use tracing::{Dispatch, dispatcher};
use tracing_flame_layer::{
    Flame, FlameLayer, Profile,
    profile::{Measures, StateSource},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::counters::{Counters, Source};
use crate::tools;

/// A subscriber with a layer in it, and the layer's handle.
pub(super) fn record() -> (Dispatch, Flame) {
    let (layer, flame) = FlameLayer::new();
    (Dispatch::new(registry().with(layer)), flame)
}

/// Whether states are to be had here. Where they are not, nothing else is asserted.
pub(super) fn are_to_be_had(profile: &Profile) -> bool {
    let known = profile.states();
    if known == Some(&StateSource::Exact) {
        return true;
    }
    // Elsewhere no thread has a word that says that it was switched out.
    if cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        tools::skip(&format!("of states there is {known:?}"));
    }
    false
}

/// Sleeps until the thread was blocked for half of a time or longer in one sleep, and says what
/// it did then. On a busy machine it may be kept from its CPU on the way into a sleep, and the
/// time is over before it is asleep.
pub(super) fn sleep(source: &Source, length: Duration) -> Counters {
    loop {
        let before = source.before();
        thread::sleep(length);
        let slept = source.after().since(before);
        if least_blocked(slept) >= length.as_nanos() as u64 / 2 {
            return slept;
        }
    }
}

/// For how long a thread was surely blocked between two readings.
fn least_blocked(truth: Counters) -> u64 {
    truth.wall.saturating_sub(truth.cpu + truth.delay)
}

/// For how long a thread was blocked at the most between two readings, and while they were
/// made.
fn most_blocked(truth: Counters) -> u64 {
    truth.around.saturating_sub(truth.cpu + truth.delay)
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
    let most = |nanos: u64| nanos + tolerance(recorded, truth, nanos);
    let on_cpu = states.on_cpu_nanos(busy);
    let blocked = most_blocked(truth);
    let is_within = on_cpu <= most(truth.cpu)
        && states.runnable_nanos <= most(truth.delay)
        && states.blocked_nanos <= most(blocked)
        && states.off_nanos() <= busy;
    assert!(is_within, "{recorded:?} is not within {truth:?}");
}

/// That spans in which threads slept have what these were blocked for then.
pub(super) fn assert_slept(recorded: &Measures, slept: Counters) {
    let least = least_blocked(slept);
    let told = recorded.busy_states.blocked_nanos;
    let is_told = told + tolerance(recorded, slept, least) >= least;
    assert!(least > 0 && is_told, "{recorded:?} is less than {slept:?}");
}

/// Two clocks of the kernel's and the processor's counter measure one time: they differ by
/// parts in ten thousand, and are read one after the other.
fn tolerance(recorded: &Measures, truth: Counters, nanos: u64) -> u64 {
    nanos / 200 + 20_000 * (recorded.enters + truth.switches + 2)
}

/// Calls with a subscriber for this thread.
pub(super) fn under<T>(subscriber: &Dispatch, call: impl FnOnce() -> T) -> T {
    dispatcher::with_default(subscriber, call)
}
