//! What a span costs, here and in other tools, side by side.
//!
//! A *subject* is one way to set a process up: a subscriber with a layer, or
//! another tool. A *shape* is a pattern of spans. A worker is a process with one
//! subject, installed globally, that runs shapes as it is told; the benches ask
//! all workers in turn, so that what disturbs the machine disturbs all of them.

pub mod allocations;
pub mod callgrind;
pub mod clock;
pub mod crew;
pub mod delays;
pub mod document;
pub mod drain;
pub mod figures;
pub mod import;
pub mod layers;
pub mod limits;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod older;
pub mod overload;
pub mod plan;
pub mod report;
pub mod selves;
pub mod shape;
pub mod snapshots;
pub mod stacks;
pub mod subject;
pub mod table;
pub mod worker;

/// Whatever went wrong, in words.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
/// A result in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
