//! An operation as one line of JSON, for who collects what was slow.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use super::{
    against::{Against, Item},
    sentence::told,
};
use crate::{
    profile::{NodeId, Operation, Switches},
    render::{
        json::line::Line,
        state::{Parts, State},
    },
};

/// Nanoseconds, as milliseconds with all digits.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

pub(super) fn write(operation: &Operation, mut writer: impl Write) -> io::Result<()> {
    let against = Against::of(operation);
    let mut line = Line::begin(&mut writer)?;
    line.string("level", "warn")?;
    line.string("msg", "Slow operation")?;
    line.number("start_unix_nanos", operation.profile().window().start_unix_nanos())?;
    line.string("name", operation.name())?;
    line.key("fields")?;
    fields(line.writer(), operation)?;
    line.key("timing")?;
    timing(line.writer(), operation)?;
    if let Some(against) = &against {
        line.number("typical_ms", Millis(against.typical_nanos))?;
    }
    if let Some(sentence) = operation.sentence() {
        line.string("sentence", &sentence)?;
    }
    if let Some(against) = &against {
        line.key("against")?;
        self::against(line.writer(), against)?;
    }
    line.key("states")?;
    states(line.writer(), operation)?;
    line.key("counted")?;
    counted(line.writer(), operation)?;
    line.end()
}

fn fields(writer: &mut impl Write, operation: &Operation) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    for (name, value) in operation.fields() {
        line.string_of_any(name, value)?;
    }
    line.end()
}

/// How long it took, and for how long spans of each name were entered, one within another of its
/// name once.
fn timing(writer: &mut impl Write, operation: &Operation) -> io::Result<()> {
    let nodes = operation.profile().nodes();
    let names: Vec<String> = nodes.iter().map(|node| super::label(&node.frame)).collect();
    let parents: Vec<Option<NodeId>> = nodes.iter().map(|node| node.parent).collect();
    let mut entered: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let mut above = std::iter::successors(parents[at], |parent| parents[parent.index()]);
        if !above.any(|above| names[above.index()] == names[at]) {
            let sum = entered.entry(&names[at]).or_default();
            *sum = sum.saturating_add(node.measures.entered_nanos);
        }
    }
    let mut line = Line::begin(writer)?;
    line.number("total_ms", Millis(operation.nanos()))?;
    // A span that is named so stands behind what the line is about.
    for (name, nanos) in entered.into_iter().filter(|(name, nanos)| *name != "total" && *nanos > 0)
    {
        line.number_of_any(&format!("{name}_ms"), Millis(nanos))?;
    }
    line.end()
}

/// What the sentence tells of: frame, state, how long, and what is typical.
fn against(writer: &mut impl Write, against: &Against) -> io::Result<()> {
    writer.write_all(b"[")?;
    let more = against.nanos.saturating_sub(against.typical_nanos);
    for (at, item) in told(&against.items, more).into_iter().enumerate() {
        let Item { place, nanos, typical_nanos } = item;
        writer.write_all(if at == 0 { b"" } else { b", " })?;
        let mut line = Line::begin(writer)?;
        match &place.frame {
            Some(frame) => line.string("frame", frame)?,
            None => line.null("frame")?,
        }
        match place.state() {
            Some(state) => line.string("state", state.label())?,
            None => line.null("state")?,
        }
        line.number("ms", Millis(*nanos))?;
        line.number("typical_ms", Millis(*typical_nanos))?;
        line.end()?;
    }
    writer.write_all(b"]")
}

/// Its time by what its threads did in it, those that there are.
fn states(writer: &mut impl Write, operation: &Operation) -> io::Result<()> {
    let mut on_cpu = 0_u64;
    let mut sums = [0_u64; State::ALL.len()];
    for node in operation.profile().nodes().iter() {
        let measures = &node.measures;
        let parts =
            Parts::of(measures.wall_nanos, measures.wall_states).awaited(measures.await_nanos);
        on_cpu = on_cpu.saturating_add(parts.on_cpu);
        for (sum, state) in sums.iter_mut().zip(State::ALL) {
            *sum = sum.saturating_add(parts.get(state));
        }
    }
    let named = State::ALL.map(|state| state.label().trim_matches(['[', ']']));
    let is_known = operation.profile().has_states();
    let mut line = Line::begin(writer)?;
    line.number_of_any(if is_known { "on-cpu_ms" } else { "entered_ms" }, Millis(on_cpu))?;
    for (name, nanos) in named.into_iter().zip(sums).filter(|(_, nanos)| *nanos > 0) {
        line.number_of_any(&format!("{name}_ms"), Millis(nanos))?;
    }
    line.end()
}

fn counted(writer: &mut impl Write, operation: &Operation) -> io::Result<()> {
    let all = operation.profile().nodes().iter().map(|node| node.measures.switches);
    let all = all.fold(Switches::default(), Switches::plus);
    let mut line = Line::begin(writer)?;
    for (name, count) in Switches::NAMES.into_iter().zip(all.each()).filter(|(_, n)| *n > 0) {
        line.number(name, count)?;
    }
    line.end()
}
