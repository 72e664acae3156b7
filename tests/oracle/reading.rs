//! What a snapshot must show.

use std::collections::BTreeMap;

use super::Exact;

/// The names from an operation's root down to a node.
pub type Path = Vec<String>;

/// What is measured at a node itself, its descendants left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    pub calls: u64,
    pub started: u64,
    pub enters: u64,
    pub wall: Exact,
    pub awaited: Exact,
    pub busy_nanos: u64,
    pub entered_nanos: u64,
    pub latency_nanos: u64,
    /// The longest latency, time that was not recorded left out.
    pub max_latency_nanos: u64,
    /// The longest latency, time that was not recorded included.
    pub max_whole_latency_nanos: u64,
}

/// What the operations under one root have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tower {
    /// How long they lived, taken together.
    pub life_nanos: u64,
    /// How many events touched them.
    pub switches: u64,
    /// How many nodes had a share of each of them, added up over the operations;
    /// a span's own frame and its `[await]` are two.
    pub nodes: u64,
    /// Whether an instant of one of them was ever shared, recorded or not.
    pub divided: bool,
    /// Whether a working thread was ever left out because it waited for another.
    pub waited: bool,
}

/// How often a program did what a correct one never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    pub unmatched_exits: u64,
    /// Those of them whose span was entered on another thread.
    pub exited_elsewhere: u64,
    pub closed_while_entered: u64,
    pub exited_by_thread_end: u64,
    pub late_values: u64,
}

/// Everything that was measured up to one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub recorded_nanos: u64,
    /// The time in which any operation lived.
    pub covered_nanos: u64,
    pub nodes: BTreeMap<Path, Measures>,
    /// By the name of the operation's root.
    pub towers: BTreeMap<String, Tower>,
    pub troubles: Troubles,
}
