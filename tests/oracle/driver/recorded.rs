//! What the layer recorded, by paths of names.

use std::collections::BTreeMap;

use tracing_flame_layer::{
    Profile,
    profile::{Frame, Measures, Node},
};

use super::direct::CALLED;
use crate::{AWAIT, CALLS, OrphansByPath, Path, below, render};

/// A profile's nodes by path; those of one path are added up.
pub fn by_path(profile: &Profile) -> BTreeMap<Path, Measures> {
    let mut nodes = BTreeMap::new();
    for (path, node) in paths(profile).into_iter().zip(profile.nodes().iter()) {
        add(nodes.entry(path).or_default(), &node.measures);
    }
    nodes
}

/// The path of each of a profile's nodes.
fn paths(profile: &Profile) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for node in profile.nodes().iter() {
        let parent = node.parent.map(|parent| &paths[parent.index()]);
        paths.push(below(parent.unwrap_or(&Path::new()), &name(&node)));
    }
    paths
}

/// A profile's classes of latency by root and power, their nodes by path.
pub fn classes(profile: &Profile) -> BTreeMap<(Path, u8), (u64, BTreeMap<Path, Measures>)> {
    let paths = paths(profile);
    let mut classes = BTreeMap::new();
    for class in profile.classes() {
        let place = (paths[class.root.index()].clone(), class.power);
        let (operations, nodes): &mut (u64, BTreeMap<_, _>) = classes.entry(place).or_default();
        *operations += class.operations;
        for part in &class.nodes {
            add(nodes.entry(paths[part.node.index()].clone()).or_default(), &part.measures);
        }
    }
    classes
}

/// How many operations of each root a heatmap has, by the longest latency of their cells.
pub fn heat<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> BTreeMap<(Path, u64), u64> {
    let mut heat = BTreeMap::new();
    for profile in profiles {
        let paths = paths(profile);
        for cell in profile.heatmap().iter().flat_map(|column| &column.cells) {
            let place = (paths[cell.root.index()].clone(), cell.most_nanos);
            *heat.entry(place).or_default() += cell.operations;
        }
    }
    heat
}

/// For how long threads were asleep in each call, in a node's `wall` and in its `busy`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asleep {
    pub wall: [u64; CALLS],
    pub busy: [u64; CALLS],
}

/// What threads were asleep for in a profile's nodes, by path.
pub fn asleep(profile: &Profile) -> BTreeMap<Path, Asleep> {
    let (paths, mut sums) = (paths(profile), BTreeMap::new());
    for blocked in profile.blocked_on() {
        let call = CALLED.iter().position(|call| *call == blocked.reason.to_string());
        let call = call.expect("a call that threads are in");
        let path = paths[blocked.node.index()].clone();
        let sum: &mut Asleep = sums.entry(path).or_default();
        sum.wall[call] += blocked.wall_nanos;
        sum.busy[call] += blocked.busy_nanos;
    }
    sums
}

/// A profile's orphans.
pub fn orphans(profile: &Profile) -> OrphansByPath {
    let paths = paths(profile);
    let mut counts = OrphansByPath::new();
    for orphans in profile.orphans() {
        let pair = (paths[orphans.root.index()].clone(), paths[orphans.waiting.index()].clone());
        *counts.entry(pair).or_default() += orphans.count;
    }
    counts
}

fn name(node: &Node) -> String {
    match &node.frame {
        Frame::Span(callsite) => callsite.name.to_string(),
        Frame::Fields(callsite, values) => format!("{}{values}", callsite.name),
        _ => "[truncated]".to_owned(),
    }
}

pub fn add(sum: &mut Measures, node: &Measures) {
    sum.calls += node.calls;
    sum.started += node.started;
    sum.enters += node.enters;
    sum.wall_nanos += node.wall_nanos;
    sum.await_nanos += node.await_nanos;
    sum.busy_nanos += node.busy_nanos;
    sum.entered_nanos += node.entered_nanos;
    sum.latency_nanos += node.latency_nanos;
    sum.max_latency_nanos = sum.max_latency_nanos.max(node.max_latency_nanos);
    sum.queued_nanos += node.queued_nanos;
    sum.max_queued_nanos = sum.max_queued_nanos.max(node.max_queued_nanos);
    sum.wall_states = sum.wall_states.plus(node.wall_states);
    sum.busy_states = sum.busy_states.plus(node.busy_states);
    sum.switches = sum.switches.plus(node.switches);
}

/// The tree by `wall`, in milliseconds.
pub fn wall_tree(profile: &Profile) -> String {
    let mut weights = BTreeMap::new();
    for (path, node) in by_path(profile) {
        weights.insert(below(&path, AWAIT), node.await_nanos);
        weights.insert(path, node.wall_nanos);
    }
    render(&weights)
}

/// The tree by `busy`, in milliseconds.
pub fn busy_tree(profile: &Profile) -> String {
    render(&by_path(profile).into_iter().map(|(path, node)| (path, node.busy_nanos)).collect())
}
