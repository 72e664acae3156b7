//! Random programs: lists of instructions that mean something in any order.
//!
//! An instruction names a span by a number, which counts from the latest of those
//! that would do at that moment; where none would do it does nothing but let its
//! time pass. So every list is a program, and so is every part of one: failures
//! shrink by leaving instructions out, and the early ones can go first.

pub mod instruction;
mod special;
#[cfg(test)]
mod tests;
mod waiting;
mod writer;

use proptest::{collection::vec, prelude::*, sample::select};

use self::{
    instruction::{Instruction, instruction, letting_go},
    writer::interpret,
};
pub use self::{
    special::{nested_programs, side_by_side_programs, windows},
    waiting::waiting_programs,
};
use crate::{FilterPlace, Program};

/// The variable that says how many random programs each property runs.
const CASES: &str = "FLAME_SEMANTICS_CASES";
const DEFAULT_CASES: u32 = 2_000;

pub const NAMES: [&str; 22] = [
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
pub const THREADS: usize = 4;

/// One `part`-th of the cases the environment asks for.
pub fn config(part: u32) -> ProptestConfig {
    let cases = std::env::var(CASES).ok().map_or(DEFAULT_CASES, |cases| {
        cases.parse().unwrap_or_else(|_| panic!("{CASES}={cases} is no number of cases"))
    });
    ProptestConfig { cases: (cases / part).max(1), failure_persistence: None, ..Default::default() }
}

/// Ten times the cases that the environment asks for, where one takes little.
pub fn config_of_many() -> ProptestConfig {
    let config = config(1);
    let times = if std::env::var_os(CASES).is_some() { 10 } else { 1 };
    ProptestConfig { cases: config.cases.saturating_mul(times), ..config }
}

/// Programs that do everything a program can do wrong or right.
pub fn programs() -> impl Strategy<Value = Program> {
    let prefixes = [7, 11, NAMES.len(), NAMES.len()].map(|names| &NAMES[..names]);
    programs_of(select(prefixes.to_vec()), THREADS, instruction())
}

/// Programs in which spans are held more often than not.
pub fn detaching_programs() -> impl Strategy<Value = Program> {
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
pub fn program(
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
