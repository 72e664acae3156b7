//! Recording: what each callback does, and what a snapshot reads.
//!
//! ```text
//! current    from a callback to the thread's side      snapshot   reading it all
//! quick      what usually is to do                     recorder   what threads share
//! create     a span is created
//! visit      a span is entered or exited               threads    all of them
//! close      a span closes, a thread ends              thread     one of them
//! fresh      a root passes from thread to thread
//! lease      a thread has a part of an operation to itself
//! find       an open span is looked for                state      its stack and own chain
//! share      an operation gets a record                chain      ... steps it usually takes
//! operation  ... which gives out its time              frames     ... in a row
//! shared_clock  ... as those who share it see it pass  table      where its spans stand
//! work       ... by a clock that is read without its lock
//! paths      the call tree, numbered                   cell       counters at a node
//! values     of named fields, numbered                 text       ... as text, cut off
//! fill       a span gets a value later on              role       what the user said of it
//! queue      how long spans wait for their first enter
//! latencies  how long calls took, read                 histogram  ... and by how long
//! pooled     ... where threads count them together
//! reading    what all threads counted, added up        measured   ... at one node
//! room       memory that may not be there              counted    ... for several owners
//! live       threads that have not ended               cpu        their CPU time
//! follow     an own operation and its capture          capture    one operation by itself
//! followed   ... an operation with a record and its own
//! captures   the slowest of them                       rolling    ... and what is slow
//! log        what was logged in one
//! ```
//!
//! A callback runs on the host's threads, so it must not panic, and what needs
//! memory can do without.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod barrier;
mod biased;
#[cfg(test)]
pub(crate) mod callsites;
mod capture;
mod captures;
mod cell;
mod chain;
mod children;
mod close;
mod counted;
mod cpu;
mod create;
mod current;
mod fill;
mod find;
mod follow;
mod followed;
mod frames;
mod fresh;
mod hash;
mod histogram;
mod latencies;
mod lease;
mod live;
mod log;
mod measured;
#[cfg(all(test, loom))]
mod models;
mod named;
mod operation;
mod operations;
mod overflow;
mod paged;
mod paths;
mod pooled;
mod queue;
mod quick;
mod reading;
mod recorder;
mod role;
mod rolling;
mod room;
mod share;
mod shared_clock;
mod slots;
mod snapshot;
#[cfg(all(test, not(loom)))]
mod soundness;
mod spans;
mod state;
mod sync;
mod table;
mod text;
mod thread;
mod threads;
mod ticks;
mod values;
mod visit;
mod work;

pub(crate) use capture::{Capture, Place};
pub(crate) use captures::{Ended, Missing, Slow, Wanted};
pub(crate) use counted::Counted;
pub(crate) use create::Parent;
pub(crate) use current::{Current, with_local};
pub(crate) use hash::IdHasher;
pub(crate) use latencies::Latencies;
pub(crate) use measured::Measured;
pub(crate) use named::{NamedThreads, Share};
pub(crate) use paths::{Bounds, PathId, PathNode, Paths, Step};
pub(crate) use recorder::Recorder;
pub(crate) use role::Roles;
pub(crate) use snapshot::Snapshot;
pub(crate) use thread::Local;
pub(crate) use ticks::{Ticks, entered, ticks_of};
pub(crate) use values::{Named, Values};
