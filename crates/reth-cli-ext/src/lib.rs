//! The `--flame` flags for reth and any other clap program.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod directives;
mod error;
mod format;
mod plan;
mod preset;
mod remember;
mod report;
mod session;
mod target;
mod typed;
mod window;

pub use args::FlameArgs;
pub use error::Error;
pub use preset::{Plain, Preset};
pub use report::{Reporter, Stderr};
pub use session::FlameSession;
