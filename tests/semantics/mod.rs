//! The real layer against the definition: worked timelines, cases that are easy
//! to get wrong, and random programs that the oracle judges.

mod alone;
mod callsites;
mod cases;
mod classes;
mod compare;
mod direct;
mod driver;
mod engine;
mod laws;
mod orphans;
mod random;
mod recorded;
mod registry_model;
mod regressions;
pub(crate) mod scene;
mod states;
mod timelines;
