//! What was measured up to a moment: what the engine hands out, and how windows are cut from
//! it.
//!
//! ```text
//! snapshot   everything up to a moment     measured   what was measured at a node
//! paths      the call tree, for readers    ticks      ... counts and times
//! named      ... by threads of one name    latencies  ... how long calls took
//! live       threads that have not ended   histogram  ... by buckets
//! waits      from creation to first enter  states     what threads did meanwhile
//! orphans    likely parts of others        classes    ... by classes of latency
//! reasons    what they were asleep for      heatmap    when operations ended, and their latency
//! counted    what the system counted for operations of a class
//! ```

#![expect(
    clippy::arithmetic_side_effects,
    reason = "times do not run backwards, and counts are of what there is"
)]

mod classes;
mod counted;
mod heatmap;
mod histogram;
mod latencies;
mod live;
mod measured;
mod named;
mod orphans;
mod paths;
mod reasons;
mod snapshot;
mod states;
mod ticks;
mod waits;

pub(crate) use self::{
    classes::{Class, ClassRow, Classes},
    counted::CountCell,
    heatmap::{Cell, Column, Heatmap},
    histogram::{Bucket, Histogram},
    latencies::Latencies,
    live::LiveThread,
    measured::Measured,
    named::{NamedThreads, Share},
    orphans::OrphanPairs,
    paths::{NodeId, Path, Paths, Step},
    reasons::{Asleep, AsleepByNode, ReasonId, Reasons},
    snapshot::Snapshot,
    states::{States, Telling, Told, ToldByNode},
    ticks::{Ticks, share_of, ticks_of},
    waits::Waits,
};
