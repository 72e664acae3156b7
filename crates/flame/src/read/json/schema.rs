//! The schema's objects. Keys that are not here are passed over.

mod class;

use std::collections::BTreeMap;

use serde::Deserialize;
use tracing_flame_layer::profile::{
    Anomalies as Counts, Histogram, Measures, StateSource, States as Times, Switches as Counted,
};

use super::list::List;
pub(super) use class::{Class, ClassNode};

/// Enough to tell whether the rest can be read.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) format: Option<String>,
    pub(super) version: Option<u64>,
    #[serde(default)]
    pub(super) generator: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) window: Window,
    #[serde(default)]
    pub(super) so_far: bool,
    pub(super) operations: u64,
    pub(super) troubles: Anomalies,
    /// Missing where nobody asked.
    #[serde(default)]
    pub(super) states: Option<Source>,
    /// Not told by every host.
    #[serde(default)]
    pub(super) recorded_with: Option<BTreeMap<String, String>>,
    pub(super) callsites: List<Callsite>,
    pub(super) nodes: List<Node>,
    pub(super) named_operations: List<NamedOperation>,
    /// Not measured by every version.
    #[serde(default)]
    pub(super) covered_nanos: Option<u64>,
    #[serde(default)]
    pub(super) orphans: List<Orphans>,
    #[serde(default)]
    pub(super) classes: List<Class>,
    #[serde(default)]
    pub(super) left_out_of_classes: u64,
    #[serde(default)]
    pub(super) heatmap: List<HeatColumn>,
    #[serde(default)]
    pub(super) left_out_of_heatmap: u64,
    #[serde(default)]
    pub(super) reasons: List<Reason>,
    #[serde(default)]
    pub(super) blocked_on: List<BlockedOn>,
    pub(super) threads: List<Thread>,
    pub(super) live_threads: List<LiveThread>,
}

/// Cells are a root, the longest latency that fits, and how many operations.
#[derive(Deserialize, Default)]
pub(super) struct HeatColumn {
    pub(super) from_nanos: u64,
    pub(super) below_nanos: u64,
    pub(super) cells: List<(u64, u64, u64)>,
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
pub(super) struct Anomalies {
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

/// How it is known what threads did.
#[derive(Deserialize)]
pub(super) struct Source {
    source: String,
    #[serde(default)]
    why: String,
}

impl Source {
    /// Whether this program knows what states are worth that are known so.
    pub(super) fn is_known(&self) -> bool {
        matches!(&*self.source, "exact" | "partial" | "none")
    }
}

impl File {
    /// Leaves out what threads did.
    pub(super) fn forget_states(&mut self) {
        for node in &mut self.nodes.0 {
            (node.wall_states, node.busy_states) = Default::default();
        }
        for class in &mut self.classes.0 {
            class.nodes.0.iter_mut().for_each(ClassNode::forget_states);
        }
        for share in self.threads.0.iter_mut().flat_map(|thread| &mut thread.nodes.0) {
            share.busy_states = States::default();
        }
        self.blocked_on.0.clear();
    }
}

impl From<Source> for StateSource {
    fn from(Source { source, why }: Source) -> Self {
        match &*source {
            "exact" => Self::Exact,
            "partial" => Self::Partial(why.into()),
            "none" => Self::None(why.into()),
            // Of a later writer: what it is worth nobody here can say.
            _ => Self::None("known in a way that this program does not know".into()),
        }
    }
}

/// Numbers that are missing are 0.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct States {
    runnable_nanos: u64,
    blocked_nanos: u64,
    fault_nanos: u64,
    disk_nanos: u64,
    lock_nanos: u64,
    net_nanos: u64,
    timer_nanos: u64,
    off_cpu_nanos: u64,
    unknown_nanos: u64,
}

impl From<States> for Times {
    fn from(states: States) -> Self {
        // Parts of the other, whatever was written.
        let mut rest = states.blocked_nanos;
        let mut part = |nanos: u64| {
            let part = nanos.min(rest);
            rest -= part;
            part
        };
        let mut times = Self::default();
        times.runnable_nanos = states.runnable_nanos;
        times.blocked_nanos = states.blocked_nanos;
        times.fault_nanos = part(states.fault_nanos);
        times.disk_nanos = part(states.disk_nanos);
        times.lock_nanos = part(states.lock_nanos);
        times.net_nanos = part(states.net_nanos);
        times.timer_nanos = part(states.timer_nanos);
        times.off_cpu_nanos = states.off_cpu_nanos;
        times.unknown_nanos = states.unknown_nanos;
        times
    }
}

/// Numbers that are missing are 0.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Switches {
    voluntary: u64,
    involuntary: u64,
    major_faults: u64,
    minor_faults: u64,
    blocks_read: u64,
    blocks_written: u64,
}

impl From<Switches> for Counted {
    fn from(switches: Switches) -> Self {
        let mut counted = Self::default();
        counted.voluntary = switches.voluntary;
        counted.involuntary = switches.involuntary;
        counted.major_faults = switches.major_faults;
        counted.minor_faults = switches.minor_faults;
        counted.blocks_read = switches.blocks_read;
        counted.blocks_written = switches.blocks_written;
        counted
    }
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
    #[serde(default)]
    wall_states: States,
    #[serde(default)]
    busy_states: States,
    #[serde(default)]
    switches: Switches,
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

#[derive(Default, Deserialize)]
pub(super) struct Reason {
    pub(super) kind: String,
    pub(super) call: Option<String>,
    pub(super) file: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct BlockedOn {
    pub(super) node: u64,
    pub(super) reason: u64,
    pub(super) wall_nanos: u64,
    pub(super) busy_nanos: u64,
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
    #[serde(default)]
    pub(super) busy_states: States,
    pub(super) entered_nanos: u64,
}

impl From<&Node> for Measures {
    fn from(node: &Node) -> Self {
        let mut measures = Self::default();
        measures.calls = node.calls;
        measures.started = node.started;
        measures.enters = node.enters;
        measures.wall_nanos = node.wall_nanos;
        measures.await_nanos = node.await_nanos;
        measures.busy_nanos = node.busy_nanos;
        measures.entered_nanos = node.entered_nanos;
        measures.latency_nanos = node.latency_nanos;
        measures.max_latency_nanos = node.max_latency_nanos;
        measures.max_latency_is_bound = node.max_latency_is_bound;
        measures.open_before = node.open_before;
        measures.queued_nanos = node.queued_nanos;
        measures.max_queued_nanos = node.max_queued_nanos;
        measures.wall_states = node.wall_states.into();
        measures.busy_states = node.busy_states.into();
        measures.switches = node.switches.into();
        measures
    }
}

impl Node {
    pub(super) fn histogram(&self) -> Histogram {
        self.latencies.0.iter().copied().collect()
    }
}

impl From<Anomalies> for Counts {
    fn from(troubles: Anomalies) -> Self {
        let mut anomalies = Self::default();
        anomalies.unmatched_exits = troubles.unmatched_exits;
        anomalies.exited_elsewhere = troubles.exited_elsewhere;
        anomalies.closed_while_entered = troubles.closed_while_entered;
        anomalies.exited_by_thread_end = troubles.exited_by_thread_end;
        anomalies.truncated = troubles.truncated;
        anomalies.merged_values = troubles.merged_values;
        anomalies.late_values = troubles.late_values;
        anomalies.reentered = troubles.reentered;
        anomalies.lost = troubles.lost;
        anomalies
    }
}
