//! Recording: what each callback does, and what a snapshot reads.
//!
//! ```text
//! recorder   what each callback does        local      the thread's own stack
//! operation  one operation's shares         thread     what other threads see of it
//! paths      the call tree, numbered        cell       a thread's counters at a node
//! snapshot   reading it all while it runs   current    from a callback to its Local
//! ```

mod cell;
mod current;
mod hash;
mod local;
mod open_spans;
mod open_thread;
mod operation;
mod operations;
mod paged;
mod paths;
mod recorder;
mod role;
mod slots;
mod snapshot;
mod spans;
mod stack;
mod sync;
mod thread;
mod threads;

pub(crate) use cell::Ticks;
pub(crate) use current::{Current, with_local};
pub(crate) use open_spans::OpenSpan;
pub(crate) use paths::{Bounds, PathNode, Step};
pub(crate) use recorder::Recorder;
pub(crate) use role::Roles;
pub(crate) use snapshot::Snapshot;
