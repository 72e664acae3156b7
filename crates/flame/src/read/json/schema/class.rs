//! Classes of latency.

use std::collections::BTreeMap;

use serde::Deserialize;
use tracing_flame_layer::profile::Measures;

use super::{List, States, Switches};

#[derive(Default, Deserialize)]
pub(in super::super) struct Class {
    pub(in super::super) root: u64,
    pub(in super::super) power: u8,
    pub(in super::super) operations: u64,
    #[serde(default)]
    pub(in super::super) counted: BTreeMap<String, List<(u64, u64)>>,
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
        measures.wall_states = node.wall_states.into();
        measures.busy_states = node.busy_states.into();
        measures.switches = node.switches.into();
        measures
    }
}
