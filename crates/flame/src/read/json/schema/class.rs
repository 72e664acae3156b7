//! Classes of latency.

use serde::Deserialize;
use tracing_flame_layer::profile::{Measures, Switches as Counted};

use super::{List, States, Switches};

#[derive(Default, Deserialize)]
pub(in super::super) struct Class {
    pub(in super::super) root: u64,
    pub(in super::super) power: u8,
    pub(in super::super) operations: u64,
    pub(in super::super) nodes: List<ClassNode>,
}

/// Numbers that are missing are 0.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct ClassNode {
    pub(in super::super) node: u64,
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
    wall_states: States,
    busy_states: States,
    switches: Switches,
}

impl ClassNode {
    /// Leaves out what threads did.
    pub(super) fn forget_states(&mut self) {
        (self.wall_states, self.busy_states) = Default::default();
    }
}

impl From<&ClassNode> for Measures {
    fn from(node: &ClassNode) -> Self {
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
            wall_states: node.wall_states.into(),
            busy_states: node.busy_states.into(),
            switches: Counted {
                voluntary: node.switches.voluntary,
                involuntary: node.switches.involuntary,
                major_faults: node.switches.major_faults,
            },
            ..Self::default()
        }
    }
}
