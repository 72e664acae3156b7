//! The real layer against the definition: worked timelines, cases that are easy
//! to get wrong, and random programs that the oracle judges.

mod alone;
mod cases;
mod classes;
mod engine;
mod laws;
mod orphans;
mod registry_model;
mod regressions;
pub(crate) mod scene;
mod states;
mod timelines;
