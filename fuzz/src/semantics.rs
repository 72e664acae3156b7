//! The tests' generator of programs, and their judge.

#[path = "../../tests/semantics/callsites.rs"]
mod callsites;
#[path = "../../tests/semantics/compare.rs"]
mod compare;
#[path = "../../tests/semantics/direct.rs"]
mod direct;
#[path = "../../tests/semantics/driver.rs"]
mod driver;
#[path = "../../tests/semantics/engine.rs"]
pub(crate) mod engine;
#[path = "../../tests/semantics/laws.rs"]
pub(crate) mod laws;
#[path = "../../tests/semantics/random/mod.rs"]
pub(crate) mod random;
#[path = "../../tests/semantics/recorded.rs"]
mod recorded;
#[path = "../../tests/semantics/registry_model.rs"]
mod registry_model;
