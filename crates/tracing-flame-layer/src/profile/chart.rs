//! One operation in the order of time.

use std::sync::Arc;

use super::NodeId;

/// A span that was entered on a thread, times in nanoseconds since the operation
/// came to life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Which span it was: its place in the operation's order of creation.
    pub span: u32,
    /// The span's stack.
    pub node: NodeId,
    /// The thread, by its place in [`Chart::threads`].
    pub thread: usize,
    /// How many spans of the operation the thread was in already.
    pub depth: u16,
    /// The enter.
    pub from_nanos: u64,
    /// The exit.
    pub to_nanos: u64,
}

/// A stretch in which the operation went on at one span: a thread worked there
/// and waited for nobody, or the span was pending and nothing below it was, nor
/// was worked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strand {
    /// Which span it was, as for [`Visit::span`].
    pub span: u32,
    /// The span's stack.
    pub node: NodeId,
    /// The thread that worked; `None` where the span was awaited.
    pub thread: Option<usize>,
    /// When it began.
    pub from_nanos: u64,
    /// When it ended.
    pub to_nanos: u64,
}

/// How many stretches of a kind are missing in a [`Chart`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// So many.
    pub count: u64,
    /// The longest of them took so long.
    pub longest_nanos: u64,
}

/// One operation in the order of time: its longest visits and strands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The names of the threads that were in it, in the order in which they came.
    pub threads: Vec<Arc<str>>,
    /// Visits, in the order of their enters.
    pub visits: Vec<Visit>,
    /// Strands, in the order of their beginnings.
    pub strands: Vec<Strand>,
    /// Shorter visits that are missing.
    pub visits_left_out: LeftOut,
    /// Shorter strands that are missing.
    pub strands_left_out: LeftOut,
}
