//! Two runs of one program compared, frame by frame.
//!
//! Frames are those of the pictures, and two are the same where their stacks
//! have the same labels. Runs differ in how much they did, so times are divided
//! by the operations of the root that a frame stands on:
//!
//! ```text
//! before: 300 x block, 3.3 s        block    11 ms -> 9 ms
//! after:  600 x block, 5.4 s          commit  4 ms -> 2 ms   -2 ms  -50%
//! ```
//!
//! Folded stacks know no operations: where a run has time at a root but nothing
//! to divide it by, the frames on that root are compared as they are.

mod compare;
mod gate;
mod output;
mod run;
pub(crate) mod state;
#[cfg(feature = "svg")]
mod svg;
mod table;
mod tree;

pub(crate) use compare::{Compared, Times};
pub(crate) use gate::Gate;
pub(crate) use output::{Both, check as check_output};
pub(crate) use run::{Run, latencies};
pub(crate) use table::{printable, shortened, write as write_table};
pub(crate) use tree::Tree;
