//! Behaviour tests across the workspace; see `main.rs`. Here the documents'
//! programs are compiled.

/// The README.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
pub struct Readme;
