//! How `reth-cli-ext` and `flame` write a file without hurting what is there.
//!
//! A [`Target`] is looked at once, before any work, by what it is and not by the
//! text of its path, and then written to as often as there is something to write:
//!
//! ```text
//! what the path means                          how it is written
//! nothing yet, or a file                       beside it, then renamed over it
//! a file that cannot be renamed over           in place, the earlier content last
//! a device, a pipe                             as it is drawn
//! an open file: /dev/stdout, a link to it      at its end, never replaced
//! a file that this process writes to           refused
//! ```
//!
//! A write past a limit on file sizes, or to a pipe that nobody reads from, is an
//! error of that write and no signal of the process's: see [`quietly`].

mod beside;
mod descriptor;
mod leftovers;
mod links;
mod overwrite;
mod quiet;
mod stream;
mod target;
mod unusable;

pub use quiet::{Quiet, quietly};
pub use target::{Draft, Target, replace};
pub use unusable::Unusable;
