//! Behaviour tests across the workspace; see `main.rs`. Here the documents'
//! programs are compiled.

/// The README.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
pub struct Readme;

/// How to read a picture.
#[doc = include_str!("../docs/reading.md")]
#[cfg(doctest)]
pub struct Reading;

/// What a width means.
#[doc = include_str!("../docs/semantics.md")]
#[cfg(doctest)]
pub struct Semantics;
