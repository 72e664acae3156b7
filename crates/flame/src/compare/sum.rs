//! The runs of one side as one profile, for a picture.

use std::collections::HashMap;

use tracing_flame_layer::{
    Profile,
    profile::{Frame, Histogram, Measures, NodeId, Window},
};

/// The sum of some runs: of each stack all that was measured, of which operations divide it by
/// how many there were. What each thread did is left out.
///
/// `None` of none.
pub(crate) fn sum(runs: &[&Profile]) -> Option<Profile> {
    let first = runs.first()?;
    let mut places: HashMap<(Option<usize>, Frame), usize> = HashMap::new();
    let mut nodes: Vec<(Option<usize>, Frame, Measures, Histogram)> = Vec::new();
    let mut named: Vec<usize> = Vec::new();
    for run in runs {
        let mut ids: Vec<usize> = Vec::with_capacity(run.nodes().len());
        for node in run.nodes().iter() {
            let parent = node.parent.map(|parent| ids[parent.index()]);
            let place = *places.entry((parent, node.frame.clone())).or_insert(nodes.len());
            if place == nodes.len() {
                nodes.push((parent, node.frame.clone(), Measures::default(), Histogram::new()));
            }
            add(&mut nodes[place].2, &node.measures);
            nodes[place].3.merge(&node.latencies);
            ids.push(place);
        }
        named.extend(run.named_operations().iter().map(|root| ids[root.index()]));
    }
    let length = runs.iter().map(|run| run.window().length).sum();
    let mut sum = Profile::new(Window { start: first.window().start, length });
    let mut ids: Vec<NodeId> = Vec::with_capacity(nodes.len());
    for (parent, frame, measures, latencies) in nodes {
        let id = sum.push(parent.map(|parent| ids[parent]), frame, measures);
        sum.set_latencies(id, &latencies);
        ids.push(id);
    }
    named.into_iter().for_each(|root| sum.name_operation(ids[root]));
    sum.set_operations(runs.iter().map(|run| run.operations()).fold(0, u64::saturating_add));
    if let Some(source) = first.states() {
        sum.set_states(source.clone());
    }
    Some(sum)
}

fn add(to: &mut Measures, more: &Measures) {
    let sum = |to: &mut u64, more: u64| *to = to.saturating_add(more);
    sum(&mut to.calls, more.calls);
    sum(&mut to.started, more.started);
    sum(&mut to.enters, more.enters);
    sum(&mut to.wall_nanos, more.wall_nanos);
    sum(&mut to.await_nanos, more.await_nanos);
    sum(&mut to.busy_nanos, more.busy_nanos);
    sum(&mut to.entered_nanos, more.entered_nanos);
    sum(&mut to.latency_nanos, more.latency_nanos);
    sum(&mut to.open_before, more.open_before);
    sum(&mut to.queued_nanos, more.queued_nanos);
    to.max_latency_nanos = to.max_latency_nanos.max(more.max_latency_nanos);
    to.max_latency_is_bound |= more.max_latency_is_bound;
    to.max_queued_nanos = to.max_queued_nanos.max(more.max_queued_nanos);
    to.wall_states = to.wall_states.plus(more.wall_states);
    to.busy_states = to.busy_states.plus(more.busy_states);
    to.switches = to.switches.plus(more.switches);
}
