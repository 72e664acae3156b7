//! Where the time of all operations went: by the name of frames, and by what threads did there.

use std::collections::BTreeMap;

use super::{
    finding::{Finding, Rule},
    share,
};
use crate::{
    profile::Callsite,
    render::{
        frames::{Frames, Kind, Placed, Tally},
        human::{Count, Nanos, Plural},
        label::{printable, shortened},
        markdown::code,
        operation::what,
        state::{Parts, State},
    },
};

/// How many frames of those that waited for a CPU are named.
const MOST_FRAMES: usize = 3;
/// How many reasons are named.
const MOST_REASONS: usize = 3;

/// All frames of a label.
struct Group<'f> {
    label: &'f str,
    frames: Vec<(&'f Placed, Parts)>,
    own: Parts,
}

/// A finding for each part, in the order of names.
pub(super) fn of(frames: &Frames<'_>) -> Vec<Finding> {
    let groups = groups(frames);
    let mut findings: Vec<Finding> = cpu(frames, &groups).into_iter().collect();
    let is_told = |state: &State| !matches!(state, State::Runnable | State::Unknown);
    for group in &groups {
        findings.push(part(frames, group, None, group.own.on_cpu));
        for state in State::ALL.into_iter().filter(is_told) {
            findings.push(part(frames, group, Some(state), group.own.get(state)));
        }
    }
    findings.retain(|finding| finding.nanos > 0);
    findings
}

fn groups<'f>(frames: &'f Frames<'_>) -> Vec<Group<'f>> {
    let own = frames.parts(false);
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for (frame, parts) in frames.all().iter().zip(own) {
        if matches!(frame.kind, Kind::Span | Kind::Truncated) {
            let label = frames.label(frame);
            let new = || Group { label, frames: Vec::new(), own: Parts::default() };
            let group = groups.entry(label).or_insert_with(new);
            group.own.add(&parts);
            group.frames.push((frame, parts));
        }
    }
    groups.into_values().collect()
}

fn part(frames: &Frames<'_>, group: &Group<'_>, state: Option<State>, nanos: u64) -> Finding {
    let label = group.label;
    let time = |parts: &Parts| state.map_or(parts.on_cpu, |state| parts.get(state));
    let widest = group.frames.iter().max_by_key(|(_, parts)| time(parts)).copied();
    let mut tally = Tally::default();
    group.frames.iter().for_each(|(frame, _)| tally.add(&frames.tally(frame)));
    let whole = frames.total_nanos();
    let mut figures = Vec::new();
    if group.own.on_cpu != nanos || state.is_some() {
        figures.push(format!("{} itself is {}", code(label), group.own));
    }
    figures.extend(calls(&tally));
    if state.is_some_and(State::is_sleep) {
        figures.extend(slept(&tally));
        figures.extend(reasons(frames, group, state, nanos));
    }
    let stack = widest.map_or(Vec::new(), |(frame, _)| stack(frames, frame));
    if let Some((_, parts)) = widest.filter(|_| group.frames.len() > 1) {
        let places = Plural(group.frames.len() as u64, "stack");
        let time = Nanos(time(&parts));
        figures.push(format!("it stands on {places}, with {time} on the one told here"));
    }
    let subject = what(Some(label), state, frames.has_states());
    Finding {
        rule: Rule::Part,
        what: format!("{subject}: {}, {} of all", Nanos(nanos), share(nanos, whole)),
        frame: Some(label.to_owned()),
        state: state.map(State::label),
        nanos,
        of_nanos: whole,
        stack,
        places: places(frames, group),
        figures,
        numbers: numbers(&tally, &group.own),
    }
}

/// What threads waited for a CPU, wherever.
fn cpu(frames: &Frames<'_>, groups: &[Group<'_>]) -> Option<Finding> {
    let mut waits: Vec<(u64, &str)> =
        groups.iter().map(|group| (group.own.get(State::Runnable), group.label)).collect();
    waits.sort_by_key(|(nanos, _)| std::cmp::Reverse(*nanos));
    let nanos = waits.iter().fold(0_u64, |sum, (nanos, _)| sum.saturating_add(*nanos));
    let on_cpu = groups.iter().fold(0_u64, |sum, group| sum.saturating_add(group.own.on_cpu));
    let whole = frames.total_nanos();
    let mut tally = Tally::default();
    for group in groups {
        group.frames.iter().for_each(|(frame, _)| tally.add(&frames.tally(frame)));
    }
    let named = waits.iter().take(MOST_FRAMES).filter(|(nanos, _)| *nanos > 0);
    let named: Vec<String> =
        named.map(|(nanos, label)| format!("{} {}", code(label), Nanos(*nanos))).collect();
    let taken = tally.switches.involuntary;
    (nanos > 0).then(|| Finding {
        rule: Rule::Cpu,
        what: format!("waiting for a CPU: {}, {} of all", Nanos(nanos), share(nanos, whole)),
        frame: None,
        state: Some(State::Runnable.label()),
        nanos,
        of_nanos: whole,
        stack: Vec::new(),
        places: Vec::new(),
        figures: vec![
            format!("on a CPU the same spans spent {}", Nanos(on_cpu)),
            format!("the most of it in {}", named.join(", ")),
            format!("a CPU was taken away from a thread {}", times(taken)),
            "whose the CPUs were meanwhile is not recorded: other processes, threads of this one, \
             or a limit"
                .to_owned(),
        ],
        numbers: vec![("on_cpu_nanos", on_cpu), ("preempted", taken)],
    })
}

fn times(count: u64) -> String {
    Plural(count, "time").to_string()
}

/// How long calls took.
fn calls(tally: &Tally) -> Option<String> {
    let mean = Nanos(tally.mean_nanos()?);
    let mut text = format!("{}, from first enter to close {mean} on average", called(tally));
    if let (Some(p50), Some(p99)) = (tally.percentile_nanos(50), tally.percentile_nanos(99)) {
        text += &format!(", half within {}, 99 of 100 within {}", Nanos(p50), Nanos(p99));
    }
    if let Some(max) = tally.max() {
        text += &format!(", the longest {max}");
    }
    Some(text)
}

fn called(tally: &Tally) -> String {
    Plural(tally.calls.unwrap_or(tally.started), "call").to_string()
}

fn slept(tally: &Tally) -> Option<String> {
    let (sleeps, faults) = (tally.switches.voluntary, tally.switches.major_faults);
    let pages = match faults {
        0 => String::new(),
        _ => format!(", and had to read {}", Plural(faults, "page")),
    };
    (sleeps > 0).then(|| format!("its threads went to sleep {}{pages}", times(sleeps)))
}

/// What threads were asleep for, as far as somebody saw it.
fn reasons(
    frames: &Frames<'_>,
    group: &Group<'_>,
    state: Option<State>,
    nanos: u64,
) -> Option<String> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    let all = group.frames.iter().flat_map(|(frame, _)| frames.reasons(frame));
    for (reason, nanos) in all.filter(|(reason, _)| Some(State::of_kind(reason.kind)) == state) {
        let text = shortened(&printable(&reason.to_string()), 19, 40);
        let sum = sums.entry(text).or_default();
        *sum = sum.saturating_add(nanos);
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, nanos)| std::cmp::Reverse(*nanos));
    let known = sums.iter().fold(0_u64, |sum, (_, nanos)| sum.saturating_add(*nanos));
    let told: Vec<String> = sums
        .iter()
        .take(MOST_REASONS)
        .map(|(text, nanos)| format!("{} {}", code(text), Nanos(*nanos)))
        .collect();
    let rest = nanos.saturating_sub(known);
    match (told.is_empty(), rest) {
        (true, _) => Some("what for nobody saw".to_owned()),
        (false, 0) => Some(format!("asleep in {}", told.join(", "))),
        (false, rest) => {
            Some(format!("asleep in {}; in what for {} nobody saw", told.join(", "), Nanos(rest)))
        }
    }
}

/// The labels of a frame's stack.
pub(super) fn stack(frames: &Frames<'_>, frame: &Placed) -> Vec<String> {
    let above = std::iter::successors(Some(frame), |frame| frames.parent(frame));
    let mut stack: Vec<String> = above.map(|frame| frames.label(frame).to_owned()).collect();
    stack.reverse();
    stack
}

/// Where all frames of a label come from, each place once.
fn places(frames: &Frames<'_>, group: &Group<'_>) -> Vec<Callsite> {
    let sources = group.frames.iter().flat_map(|(frame, _)| frames.sources(frame));
    let mut sources: Vec<Callsite> = sources.cloned().collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// Where frames of a label come from.
pub(super) fn places_of(frames: &Frames<'_>, label: &str) -> Vec<Callsite> {
    let is_it = |group: &Group<'_>| group.label == label;
    groups(frames).into_iter().find(is_it).map_or(Vec::new(), |group| places(frames, &group))
}

fn numbers(tally: &Tally, own: &Parts) -> Vec<(&'static str, u64)> {
    let own_nanos =
        State::ALL.into_iter().fold(own.on_cpu, |sum, state| sum.saturating_add(own.get(state)));
    let mut numbers = vec![
        ("self_nanos", own_nanos),
        ("calls", tally.calls.unwrap_or(tally.started)),
        ("slept", tally.switches.voluntary),
        ("preempted", tally.switches.involuntary),
        ("major_faults", tally.switches.major_faults),
    ];
    let known = [
        ("mean_nanos", tally.mean_nanos()),
        ("p50_nanos", tally.percentile_nanos(50)),
        ("p99_nanos", tally.percentile_nanos(99)),
        ("max_nanos", tally.max().map(|max| max.nanos)),
    ];
    numbers.extend(known.into_iter().filter_map(|(name, nanos)| Some((name, nanos?))));
    numbers
}

/// A count as people read it, for sentences of other rules.
pub(super) fn count(count: u64) -> String {
    Count(count).to_string()
}
