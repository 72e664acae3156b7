//! That random programs come to everything that they are there for.

use std::collections::BTreeMap;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{detaching_programs, programs};
use crate::{Exact, Happening, Outcome, SpanKey, Step, Watcher, World, replay, watch};

/// What became of spans and operations that were held for some time.
#[derive(Default)]
struct Held {
    seen: BTreeMap<&'static str, u32>,
    nanos: BTreeMap<SpanKey, u64>,
}

impl Watcher for Held {
    fn pass(&mut self, world: &World, nanos: u64) {
        let held = world.spans().filter(|(_, span)| span.held.is_some() && span.entered_before);
        held.for_each(|(key, _)| *self.nanos.entry(key).or_default() += nanos);
    }

    fn happened(
        &mut self,
        world: &World,
        step: Option<&Step>,
        _happenings: &[Happening],
        outcomes: &[Outcome],
        _now: u64,
    ) {
        for outcome in outcomes {
            let (key, what) = match outcome {
                Outcome::SpanGoesOn(key) if step.is_none() => (key, "is kept by a handle"),
                Outcome::SpanGoesOn(key) if world.is_entered_anywhere(*key) => (key, "is entered"),
                Outcome::SpanGoesOn(key) => (key, "has a child that goes on"),
                Outcome::SpanEnded(key, _) => (key, "has ended"),
                Outcome::GoesOn(key, holders) if holders.len() > 1 => (key, "shares its wait"),
                Outcome::GoesOn(key, _) => (key, "has waited"),
                Outcome::Ended(key, _) => (key, "has not waited in the end"),
            };
            *self.seen.entry(what).or_default() +=
                u32::from(self.nanos.get(key).is_some_and(|nanos| *nanos > 0));
        }
        self.nanos.retain(|key, _| world.span(*key).held.is_some());
    }
}

#[test]
fn random_programs_hold_spans_with_every_outcome() {
    let mut runner = TestRunner::deterministic();
    let mut held = Held::default();
    for _ in 0..2_000 {
        let program = detaching_programs().new_tree(&mut runner).expect("no filter").current();
        watch(&program, &mut held);
        held.nanos.clear();
    }
    let rare = held.seen.values().any(|times| *times < 5);
    assert!(held.seen.len() == 7 && !rare, "some outcome is rare: {:?}", held.seen);
}

#[test]
fn random_programs_reach_every_rule_and_every_trouble() {
    let mut runner = TestRunner::deterministic();
    let programs = (0..400).map(|_| programs().new_tree(&mut runner).expect("no filter").current());
    let mut reached = BTreeMap::<&str, u32>::new();
    for reading in programs.filter_map(|program| replay(&program).pop()) {
        let nodes = || reading.nodes.values();
        let seen = [
            ("shares", reading.towers.values().any(|tower| tower.divided)),
            ("waits for another", reading.towers.values().any(|tower| tower.waited)),
            ("awaits", nodes().any(|node| node.awaited > Exact::default())),
            ("unmatched exit", reading.troubles.unmatched_exits > 0),
            ("closed while entered", reading.troubles.closed_while_entered > 0),
            ("exited by thread end", reading.troubles.exited_by_thread_end > 0),
            ("late value", reading.troubles.late_values > 0),
            ("value in time", reading.nodes.keys().flatten().any(|name| name.ends_with('}'))),
            ("deep", reading.nodes.keys().any(|path| path.len() > 4)),
        ];
        for (what, seen) in seen {
            *reached.entry(what).or_default() += u32::from(seen);
        }
    }
    let rare = reached.values().any(|programs| *programs < 10);
    assert!(!rare, "of 400 programs too few reach something: {reached:?}");
}
