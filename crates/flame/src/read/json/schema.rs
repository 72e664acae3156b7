//! The schema's objects. Keys that are not here are passed over.

use serde::Deserialize;
use tracing_flame_layer::profile::{Histogram, Measures, Troubles as Counts};

use super::list::List;

/// Enough to tell whether the rest can be read.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) format: Option<String>,
    pub(super) version: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) window: Window,
    #[serde(default)]
    pub(super) so_far: bool,
    pub(super) operations: u64,
    pub(super) troubles: Troubles,
    pub(super) callsites: List<Callsite>,
    pub(super) nodes: List<Node>,
    pub(super) named_operations: List<NamedOperation>,
    /// Not measured by every version.
    #[serde(default)]
    pub(super) covered_nanos: Option<u64>,
    #[serde(default)]
    pub(super) orphans: List<Orphans>,
    pub(super) threads: List<Thread>,
    pub(super) live_threads: List<LiveThread>,
}

#[derive(Deserialize)]
pub(super) struct Window {
    pub(super) start_unix_nanos: i64,
    pub(super) length_nanos: u64,
}

/// Kinds of trouble have been added before: one that is missing did not happen.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Troubles {
    unmatched_exits: u64,
    exited_elsewhere: u64,
    closed_while_entered: u64,
    exited_by_thread_end: u64,
    truncated: u64,
    merged_values: u64,
    late_values: u64,
    reentered: u64,
    lost: u64,
}

#[derive(Deserialize)]
pub(super) struct Callsite {
    pub(super) name: String,
    pub(super) target: String,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    #[serde(default)]
    pub(super) is_label: bool,
}

#[derive(Deserialize)]
pub(super) struct Node {
    // `null` is a root, or what was truncated; a key that is missing is a mistake.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) parent: Option<u64>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) callsite: Option<u64>,
    #[serde(default)]
    pub(super) fields: List<(String, String)>,
    #[serde(default)]
    pub(super) other_fields: bool,
    calls: u64,
    started: u64,
    enters: u64,
    wall_nanos: u64,
    await_nanos: u64,
    busy_nanos: u64,
    entered_nanos: u64,
    latency_nanos: u64,
    max_latency_nanos: u64,
    max_latency_is_bound: bool,
    open_before: u64,
    queued_nanos: u64,
    max_queued_nanos: u64,
    latencies: List<(u64, u64)>,
}

/// How many there were, the root's own measures say.
#[derive(Deserialize)]
pub(super) struct NamedOperation {
    pub(super) node: u64,
}

#[derive(Default, Deserialize)]
pub(super) struct Orphans {
    pub(super) root: u64,
    pub(super) waiting: u64,
    pub(super) count: u64,
}

#[derive(Deserialize)]
pub(super) struct LiveThread {
    pub(super) name: String,
    pub(super) open_nanos: u64,
    #[serde(deserialize_with = "Option::deserialize")]
    pub(super) cpu_nanos: Option<u64>,
    pub(super) innermost: u64,
}

#[derive(Deserialize)]
pub(super) struct Thread {
    pub(super) name: String,
    pub(super) threads: u64,
    pub(super) nodes: List<Share>,
}

#[derive(Deserialize)]
pub(super) struct Share {
    pub(super) node: u64,
    pub(super) enters: u64,
    pub(super) busy_nanos: u64,
    pub(super) entered_nanos: u64,
}

impl From<&Node> for Measures {
    fn from(node: &Node) -> Self {
        Self {
            calls: node.calls,
            started: node.started,
            enters: node.enters,
            wall_nanos: node.wall_nanos,
            await_nanos: node.await_nanos,
            busy_nanos: node.busy_nanos,
            entered_nanos: node.entered_nanos,
            latency_nanos: node.latency_nanos,
            max_latency_nanos: node.max_latency_nanos,
            max_latency_is_bound: node.max_latency_is_bound,
            open_before: node.open_before,
            queued_nanos: node.queued_nanos,
            max_queued_nanos: node.max_queued_nanos,
            ..Self::default()
        }
    }
}

impl Node {
    pub(super) fn histogram(&self) -> Histogram {
        self.latencies.0.iter().copied().collect()
    }
}

impl From<Troubles> for Counts {
    fn from(troubles: Troubles) -> Self {
        Self {
            unmatched_exits: troubles.unmatched_exits,
            exited_elsewhere: troubles.exited_elsewhere,
            closed_while_entered: troubles.closed_while_entered,
            exited_by_thread_end: troubles.exited_by_thread_end,
            truncated: troubles.truncated,
            merged_values: troubles.merged_values,
            late_values: troubles.late_values,
            reentered: troubles.reentered,
            lost: troubles.lost,
        }
    }
}
