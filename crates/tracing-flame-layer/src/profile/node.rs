//! One distinct stack of a call tree, with everything that was measured at it.

use std::sync::Arc;

use super::{Callsite, FieldValues, Histogram, States, Switches};

/// A node's place in [`Profile::nodes`](super::Profile::nodes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The place as an index into [`Profile::nodes`](super::Profile::nodes).
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What stands in one box of the picture before boxes of one label merge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Frame {
    /// The spans of a callsite.
    Span(Arc<Callsite>),
    /// Those of a callsite's spans in whose named fields certain values were.
    Fields(Arc<Callsite>, Arc<FieldValues>),
    /// All spans below the recorder's bound of depth or of distinct stacks.
    Truncated,
}

impl Frame {
    /// Where its spans come from; `None` for [`Frame::Truncated`].
    #[must_use]
    pub fn callsite(&self) -> Option<&Arc<Callsite>> {
        match self {
            Self::Span(callsite) | Self::Fields(callsite, _) => Some(callsite),
            Self::Truncated => None,
        }
    }

    /// The values of the named fields that its spans had.
    #[must_use]
    pub fn fields(&self) -> Option<&Arc<FieldValues>> {
        match self {
            Self::Fields(_, values) => Some(values),
            Self::Span(_) | Self::Truncated => None,
        }
    }
}

/// One distinct stack: the callsites from an operation's root down to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The node one step nearer the root; `None` for an operation's root.
    pub parent: Option<NodeId>,
    /// What the node stands for.
    pub frame: Frame,
    /// What was measured at this node itself, descendants not included.
    pub measures: Measures,
    /// How long its calls took, from first enter to close, or to the moment from which on
    /// they were open for the sake of detached spans only.
    pub latencies: Histogram,
}

impl Node {
    /// Enters beyond the first of each span. A future in a span is entered once
    /// more as it is dropped, so it has as many as it was polled.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.measures.enters.saturating_sub(self.measures.started)
    }

    /// Its spans that were open in the window at any time after their first
    /// enter; of a root, the operations.
    #[must_use]
    pub fn lived(&self) -> u64 {
        self.measures.lived()
    }

    /// A latency in nanoseconds that so many per cent of the calls do not exceed
    /// ([`Histogram::percentile`]), no longer than the longest.
    #[must_use]
    pub fn percentile_nanos(&self, percent: u8) -> Option<u64> {
        Some(self.latencies.percentile(percent)?.min(self.measures.max_latency_nanos))
    }
}

/// What is measured at a node. Times are in nanoseconds and count only the
/// node itself: a total is the sum over a node and its descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measures {
    /// Spans created. One that is entered is a call from then until it closes.
    pub calls: u64,
    /// Spans entered for the first time.
    pub started: u64,
    /// Enters, each poll of a future included.
    pub enters: u64,
    /// Wall-clock share while spans of the node work.
    pub wall_nanos: u64,
    /// Wall-clock share while spans of the node are pending: its `[await]`.
    pub await_nanos: u64,
    /// Thread time during which the node's span was the innermost one entered.
    pub busy_nanos: u64,
    /// Enter-to-exit time, whatever ran below or elsewhere.
    pub entered_nanos: u64,
    /// First enter to close, or to the snapshot where still open, summed over
    /// `started` calls.
    pub latency_nanos: u64,
    /// The longest single latency.
    pub max_latency_nanos: u64,
    /// The longest latency is only known to be no longer than that: it is of a
    /// window between two snapshots, and less than 12.5 % too long.
    pub max_latency_is_bound: bool,
    /// Spans that were open, and had been entered, when the window began.
    pub open_before: u64,
    /// Creation to first enter, summed over the spans entered for the first
    /// time; 0 unless the layer was told to measure it.
    pub queued_nanos: u64,
    /// The longest time from creation to first enter; of a window between two
    /// snapshots it may be less.
    pub max_queued_nanos: u64,
    /// What threads did in `wall_nanos`, as far as they were not on a CPU.
    pub wall_states: States,
    /// What threads did in `busy_nanos`, as far as they were not on a CPU.
    pub busy_states: States,
    /// How often threads were switched out meanwhile, and why.
    pub switches: Switches,
}

impl Measures {
    /// As [`Node::lived`].
    pub(crate) fn lived(&self) -> u64 {
        self.started.saturating_add(self.open_before)
    }
}
