//! The referee: what the layer should have recorded, and whether it did.
//!
//! The files beside this one are the oracle: every measure by brute force, from the words
//! of the definition. It takes a [`Program`], a plain list of (time, thread, event), cuts
//! time at every event, and asks for each stretch between two events who works and who
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
//!
//! [`random`] makes programs. [`driver`] runs one with the layer, or tells an engine of it, and
//! judges what was recorded by the oracle's reading. [`formats`] has readers of the written
//! files, which share no code with the writers.
//!
//! Tests and fuzzing depend on this crate; it is not published.
#![allow(missing_docs, reason = "fields and variants are named by the words of the definition")]
#![allow(clippy::missing_errors_doc, reason = "an error says what differs")]

#[macro_use]
mod made;

mod alone;
mod classes;
mod critical;
pub mod driver;
mod exact;
pub mod formats;
mod held;
mod orphans;
mod program;
pub mod random;
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
pub mod timelines;
mod tree;
mod world;

pub use alone::{Alone, operations_alone};
pub use classes::{Class, classes, heat};
pub use critical::{Going, PathStep, critical_path};
pub use exact::Exact;
pub use held::{GRACE, Outcome, Watcher, watch};
pub use orphans::OrphansByPath;
pub use program::{Event, FilterPlace, Marks, Parent, Program, SpanKey, Step};
pub use reading::{Measures, Path, Reading};
pub use registry::Registry;
pub use replay::replay;
pub use scheduler::{Account, CALLS, Change, Glance, Schedule, Scheduler, State};
pub use states::{
    ByState, Look, Looks, NodeStates, StatesByPath, TimedStates, Told, states, states_in_time,
};
pub use tree::{AWAIT, assert_tree, below, render};
pub use world::{Happening, World};
