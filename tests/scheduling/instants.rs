//! What a thread did in an operation by itself, and when.

use std::time::Duration;

use tracing::{Dispatch, info_span};
use tracing_flame_layer::{
    FlameLayer, SpanSelector,
    profile::{Absence, Operation, States},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{
    counters::Source,
    support::{are_to_be_had, sleep, under},
};

const NAPS: usize = 5;
const NAP: Duration = Duration::from_millis(2);

/// An operation whose thread sleeps several times without a change of frames.
fn operation() -> Operation {
    let operations = SpanSelector::parse_list("naps").expect("a name");
    let (layer, flame) = FlameLayer::builder().operations(operations).slowest(1).build();
    let subscriber = Dispatch::new(registry().with(layer));
    under(&subscriber, || {
        info_span!("before").in_scope(|| ());
        let source = Source::of_this_thread().expect("counters");
        info_span!("naps").in_scope(|| {
            for _ in 0..NAPS {
                sleep(&source, NAP);
            }
        });
    });
    flame.slowest().pop().expect("one operation")
}

#[test]
fn each_of_several_sleeps_in_a_frame_has_its_place() {
    let operation = operation();
    if !are_to_be_had(operation.profile()) {
        return;
    }
    let absences = &operation.chart().absences;
    let node = operation.profile().nodes().iter().next().expect("the root").measures;
    let sum = absences.iter().map(|absence| absence.states).fold(States::default(), States::plus);
    let told = node.busy_states;
    let nap = NAP.as_nanos() as u64 / 2;
    // Of the way in the kernel bills some microseconds as time on a CPU, and what is in one place
    // alone it is told of; the rest is off-CPU.
    let billed = sum.off_nanos() / 10 + 1_000_000;
    assert!(sum.off_nanos() + sum.off_nanos() / 32 + 10 >= told.off_nanos(), "{absences:?}");
    assert!(sum.off_nanos() <= told.off_nanos() + billed, "{absences:?} of {told:?}");
    assert!(sum.blocked_nanos <= told.blocked_nanos + billed, "{absences:?} of {told:?}");
    let mut end = 0;
    for absence in absences {
        assert!(end <= absence.from_nanos && absence.from_nanos < absence.to_nanos, "{absences:?}");
        end = absence.to_nanos;
    }
    assert!(end <= operation.nanos(), "{absences:?}");
    // Where the kernel notes switches down, each nap has its place: it was asleep for half of
    // it at the least.
    let is_nap = |absence: &&Absence| absence.to_nanos - absence.from_nanos >= nap;
    let naps = absences.iter().filter(is_nap).count();
    println!("{naps} pieces as long as half a nap, of {}", absences.len());
    assert!(naps >= NAPS || absences.len() == 1, "{absences:?}");
}
