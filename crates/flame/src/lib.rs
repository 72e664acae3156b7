//! The `flame` program: looks at what
//! [`tracing-flame-layer`](tracing_flame_layer) wrote, converts it to another
//! format, and compares two runs.
//!
//! ```text
//! read/    .json and folded stacks -> Profile, with bounds on everything
//! command/ top, convert, diff: one file each
//! diff/    two profiles -> one tree of frames -> table, gate, picture
//! ```
//!
//! All of it is a library, so that it can be tested without a process.

mod cli;
mod command;
mod diff;
mod error;
mod human;
mod read;
mod write;

pub use cli::run;
pub use error::Error;
pub use read::{Given, How, Kind, Unit, from_bytes, from_path, two_from_path};
