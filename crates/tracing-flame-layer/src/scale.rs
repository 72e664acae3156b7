//! From ticks by path to a profile in nanoseconds.

mod asleep;
mod classes;
mod heatmap;
mod open;

pub(crate) use open::scale_open;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, SystemTime},
};

use tracing::Metadata;

use asleep::blocked_on;

use crate::{
    Clock, Profile,
    kept::{Capture, Ended, Place},
    profile::{
        self, Callsite, Chart, Frame, Histogram, LiveThread, Log, Measures, Node, NodeId, Omitted,
        Operation, Orphans, StateSource, ThreadNode, ThreadProfile, Window,
    },
    role::NamedFields,
    tally::{
        Latencies, Measured, NamedThreads, NodeId as PathId, Paths, Reasons, Snapshot, States,
        Step, Ticks, Told, ToldByNode, ticks_of,
    },
};

/// What ticks are, and which spans are counted as they start.
pub(crate) struct Unit<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) named: &'a NamedFields,
    /// How it is known what threads did; `None` where nobody asked.
    pub(crate) states: Option<&'a StateSource>,
}

/// Makes a profile of what a snapshot counted. Stacks at which and below which
/// nothing was counted are left out.
pub(crate) fn scale(snapshot: Snapshot, start: SystemTime, unit: &Unit<'_>) -> Profile {
    let clock = unit.clock;
    let length = Duration::from_nanos(clock.nanos(snapshot.at));
    let mut profile = Profile::new(Window { start, length });
    profile.set_operations(snapshot.begun);
    profile.set_covered(clock.nanos(snapshot.covered));
    profile.set_anomalies(snapshot.anomalies);
    if let Some(states) = unit.states {
        profile.set_states(states.clone());
    }
    let ids = nodes(&mut profile, &snapshot, unit);
    for thread in live(&snapshot, &ids, clock) {
        profile.push_live(thread);
    }
    for root in snapshot.operations.iter().filter_map(|root| ids[root.index()]) {
        profile.name_operation(root);
    }
    for orphans in orphans(&profile, &snapshot, &ids) {
        profile.push_orphans(orphans);
    }
    profile.set_unclassified_operations(snapshot.classes.left_out);
    for class in classes::scale(&snapshot, &ids, unit) {
        profile.push_class(class);
    }
    profile.set_left_out_of_heatmap(snapshot.heatmap.left_out);
    for column in heatmap::scale(&snapshot.heatmap, &ids, unit) {
        profile.push_heat_column(column);
    }
    // The rest of a large snapshot goes before they take room.
    for thread in threads(snapshot.into_threads(), &ids, clock) {
        profile.push_thread(thread);
    }
    profile
}

/// The nodes that have something to say, at themselves or below; returns them by
/// their paths' numbers.
fn nodes(profile: &mut Profile, snapshot: &Snapshot, unit: &Unit<'_>) -> Vec<Option<NodeId>> {
    let (paths, clock) = (&snapshot.paths, unit.clock);
    let kept = keep(paths, snapshot);
    let mut callsites = Callsites::default();
    let told = told_by_all(snapshot);
    let mut ids: Vec<Option<NodeId>> = vec![None; kept.len()];
    for (index, _) in kept.iter().enumerate().filter(|(_, kept)| **kept) {
        let id = PathId(index as u32);
        let Some(path) = paths.get(id) else { continue };
        let Measured { ticks, latencies } = snapshot.measured(id);
        let mut measures = measures(&ticks, &latencies, clock);
        let waits = snapshot.queued.get(index).copied().unwrap_or_default();
        measures.queued_nanos = clock.nanos(waits.sum);
        measures.max_queued_nanos = clock.nanos(waits.max);
        tell(&mut measures, &snapshot.told.of(id).states, &told.of(id), clock);
        let (frame, has_named) = callsites.frame(&path.step, unit.named);
        if has_named {
            measures.calls = measures.started;
        }
        let parent = path.parent.and_then(|parent| ids[parent.index()]);
        let latencies = histogram(&latencies, clock);
        ids[index] = Some(profile.add(Node { parent, frame, measures, latencies }));
    }
    let asleep = (snapshot.told.asleep(), told.asleep());
    let id = |path: PathId| ids.get(path.index()).copied().flatten();
    blocked_on(profile, asleep, &snapshot.reasons, id, clock);
    ids
}

/// Makes an operation of what was captured of it.
pub(crate) fn scale_operation(
    ended: &Ended,
    (paths, reasons): (&Paths, &Reasons),
    unit: &Unit<'_>,
) -> Operation {
    let (clock, capture) = (unit.clock, &ended.capture);
    let length = Duration::from_nanos(clock.nanos(ended.duration));
    let mut profile = Profile::new(Window { start: start_of(capture, clock), length });
    let nodes = operation_nodes(&mut profile, capture, (paths, reasons), unit);
    profile.set_operations(1);
    if let Some(states) = unit.states {
        profile.set_states(states.clone());
    }
    for (name, threads) in lane_names(capture) {
        profile.push_thread(ThreadProfile { name: name.into(), threads, nodes: Vec::new() });
    }
    let begun = capture.begun.unwrap_or(0);
    let since = |ticks: u64| clock.nanos(ticks.saturating_sub(begun));
    let node = |place: Place| nodes.get(place.index()).copied().flatten();
    let threads = capture.lanes.iter().map(|lane| Arc::from(lane.name.as_str())).collect();
    let visits = capture.visits.all().iter().filter_map(|visit| {
        Some(profile::Visit {
            span: visit.span,
            node: node(visit.place)?,
            thread: usize::from(visit.lane),
            depth: visit.depth,
            from_nanos: since(visit.from),
            to_nanos: since(visit.to),
        })
    });
    let strands = capture.strands.all().iter().filter_map(|strand| {
        Some(profile::Strand {
            span: strand.span,
            node: node(strand.place)?,
            thread: strand.lane.map(usize::from),
            from_nanos: since(strand.from),
            to_nanos: since(strand.to),
        })
    });
    let absences = capture.absences.all().iter().map(|absence| {
        let (from_nanos, to_nanos) = (since(absence.from), since(absence.to));
        let states = states(&absence.states, to_nanos.saturating_sub(from_nanos), clock);
        profile::Absence { thread: usize::from(absence.lane), from_nanos, to_nanos, states }
    });
    let omitted =
        |(count, longest): (u64, u64)| Omitted { count, longest_nanos: clock.nanos(longest) };
    let mut chart = Chart {
        threads,
        visits: visits.collect(),
        strands: strands.collect(),
        absences: absences.collect(),
        omitted_visits: omitted(capture.visits.left_out()),
        omitted_strands: omitted(capture.strands.left_out()),
        omitted_absences: omitted(capture.absences.left_out()),
    };
    chart.visits.sort_unstable_by_key(|visit| (visit.from_nanos, visit.depth));
    chart.strands.sort_unstable_by_key(|strand| (strand.from_nanos, strand.to_nanos));
    chart.absences.sort_unstable_by_key(|absence| (absence.thread, absence.from_nanos));
    let fields = capture.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let lines = capture.log.iter().map(|line| profile::LogLine {
        at_nanos: since(line.at),
        level: line.level,
        target: line.target.to_owned(),
        text: line.text.clone(),
    });
    let log = Log { lines: lines.collect(), omitted: capture.log_left_out };
    Operation::new(ended.number, fields.collect(), profile, chart).with_log(log)
}

/// The time of day at an operation's first enter.
fn start_of(capture: &Capture, clock: &Clock) -> SystemTime {
    let ago = clock.ticks().saturating_sub(capture.begun.unwrap_or(0));
    let (now, ago) = (SystemTime::now(), Duration::from_nanos(clock.nanos(ago)));
    now.checked_sub(ago).unwrap_or(now)
}

/// The names of the threads that were in an operation, and how many had each.
fn lane_names(capture: &Capture) -> BTreeMap<&str, u64> {
    let mut names = BTreeMap::new();
    for lane in &capture.lanes {
        *names.entry(lane.name.as_str()).or_default() += 1;
    }
    names
}

/// The stacks of one operation; returns their nodes by their places in its tree.
fn operation_nodes(
    profile: &mut Profile,
    capture: &Capture,
    (paths, reasons): (&Paths, &Reasons),
    unit: &Unit<'_>,
) -> Vec<Option<NodeId>> {
    let clock = unit.clock;
    let captured = capture.tree.nodes();
    let mut order: Vec<usize> = (0..captured.len()).collect();
    // Parents have smaller numbers than their children.
    order.sort_unstable_by_key(|at| captured[*at].node);
    let mut callsites = Callsites::default();
    let mut nodes = vec![None; captured.len()];
    let mut by_path: HashMap<PathId, NodeId> = HashMap::new();
    for at in order {
        let node = &captured[at];
        let Some(path) = paths.get(node.node) else { continue };
        let parent = path.parent.and_then(|parent| by_path.get(&parent).copied());
        let none = Latencies::default();
        let (frame, has_named) = callsites.frame(&path.step, unit.named);
        let mut measures = measures(&node.ticks, &none, clock);
        measures.max_latency_nanos = clock.nanos(node.max_latency);
        tell(&mut measures, &node.wall, &node.busy, clock);
        if has_named {
            measures.calls = measures.started;
        }
        let id = profile.push(parent, frame, measures);
        by_path.insert(node.node, id);
        nodes[at] = Some(id);
    }
    let asleep = (&capture.tree.wall_asleep, &capture.tree.busy_asleep);
    blocked_on(profile, asleep, reasons, |path| by_path.get(&path).copied(), clock);
    nodes
}

/// Which paths have something to say, at themselves or below.
fn keep(paths: &Paths, snapshot: &Snapshot) -> Vec<bool> {
    let mut kept = vec![false; paths.len()];
    // What an operation did before the window in which it ended may be all at a stack.
    for row in snapshot.classes.rows.iter().filter(|row| !row.is_zero()) {
        kept[row.node.index()] = true;
    }
    for index in (0..kept.len()).rev() {
        let node = PathId(index as u32);
        kept[index] |= snapshot.has_counted(node);
        let parent = paths.get(node).and_then(|path| path.parent);
        if let (true, Some(parent)) = (kept[index], parent) {
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

/// What all threads together were told of, by node.
fn told_by_all(snapshot: &Snapshot) -> ToldByNode {
    let mut all = ToldByNode::default();
    snapshot.threads.values().for_each(|named| all.merge(&named.told));
    all
}

/// Sets what threads did, in shares of the operation's time and in their own.
fn tell(measures: &mut Measures, wall: &States, busy: &Told, clock: &Clock) {
    measures.wall_states = states(&wall.each(ticks_of), measures.wall_nanos, clock);
    measures.busy_states = states(&busy.states, measures.busy_nanos, clock);
    measures.switches = busy.switches;
}

/// States in nanoseconds, no more than the time that they are of: each is rounded by itself.
fn states(ticks: &States, of: u64, clock: &Clock) -> profile::States {
    let mut left = of;
    let mut part = |ticks: u64| {
        let nanos = clock.nanos(ticks).min(left);
        left -= nanos;
        nanos
    };
    let states = profile::States {
        runnable_nanos: part(ticks.runnable),
        blocked_nanos: part(ticks.blocked),
        off_cpu_nanos: part(ticks.off_cpu),
        unknown_nanos: part(ticks.unknown),
        ..profile::States::default()
    };
    let mut left = states.blocked_nanos;
    states.with_asleep(ticks.asleep.map(|ticks| {
        let nanos = clock.nanos(ticks).min(left);
        left -= nanos;
        nanos
    }))
}

fn histogram(latencies: &Latencies, clock: &Clock) -> Histogram {
    latencies.counts().iter().map(|(longest, calls)| (clock.nanos(longest), calls)).collect()
}

fn threads(
    of: HashMap<Arc<str>, NamedThreads>,
    ids: &[Option<NodeId>],
    clock: &Clock,
) -> Vec<ThreadProfile> {
    let all = of.into_iter().map(|(name, named)| {
        let threads = named.threads;
        let (nodes, told) = named.into_parts();
        let gained = nodes.into_iter();
        let gained = gained.filter(|(_, share)| !share.is_zero());
        let nodes = gained.filter_map(|(path, ticks)| {
            Some(ThreadNode {
                node: (*ids.get(path.index())?)?,
                enters: ticks.enters,
                busy_nanos: clock.nanos(ticks.busy),
                busy_states: states(&told.of(path).states, clock.nanos(ticks.busy), clock),
                entered_nanos: clock.nanos(ticks.entered),
            })
        });
        ThreadProfile { name, threads, nodes: nodes.collect() }
    });
    let mut threads: Vec<_> = all.filter(|thread| !thread.nodes.is_empty()).collect();
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

/// The orphans of each root of which most operations of the window are some: what now and then
/// begins while another waits does so by chance.
fn orphans(profile: &Profile, snapshot: &Snapshot, ids: &[Option<NodeId>]) -> Vec<Orphans> {
    let id = |path: PathId| ids.get(path.index()).copied().flatten();
    let all = snapshot.orphans.iter().filter_map(|pair| {
        Some(Orphans { root: id(pair.root)?, waiting: id(pair.waiting)?, count: pair.count })
    });
    let mut orphans: Vec<Orphans> = all.collect();
    let mut counts: HashMap<NodeId, u64> = HashMap::new();
    for Orphans { root, count, .. } in &orphans {
        let sum = counts.entry(*root).or_default();
        *sum = sum.saturating_add(*count);
    }
    let are_most = |root: NodeId| counts.get(&root).copied() > Some(profile.node(root).lived() / 2);
    orphans.retain(|orphans| are_most(orphans.root));
    orphans
}

/// One [`Callsite`] for all nodes of one, and whether it has fields that are named.
#[derive(Default)]
struct Callsites(HashMap<*const Metadata<'static>, (Arc<Callsite>, bool)>);

impl Callsites {
    /// What a node stands for, and whether its spans are counted as they start.
    fn frame(&mut self, step: &Step, named: &NamedFields) -> (Frame, bool) {
        let Step::Span(metadata, values) = step else { return (Frame::Truncated, false) };
        let make = || (Arc::new((*metadata).into()), named.has(metadata));
        let (callsite, has_named) =
            self.0.entry(std::ptr::from_ref(*metadata)).or_insert_with(make);
        let callsite = Arc::clone(callsite);
        let frame = match values {
            Some(values) => Frame::Fields(callsite, Arc::clone(values)),
            None => Frame::Span(callsite),
        };
        (frame, *has_named)
    }
}
