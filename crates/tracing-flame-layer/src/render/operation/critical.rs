//! What the critical path of an operation means, in words.

use std::collections::{BTreeMap, HashMap};

use crate::{
    profile::{Activity, NodeId, Operation, ReasonKind, StateSource, States, Step},
    render::{
        human::{Nanos, Share},
        markdown::code,
    },
};

/// How many spans are told of.
const MOST: usize = 6;

/// What one name's spans had of the critical path.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// At the spans themselves.
    own: u64,
    /// At them or below.
    total: u64,
    /// Of `own`, what threads did.
    states: States,
}

/// The lines about a critical path; none where there is no path.
pub(in crate::render) fn lines(operation: &Operation) -> Vec<String> {
    let whole = operation.nanos();
    let mut parts: Vec<(String, Part)> = parts(operation).into_iter().collect();
    parts.retain(|(_, part)| part.own > 0);
    parts.sort_by(|(a, x), (b, y)| y.own.cmp(&x.own).then_with(|| a.cmp(b)));
    let without = |part: &Part| Nanos(whole.saturating_sub(part.total));
    let mut lines = Vec::new();
    if let Some((name, part)) = parts.first() {
        lines.push(format!(
            "Without {} this {} could have taken {} instead of {} at best.",
            code(name),
            code(operation.name()),
            without(part),
            Nanos(whole),
        ));
        lines.extend(parts.iter().take(MOST).map(|(name, part)| {
            let share = Share { part: part.own, whole };
            let off = off_cpu(part.states).map_or_else(String::new, |off| format!(", {off}"));
            format!(
                "{:>10} ({share}) at {} itself{off}; without it and all below it {} at best",
                Nanos(part.own).to_string(),
                code(name),
                without(part),
            )
        }));
    }
    lines.extend(states(operation));
    let unknown: u64 = operation
        .critical_path()
        .iter()
        .filter(|step| step.activity == Activity::Unknown)
        .map(Step::nanos)
        .sum();
    if unknown > 0 {
        let share = Share { part: unknown, whole };
        lines.push(format!(
            "{} ({share}) of the path went through stretches too short to be kept; it is \
             told of the span around them.",
            Nanos(unknown)
        ));
    }
    lines
}

/// What threads did on the path, and how short it could be without: no shorter than without what
/// they may have done.
fn states(operation: &Operation) -> Vec<String> {
    if !operation.profile().states().is_some_and(StateSource::is_known) {
        return Vec::new();
    }
    let whole = operation.nanos();
    let steps = operation.critical_path();
    let worked: u64 = steps.iter().filter(|step| step.thread.is_some()).map(Step::nanos).sum();
    let all = steps.iter().map(|step| step.states).fold(States::default(), States::plus);
    let either = all.off_cpu_nanos.saturating_add(all.unknown_nanos);
    let line = |part: u64, what: &str| {
        let share = Share { part, whole };
        (part > 0).then(|| format!("{:>10} ({share}) {what}", Nanos(part).to_string()))
    };
    let without = |nanos: u64| Nanos(whole.saturating_sub(nanos.saturating_add(either)));
    let runnable = format!(
        "ready to run, and waiting for a CPU; with one free at once {} at best",
        without(all.runnable_nanos)
    );
    let asleep = all.asleep().into_iter().filter(|(_, nanos)| *nanos > 0);
    let asleep: Vec<_> =
        asleep.map(|(kind, nanos)| format!("{} {}", Nanos(nanos), slept_for(kind))).collect();
    let of_that = match asleep.is_empty() {
        true => String::new(),
        false => format!(", of that {}", asleep.join(", ")),
    };
    let blocked = format!("asleep{of_that}; without that {} at best", without(all.blocked_nanos));
    let told = [
        line(all.on_cpu_nanos(worked), "of the path on a CPU"),
        line(all.runnable_nanos, &runnable),
        line(all.blocked_nanos, &blocked),
        line(all.off_cpu_nanos, "off a CPU, waiting for one or asleep, which is not known"),
        line(all.unknown_nanos, "on a CPU or not, which is not known"),
    ];
    told.into_iter().flatten().collect()
}

fn slept_for(kind: ReasonKind) -> &'static str {
    match kind {
        ReasonKind::Fault => "for pages that had to be read",
        ReasonKind::Disk => "in system calls on files",
        ReasonKind::Lock => "for other threads",
        ReasonKind::Net => "for sockets",
        ReasonKind::Timer => "for a time to pass",
        ReasonKind::Other => "for something else",
    }
}

/// What of a time threads were not on a CPU, in words.
fn off_cpu(states: States) -> Option<String> {
    let States { runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos, .. } = states;
    let told = [
        ("waiting for a CPU", runnable_nanos),
        ("asleep", blocked_nanos),
        ("off a CPU", off_cpu_nanos),
        ("unknown", unknown_nanos),
    ];
    let told = told.into_iter().filter(|(_, nanos)| *nanos > 0);
    let told: Vec<_> = told.map(|(what, nanos)| format!("{} {what}", Nanos(nanos))).collect();
    (!told.is_empty()).then(|| format!("of that {}", told.join(", ")))
}

/// What each name had of the path, the root's left out.
fn parts(operation: &Operation) -> BTreeMap<String, Part> {
    let tree = &operation.profile().tree;
    let parent = |node: &NodeId| tree.parent(node.index());
    let names: Vec<String> = operation.profile().nodes().frames().map(super::label).collect();
    let name = |node: NodeId| names[node.index()].as_str();
    let mut own: HashMap<NodeId, (u64, States)> = HashMap::new();
    for step in operation.critical_path() {
        let (nanos, states) = own.entry(step.node).or_default();
        *nanos += step.nanos();
        *states = states.plus(step.states);
    }
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for (node, (nanos, states)) in own {
        // A name counts once, however often it stands on the stack.
        let mut seen: Vec<&str> = Vec::new();
        for above in std::iter::successors(Some(node), parent) {
            if parent(&above).is_none() || seen.contains(&name(above)) {
                continue;
            }
            seen.push(name(above));
            let part = parts.entry(name(above).to_owned()).or_default();
            part.total += nanos;
            if above == node {
                part.own += nanos;
                part.states = part.states.plus(states);
            }
        }
    }
    parts
}
