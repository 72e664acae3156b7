//! Classes of latency, from ticks to nanoseconds.

use std::collections::BTreeMap;

use super::{Callsites, Unit, measures, tell};
use crate::{
    profile::{Class, ClassNode, Measures, NodeId, States, Switches},
    tally::{ClassRow, CountCell, Latencies, NodeId as PathId, Paths, Snapshot},
};

/// Classes of which an operation ended.
///
/// Ticks are rounded once all classes up to one are added up, and a class is what that one
/// adds. So the classes of a node add up to the nanosecond to what all of them together are.
/// A part of a time in some state may be rounded to less once more is added to it elsewhere: what
/// it has in the end it has never had more than.
pub(super) fn scale(snapshot: &Snapshot, ids: &[Option<NodeId>], unit: &Unit<'_>) -> Vec<Class> {
    let mut rows: Vec<_> = snapshot.classes.rows.iter().filter(|row| !row.is_zero()).collect();
    rows.sort_unstable_by_key(|row| (row.node, row.class));
    let mut callsites = Callsites::default();
    let mut classes: BTreeMap<(NodeId, u8), Class> = BTreeMap::new();
    for rows in rows.chunk_by(|one, next| one.node == next.node) {
        let Some(path) = rows.first().map(|row| row.node) else { continue };
        let root = root_of(&snapshot.paths, path);
        let (Some(root_id), Some(node)) = (ids[root.index()], ids[path.index()]) else { continue };
        let step = snapshot.paths.get(path).map(|path| &path.step);
        let has_named = step.is_some_and(|step| callsites.frame(step, unit.named).1);
        let mut sum = ClassRow::default();
        let sums = rows.iter().map(|row| {
            sum.add(row);
            in_nanos(&sum, has_named, unit)
        });
        let sums = without_falls(sums.collect());
        let mut before = Measures::default();
        for (row, now) in rows.iter().zip(sums) {
            let measures = Measures {
                max_latency_nanos: unit.clock.nanos(row.max_latency),
                max_latency_is_bound: row.is_bound,
                ..gained(&now, &before)
            };
            before = now;
            let power = row.class.0;
            let empty = || Class::new(root_id, power);
            let class = classes.entry((root_id, power)).or_insert_with(empty);
            if path == root {
                // Each has one root span, which may never have been entered.
                class.operations = row.ticks.calls;
            }
            class.nodes.push(ClassNode { node, measures });
        }
    }
    count(&snapshot.classes.counted, ids, &mut classes);
    classes.into_values().collect()
}

/// By how often the system counted something for the operations of each class.
fn count(cells: &[CountCell], ids: &[Option<NodeId>], classes: &mut BTreeMap<(NodeId, u8), Class>) {
    let mut counted: BTreeMap<_, Vec<(u64, u64)>> = BTreeMap::new();
    for cell in cells {
        if let Some(root) = ids.get(cell.root.index()).copied().flatten() {
            let cells: &mut Vec<_> = counted.entry((root, cell.class.0, cell.kind)).or_default();
            cells.push((cell.bucket.last(), cell.operations));
        }
    }
    for ((root, power, kind), cells) in counted {
        let class = classes.get_mut(&(root, power));
        if let Some(counted) = class.and_then(|class| class.counted.get_mut(usize::from(kind))) {
            *counted = cells.into_iter().collect();
        }
    }
}

fn in_nanos(row: &ClassRow, has_named: bool, unit: &Unit<'_>) -> Measures {
    let mut measures = measures(&row.ticks, &Latencies::default(), unit.clock);
    tell(&mut measures, &row.wall, &row.busy, unit.clock);
    if has_named {
        measures.calls = measures.started;
    }
    measures
}

/// Sums of which none is more than it is later.
fn without_falls(mut sums: Vec<Measures>) -> Vec<Measures> {
    let mut later: Option<(States, States)> = None;
    for sum in sums.iter_mut().rev() {
        if let Some((wall, busy)) = later {
            sum.wall_states = least(sum.wall_states, wall);
            sum.busy_states = least(sum.busy_states, busy);
        }
        later = Some((sum.wall_states, sum.busy_states));
    }
    sums
}

fn least(one: States, other: States) -> States {
    let mut asleep = one.asleep().map(|(_, nanos)| nanos);
    asleep.iter_mut().zip(other.asleep()).for_each(|(one, (_, other))| *one = other.min(*one));
    States {
        runnable_nanos: one.runnable_nanos.min(other.runnable_nanos),
        blocked_nanos: one.blocked_nanos.min(other.blocked_nanos),
        off_cpu_nanos: one.off_cpu_nanos.min(other.off_cpu_nanos),
        unknown_nanos: one.unknown_nanos.min(other.unknown_nanos),
        ..States::default()
    }
    .with_asleep(asleep)
}

/// What came to some sums.
fn gained(now: &Measures, before: &Measures) -> Measures {
    Measures {
        calls: now.calls.saturating_sub(before.calls),
        started: now.started.saturating_sub(before.started),
        enters: now.enters.saturating_sub(before.enters),
        wall_nanos: now.wall_nanos.saturating_sub(before.wall_nanos),
        await_nanos: now.await_nanos.saturating_sub(before.await_nanos),
        busy_nanos: now.busy_nanos.saturating_sub(before.busy_nanos),
        entered_nanos: now.entered_nanos.saturating_sub(before.entered_nanos),
        latency_nanos: now.latency_nanos.saturating_sub(before.latency_nanos),
        wall_states: states(now.wall_states, before.wall_states),
        busy_states: states(now.busy_states, before.busy_states),
        switches: switches(now.switches, before.switches),
        ..Measures::default()
    }
}

fn states(now: States, before: States) -> States {
    let before_each = before.asleep().into_iter();
    let mut asleep = now.asleep().map(|(_, nanos)| nanos);
    asleep.iter_mut().zip(before_each).for_each(|(now, (_, before))| {
        *now = now.saturating_sub(before);
    });
    States {
        runnable_nanos: now.runnable_nanos.saturating_sub(before.runnable_nanos),
        blocked_nanos: now.blocked_nanos.saturating_sub(before.blocked_nanos),
        off_cpu_nanos: now.off_cpu_nanos.saturating_sub(before.off_cpu_nanos),
        unknown_nanos: now.unknown_nanos.saturating_sub(before.unknown_nanos),
        ..States::default()
    }
    .with_asleep(asleep)
}

fn switches(now: Switches, before: Switches) -> Switches {
    Switches {
        voluntary: now.voluntary.saturating_sub(before.voluntary),
        involuntary: now.involuntary.saturating_sub(before.involuntary),
        major_faults: now.major_faults.saturating_sub(before.major_faults),
        minor_faults: now.minor_faults.saturating_sub(before.minor_faults),
        blocks_read: now.blocks_read.saturating_sub(before.blocks_read),
        blocks_written: now.blocks_written.saturating_sub(before.blocks_written),
    }
}

fn root_of(paths: &Paths, mut node: PathId) -> PathId {
    while let Some(parent) = paths.get(node).and_then(|path| path.parent) {
        node = parent;
    }
    node
}
