//! What is shown of a frame under the pointer.
//!
//! The text is `label (facts)`. inferno's script writes into a frame what it
//! finds before the last opening bracket, so the facts must hold none.

use super::super::{
    frames::{Frames, Kind, Placed, Tally},
    human::{Count, Nanos, Plural, Rounded, Share},
    label::{place, printable, sanitise},
    state::Parts,
};
use crate::profile::Callsite;

/// How many sources are listed at most.
const MOST_SOURCES: usize = 5;

/// How many reasons are.
const MOST_REASONS: usize = 5;

/// The tooltip of everything together.
pub(super) fn of_all(frames: &Frames<'_>) -> String {
    format!("all ({}, 100%)", Nanos(frames.total_nanos()))
}

/// The tooltips of a picture's frames.
pub(super) struct Tooltips<'f, 'p> {
    frames: &'f Frames<'p>,
    /// By place, what each frame's own time and its total are made of; nothing where that
    /// is not known.
    own: Vec<Parts>,
    totals: Vec<Parts>,
}

impl<'f, 'p> Tooltips<'f, 'p> {
    pub(super) fn new(frames: &'f Frames<'p>) -> Self {
        let parts = |with_all_on_it| match frames.has_states() {
            true => frames.parts(with_all_on_it),
            false => Vec::new(),
        };
        Self { frames, own: parts(false), totals: parts(true) }
    }

    /// The tooltip of the frame at a place.
    pub(super) fn of(&self, place: u32) -> String {
        let place = place as usize;
        of(self.frames, &self.frames.all()[place], self.own.get(place), self.totals.get(place))
    }
}

fn of(frames: &Frames<'_>, frame: &Placed, own: Option<&Parts>, total: Option<&Parts>) -> String {
    let mut lines = vec![times(frames, frame)];
    let each = per_operation(frames, frame);
    let tally = frames.tally(frame);
    match frame.kind {
        Kind::Span => {
            lines.extend(root(frames, frame));
            lines.extend(spans(frame, &tally, own));
            lines.extend(total.map(Parts::to_string));
            lines.extend(switches(&tally));
            lines.extend(latencies(&tally));
            lines.extend(queued(&tally));
            lines.extend(each);
            lines.extend(sources(&frames.sources(frame)));
        }
        Kind::Truncated => {
            lines.extend(spans(frame, &tally, own));
            lines.extend(total.map(Parts::to_string));
            lines.extend(latencies(&tally));
            lines.push("too deep, or one distinct stack too many, to be told apart".to_owned());
        }
        Kind::State(state) => {
            lines.push(state.means().to_owned());
            lines.extend(reasons(frames, frame));
            lines.extend(each);
        }
        Kind::Thread => {
            lines.push(threads(frames, frame));
            lines.extend(total.map(Parts::to_string));
        }
    }
    format!("{} ({})", frames.label(frame), lines.join(";\n"))
}

fn times(frames: &Frames<'_>, frame: &Placed) -> String {
    let part = frame.total_nanos;
    let of_all = Share { part, whole: frames.total_nanos() };
    match frames.parent(frame) {
        None => format!("{}, {of_all} of all", Nanos(part)),
        Some(parent) => {
            let of_parent = Share { part, whole: parent.total_nanos };
            format!("{}, {of_all} of all, {of_parent} of parent", Nanos(part))
        }
    }
}

/// That it is a root, of so many operations.
fn root(frames: &Frames<'_>, frame: &Placed) -> Option<String> {
    let lived = Plural(frames.lived(frame)?, "operation");
    Some(match frames.orphans(frame) {
        Some((orphans, _)) => format!("a root: {lived}, {} likely parts of others", Count(orphans)),
        None => format!("a root: {lived}"),
    })
}

/// Calls and polls; nothing where no call is known and all time is self.
fn spans(frame: &Placed, tally: &Tally, own: Option<&Parts>) -> Option<String> {
    let calls = tally.calls.map(|calls| Plural(calls, "call").to_string());
    let polls = (tally.polls() > 0).then(|| Plural(tally.polls(), "poll").to_string());
    let nanos = own.map_or(frame.self_nanos, Parts::entered);
    let own = (nanos < frame.total_nanos).then(|| format!("self {}", Nanos(nanos)));
    joined([calls, polls, own])
}

/// How often threads were switched out in the frame itself.
fn switches(tally: &Tally) -> Option<String> {
    let [voluntary, involuntary, major_faults, minor_faults, blocks_read, blocks_written] =
        tally.switches.each();
    let times = |count: u64, what: &'static str| {
        (count > 0).then(|| format!("{what} {}", Plural(count, "time")))
    };
    let told = joined([
        times(voluntary, "slept"),
        times(involuntary, "preempted"),
        (major_faults > 0).then(|| Plural(major_faults, "major fault").to_string()),
        (minor_faults > 0).then(|| Plural(minor_faults, "minor fault").to_string()),
        (blocks_read > 0).then(|| format!("{} read", Plural(blocks_read, "block"))),
        (blocks_written > 0).then(|| format!("{} written", Plural(blocks_written, "block"))),
    ]);
    told.map(|told| format!("itself: {told}"))
}

/// What threads were asleep for in a state.
fn reasons(frames: &Frames<'_>, frame: &Placed) -> Option<String> {
    let all = frames.reasons(frame);
    let told = all.iter().take(MOST_REASONS).map(|(reason, nanos)| {
        without_brackets(&printable(&format!("{reason} {}", Nanos(*nanos))))
    });
    let mut told: Vec<String> = told.collect();
    if all.len() > MOST_REASONS {
        told.push(format!("and {} more", all.len() - MOST_REASONS));
    }
    (!told.is_empty()).then(|| told.join(";\n"))
}

/// How long calls took; nothing where none was entered.
fn latencies(tally: &Tally) -> Option<String> {
    let mean = tally.mean_nanos().map(|mean| format!("mean {}", Nanos(mean)));
    let [p50, p90, p99] = [50, 90, 99].map(|percent| {
        let nanos = tally.percentile_nanos(percent)?;
        Some(format!("p{percent} {}", Rounded(nanos)))
    });
    let max = tally.max().map(|max| format!("max {max}"));
    joined([mean, p50, p90, p99, max])
}

/// How long they waited for their first enter, where that was measured.
fn queued(tally: &Tally) -> Option<String> {
    let mean = tally.mean_queued_nanos()?;
    Some(format!("queued mean {}, max {}", Nanos(mean), Nanos(tally.max_queued_nanos)))
}

/// The time in each operation, where the user named some.
fn per_operation(frames: &Frames<'_>, frame: &Placed) -> Option<String> {
    let bottom = frames.bottom(frame);
    let operations = frames.operations(bottom)?;
    let each = Nanos(frame.total_nanos / operations);
    Some(without_brackets(&format!("{each} per {} of {}", frames.label(bottom), Count(operations))))
}

fn joined<const N: usize>(told: [Option<String>; N]) -> Option<String> {
    let told: Vec<String> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn without_brackets(text: &str) -> String {
    text.replace('(', "[").replace(')', "]")
}

fn sources(sources: &[&Callsite]) -> Option<String> {
    let mut told: Vec<String> =
        sources.iter().take(MOST_SOURCES).map(|&callsite| source(callsite)).collect();
    // What was read from folded stacks has neither target nor file.
    told.retain(|source| !source.is_empty());
    if sources.len() > MOST_SOURCES {
        told.push(format!("and {} more", sources.len() - MOST_SOURCES));
    }
    (!told.is_empty()).then(|| told.join(";\n"))
}

fn source(callsite: &Callsite) -> String {
    let place = place(callsite).map(|place| format!(" {place}")).unwrap_or_default();
    without_brackets(&printable(&format!("{}{place}", callsite.target)))
}

fn threads(frames: &Frames<'_>, frame: &Placed) -> String {
    let label = frames.label(frame);
    let threads = frames.profile().threads().iter().filter(|t| sanitise(&t.name) == label);
    let count = threads.fold(0_u64, |count, t| count.saturating_add(t.threads));
    format!("{} of that name", Plural(count, "thread"))
}
