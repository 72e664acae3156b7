//! Runs two commands again and again, so that their recordings can be compared.
//!
//! ```text
//! warm up     before  after                      recordings thrown away
//! pair 1      after   before                     which comes first says a seed
//! pair 2      before  after
//! ..                                             look, where that was asked for
//! ```
//!
//! Whatever the machine does meanwhile, it does to both.

mod folder;
mod plan;
mod program;
mod progress;

pub(crate) use folder::Folder;
pub(crate) use plan::{Plan, Side, Step};
pub(crate) use program::Program;
pub(crate) use progress::Progress;
