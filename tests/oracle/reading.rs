//! What a snapshot must show.

use std::collections::BTreeMap;

use super::Exact;

/// The names from an operation's root down to a node.
pub(crate) type Path = Vec<String>;

/// What is measured at a node itself, its descendants left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measures {
    pub(crate) calls: u64,
    pub(crate) started: u64,
    pub(crate) enters: u64,
    pub(crate) wall: Exact,
    pub(crate) awaited: Exact,
    pub(crate) busy_nanos: u64,
    pub(crate) entered_nanos: u64,
    pub(crate) latency_nanos: u64,
    /// The longest latency, time that was not recorded left out.
    pub(crate) max_latency_nanos: u64,
    /// The longest latency, time that was not recorded included.
    pub(crate) max_whole_latency_nanos: u64,
}

/// What the operations under one root have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tower {
    /// How long they lived, taken together.
    pub(crate) life_nanos: u64,
    /// How many events touched them.
    pub(crate) switches: u64,
    /// How many nodes had a share of each of them, added up over the operations;
    /// a span's own frame and its `[await]` are two.
    pub(crate) nodes: u64,
    /// Whether an instant of one of them was ever shared, recorded or not.
    pub(crate) divided: bool,
    /// Whether a working thread was ever left out because it waited for another.
    pub(crate) waited: bool,
}

/// How often a program did what a correct one never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Troubles {
    pub(crate) unmatched_exits: u64,
    /// Those of them whose span was entered on another thread.
    pub(crate) exited_elsewhere: u64,
    pub(crate) closed_while_entered: u64,
    pub(crate) exited_by_thread_end: u64,
    pub(crate) late_values: u64,
}

/// Everything that was measured up to one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) recorded_nanos: u64,
    /// The time in which any operation lived.
    pub(crate) covered_nanos: u64,
    pub(crate) nodes: BTreeMap<Path, Measures>,
    /// By the name of the operation's root.
    pub(crate) towers: BTreeMap<String, Tower>,
    pub(crate) troubles: Troubles,
}
