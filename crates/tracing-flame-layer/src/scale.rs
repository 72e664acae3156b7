//! From ticks by path to a profile in nanoseconds.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tracing::Metadata;

use crate::{
    Clock, Profile,
    profile::{
        Callsite, Frame, Histogram, LiveThread, Measures, NodeId, ThreadNode, ThreadProfile, Window,
    },
    record::{Latencies, PathNode, Recorder, Snapshot, Step, Ticks, ticks_of},
};

/// Makes a profile of what a snapshot counted. Stacks at which and below which
/// nothing was counted are left out.
pub(crate) fn scale(snapshot: &Snapshot, start: SystemTime, recorder: &Recorder) -> Profile {
    let clock = &recorder.clock;
    let length = Duration::from_nanos(clock.nanos(snapshot.at));
    let mut profile = Profile::new(Window { start, length });
    let paths = recorder.paths.all();
    let kept = keep(&paths, snapshot);
    let mut callsites = Callsites::default();
    let mut ids: Vec<Option<NodeId>> = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        ids.push(kept[index].then(|| {
            let parent = path.parent.and_then(|p| ids[p.index()]);
            let ticks = snapshot.nodes.get(index).copied().unwrap_or_default();
            let none = Latencies::default();
            let latencies = snapshot.latencies.get(index).unwrap_or(&none);
            let measures = measures(&ticks, latencies, clock);
            let node = profile.push(parent, callsites.frame(path.step), measures);
            profile.set_latencies(node, histogram(latencies, clock));
            node
        }));
    }
    for thread in threads(snapshot, &ids, clock) {
        profile.push_thread(thread);
    }
    for thread in live(snapshot, &ids, clock) {
        profile.push_live(thread);
    }
    for root in roots(&paths, &ids, recorder) {
        profile.name_operation(root);
    }
    profile.set_operations(snapshot.begun);
    profile.set_troubles(snapshot.troubles);
    profile
}

/// The roots that the user named operations.
fn roots(
    paths: &[PathNode],
    ids: &[Option<NodeId>],
    recorder: &Recorder,
) -> impl Iterator<Item = NodeId> {
    let roots = paths.iter().zip(ids).filter(|(path, _)| path.parent.is_none());
    roots.filter_map(|(path, id)| match path.step {
        Step::Span(metadata) => id.filter(|_| recorder.roles.may_be_operation(metadata)),
        Step::Truncated => None,
    })
}

/// Which paths have something to say, at themselves or below.
fn keep(paths: &[PathNode], snapshot: &Snapshot) -> Vec<bool> {
    let counted = |index: usize| {
        snapshot.nodes.get(index).is_some_and(|ticks: &Ticks| !ticks.is_zero())
            || snapshot.latencies.get(index).is_some_and(|calls: &Latencies| !calls.is_empty())
    };
    let mut kept: Vec<bool> = (0..paths.len()).map(counted).collect();
    for index in (0..paths.len()).rev() {
        if let (true, Some(parent)) = (kept[index], paths[index].parent) {
            kept[parent.index()] = true;
        }
    }
    kept
}

fn measures(ticks: &Ticks, latencies: &Latencies, clock: &Clock) -> Measures {
    let (max, max_latency_is_bound) = latencies.max();
    Measures {
        calls: ticks.calls,
        started: ticks.started,
        enters: ticks.enters,
        wall_nanos: clock.nanos(ticks_of(ticks.wall)),
        await_nanos: clock.nanos(ticks_of(ticks.awaited)),
        busy_nanos: clock.nanos(ticks.busy),
        entered_nanos: clock.nanos(ticks.entered),
        latency_nanos: clock.nanos(ticks.latency),
        max_latency_nanos: clock.nanos(max),
        max_latency_is_bound,
        open_before: latencies.open_before,
        ..Measures::default()
    }
}

fn histogram(latencies: &Latencies, clock: &Clock) -> Histogram {
    latencies.counts().iter().map(|(longest, calls)| (clock.nanos(longest), calls)).collect()
}

fn threads(snapshot: &Snapshot, ids: &[Option<NodeId>], clock: &Clock) -> Vec<ThreadProfile> {
    let mut threads: Vec<ThreadProfile> = snapshot
        .threads
        .iter()
        .map(|(name, named)| {
            let gained = named.nodes.iter().filter(|(_, ticks)| !ticks.is_zero());
            let mut nodes: Vec<ThreadNode> = gained
                .filter_map(|(path, ticks)| {
                    Some(ThreadNode {
                        node: (*ids.get(path.index())?)?,
                        enters: ticks.enters,
                        busy_nanos: clock.nanos(ticks.busy),
                        entered_nanos: clock.nanos(ticks.entered),
                    })
                })
                .collect();
            nodes.sort_unstable_by_key(|node| node.node);
            ThreadProfile { name: Arc::clone(name), threads: named.threads, nodes }
        })
        .filter(|thread| !thread.nodes.is_empty())
        .collect();
    threads.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    threads
}

/// The threads that spent time, in the order in which they began to record.
fn live(snapshot: &Snapshot, ids: &[Option<NodeId>], clock: &Clock) -> Vec<LiveThread> {
    let mut threads: Vec<_> = snapshot.live.iter().filter(|(_, live)| live.open() > 0).collect();
    threads.sort_unstable_by_key(|(number, _)| **number);
    let scaled = threads.into_iter().filter_map(|(_, live)| {
        Some(LiveThread {
            name: Arc::clone(&live.name),
            open_nanos: clock.nanos(live.open()),
            cpu_nanos: live.cpu_nanos,
            innermost: (*ids.get(live.innermost()?.index())?)?,
        })
    });
    scaled.collect()
}

/// One [`Callsite`] for all nodes of one.
#[derive(Default)]
struct Callsites(HashMap<*const Metadata<'static>, Arc<Callsite>>);

impl Callsites {
    fn frame(&mut self, step: Step) -> Frame {
        match step {
            Step::Truncated => Frame::Truncated,
            Step::Span(metadata) => {
                let callsite = self.0.entry(metadata).or_insert_with(|| Arc::new(metadata.into()));
                Frame::Span(Arc::clone(callsite))
            }
        }
    }
}
