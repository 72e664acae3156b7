//! Random programs: lists of instructions that mean something in any order.
//!
//! An instruction names a span by a number, which counts from the latest of those
//! that would do at that moment; where none would do it does nothing but let its
//! time pass. So every list is a program, and so is every part of one: failures
//! shrink by leaving instructions out, and the early ones can go first.

pub(crate) mod instruction;
mod special;
mod waiting;
mod writer;

use std::collections::BTreeMap;

use proptest::{
    collection::vec, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner,
};

use self::{
    instruction::{Instruction, instruction, letting_go},
    writer::interpret,
};
pub(crate) use self::{
    special::{nested_programs, side_by_side_programs, windows},
    waiting::waiting_programs,
};
use crate::oracle::{
    FilterPlace, Happening, Outcome, Program, SpanKey, Step, Watcher, World, watch,
};

/// The variable that says how many random programs each property runs.
const CASES: &str = "FLAME_SEMANTICS_CASES";
const DEFAULT_CASES: u32 = 2_000;

pub(crate) const NAMES: [&str; 22] = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "named_a",
    "idle_a",
    "op_a",
    "skip_a",
    "detached_a",
    "filtered_a",
    "idle_b",
    "op_b",
    "skip_b",
    "filtered_b",
    "idle_op",
    "skip_op",
    "named_b",
    "named_op",
    "detached_b",
    "detached_op",
];
/// Names of which most are of detached spans.
const DETACHING: [&str; 7] = ["a", "detached_a", "b", "detached_op", "op_a", "detached_b", "c"];
const MOST_SPANS: usize = 30;
pub(crate) const THREADS: usize = 4;

/// One `part`-th of the cases the environment asks for.
pub(crate) fn config(part: u32) -> ProptestConfig {
    let cases = std::env::var(CASES).ok().map_or(DEFAULT_CASES, |cases| {
        cases.parse().unwrap_or_else(|_| panic!("{CASES}={cases} is no number of cases"))
    });
    ProptestConfig { cases: (cases / part).max(1), failure_persistence: None, ..Default::default() }
}

/// Ten times the cases that the environment asks for, where one takes little.
pub(crate) fn config_of_many() -> ProptestConfig {
    let config = config(1);
    let times = if std::env::var_os(CASES).is_some() { 10 } else { 1 };
    ProptestConfig { cases: config.cases.saturating_mul(times), ..config }
}

/// Programs that do everything a program can do wrong or right.
pub(crate) fn programs() -> impl Strategy<Value = Program> {
    let prefixes = [7, 11, NAMES.len(), NAMES.len()].map(|names| &NAMES[..names]);
    programs_of(select(prefixes.to_vec()), THREADS, instruction())
}

/// Programs in which spans are held more often than not.
pub(crate) fn detaching_programs() -> impl Strategy<Value = Program> {
    programs_of(Just(&DETACHING[..]), 2, letting_go())
}

fn programs_of(
    names: impl Strategy<Value = &'static [&'static str]>,
    threads: usize,
    instruction: impl Strategy<Value = Instruction>,
) -> impl Strategy<Value = Program> {
    (names, 1..=threads, filters(), any::<bool>(), vec(instruction, 1..80)).prop_map(
        |(names, threads, filter, paused, instructions)| {
            // Most programs record from the start.
            let paused = paused && instructions.len() % 4 == 0;
            program(names, threads, filter, paused, &instructions)
        },
    )
}

/// The program that instructions mean, with these names.
pub(crate) fn program(
    names: &[&str],
    threads: usize,
    filter: Option<FilterPlace>,
    paused: bool,
    instructions: &[Instruction],
) -> Program {
    interpret(marked(filter, paused), names, threads, instructions)
}

/// Not around the layer, where it cannot see what the filter keeps from it.
fn filters() -> impl Strategy<Value = Option<FilterPlace>> {
    select(vec![None, Some(FilterPlace::Inside), Some(FilterPlace::Callsites)])
}

fn marked(filter: Option<FilterPlace>, paused: bool) -> Program {
    let program = Program { paused, ..Program::default() }
        .idle(&["idle_a", "idle_b", "idle_op"])
        .operations(&["op_a", "op_b", "idle_op", "skip_op", "named_op", "detached_op"])
        .detached(&["detached_a", "detached_b", "detached_op"])
        .fields(&["named_a", "named_b", "named_op"])
        .skip(&["skip_a", "skip_b", "skip_op"]);
    match filter {
        Some(place) => program.filtered(&["filtered_a", "filtered_b"]).filter(place),
        None => program,
    }
}

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
    for reading in programs.filter_map(|program| crate::oracle::replay(&program).pop()) {
        let nodes = || reading.nodes.values();
        let seen = [
            ("shares", reading.towers.values().any(|tower| tower.divided)),
            ("waits for another", reading.towers.values().any(|tower| tower.waited)),
            ("awaits", nodes().any(|node| node.awaited > crate::oracle::Exact::default())),
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
