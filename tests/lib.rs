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

/// Command-line programs.
#[doc = include_str!("../docs/command-line.md")]
#[cfg(doctest)]
pub struct CommandLine;

/// How to put spans on a hot path.
#[doc = include_str!("../docs/instrumenting.md")]
#[cfg(doctest)]
pub struct Instrumenting;

/// What a width means.
#[doc = include_str!("../docs/semantics.md")]
#[cfg(doctest)]
pub struct Semantics;
