//! What the critical path of an operation means, in words.

use std::collections::{BTreeMap, HashMap};

use crate::{
    profile::{Going, NodeId, Operation, Step},
    render::{
        human::{Nanos, Share},
        label::printable,
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
            "Without `{name}` this `{}` could have taken {} instead of {} at best.",
            printable(operation.name()),
            without(part),
            Nanos(whole),
        ));
        lines.extend(parts.iter().take(MOST).map(|(name, part)| {
            let share = Share { part: part.own, whole };
            format!(
                "{:>10} ({share}) at `{name}` itself; without it and all below it {} at best",
                Nanos(part.own).to_string(),
                without(part),
            )
        }));
    }
    let unknown: u64 = operation
        .critical_path()
        .iter()
        .filter(|step| step.going == Going::Unknown)
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

/// What each name had of the path, the root's left out.
fn parts(operation: &Operation) -> BTreeMap<String, Part> {
    let tree = &operation.profile().tree;
    let parent = |node: &NodeId| tree.parent(node.index());
    let names: Vec<String> = operation.profile().nodes().frames().map(super::label).collect();
    let name = |node: NodeId| names[node.index()].as_str();
    let mut own: HashMap<NodeId, u64> = HashMap::new();
    for step in operation.critical_path() {
        *own.entry(step.node).or_default() += step.nanos();
    }
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    for (node, nanos) in own {
        // A name counts once, however often it stands on the stack.
        let mut seen: Vec<&str> = Vec::new();
        for above in std::iter::successors(Some(node), parent) {
            if parent(&above).is_none() || seen.contains(&name(above)) {
                continue;
            }
            seen.push(name(above));
            let part = parts.entry(name(above).to_owned()).or_default();
            part.total += nanos;
            part.own += if above == node { nanos } else { 0 };
        }
    }
    parts
}
