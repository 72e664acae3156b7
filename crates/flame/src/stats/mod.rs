//! The statistics of comparing runs: pure functions of numbers, one number a run.
//!
//! A run is the unit. Operations of one run share the machine's mood and whatever ran beside
//! them, so a thousand of them say less than two runs do; what varies is looked at from run to
//! run only.
//!
//! ```text
//! contrast     two means, and how well they are known: Welch, pairs, Fieller
//! student      the distribution that says how far such a thing strays by chance
//! discoveries  which of many frames may be told at once: Benjamini and Hochberg
//! looks        when it may be looked before all runs are there
//! ```
//!
//! Why these: docs/compare.md has what each of several methods did on recorded runs.

mod contrast;
mod discoveries;
mod looks;
mod student;

pub(crate) use contrast::{Contrast, Interval};
pub(crate) use discoveries::discoveries;
pub(crate) use looks::{Look, looks};
