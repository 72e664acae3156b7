//! The `flame` program: looks at what
//! [`tracing-flame-layer`](tracing_flame_layer) wrote, converts it to another
//! format, and compares runs.
//!
//! ```text
//! read/    .json and folded stacks -> Profile, with bounds on everything
//! command/ top, explain, convert, diff, compare, bench: one file each
//! diff/    two profiles -> one tree of frames -> table, gate, picture
//! compare/ several profiles a side -> numbers, one a run -> verdicts, reasons, gate
//! stats/   what may be said of such numbers
//! bench/   two commands, run in turn
//! ```
//!
//! All of it is a library, so that it can be tested without a process.

mod bench;
mod cli;
mod command;
mod compare;
mod diff;
mod error;
mod human;
mod read;
mod stats;
mod write;

pub use cli::run;
pub use error::Error;
pub use read::{Given, How, Kind, Unit, from_bytes, from_path, operation_from_path, two_from_path};
