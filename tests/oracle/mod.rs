//! The referee: every measure by brute force, from the words of the definition.
//!
//! It takes a [`Program`], a plain list of (time, thread, event), cuts time at
//! every event, and asks for each stretch between two events who works and who
//! waits, from nothing but the spans that are open and the stacks of the threads
//! at that moment. Nothing is remembered from one stretch to the next but sums,
//! and the sums are exact fractions. It is slow, it shares no code with the
//! layer, and it is meant to be read beside `docs/semantics.md`.
//!
//! ```text
//! program -> held: stretches    -> replay: sums a path -> reading
//!              world: spans and stacks
//!              rules: who shares them
//! scheduler -> states: what threads did meanwhile, as far as readings tell
//!              sightings: what they were asleep for
//!              orphans: who most likely waited for whom
//! ```

mod alone;
mod classes;
mod critical;
mod exact;
mod held;
mod orphans;
mod program;
mod reading;
mod registry;
mod replay;
mod rules;
mod scheduler;
mod script;
mod sightings;
mod states;
#[cfg(test)]
mod tests;
pub(crate) mod timelines;
mod tree;
mod world;

pub(crate) use alone::{Alone, operations_alone};
pub(crate) use classes::{Class, classes, heat};
pub(crate) use critical::{Going, PathStep, critical_path};
pub(crate) use exact::Exact;
pub(crate) use held::{GRACE, Outcome, Watcher, watch};
pub(crate) use orphans::OrphansByPath;
pub(crate) use program::{Event, FilterPlace, Marks, Parent, Program, SpanKey, Step};
pub(crate) use reading::{Measures, Path, Reading};
pub(crate) use registry::Registry;
pub(crate) use replay::replay;
pub(crate) use scheduler::{Account, CALLS, Change, Glance, Schedule, Scheduler, State};
pub(crate) use states::{
    ByState, Look, Looks, NodeStates, StatesByPath, TimedStates, Told, states, states_in_time,
};
pub(crate) use tree::{AWAIT, assert_tree, below, render};
pub(crate) use world::{Happening, World};
