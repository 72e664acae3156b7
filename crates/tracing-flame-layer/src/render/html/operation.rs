//! One operation as JSON: its profile, and its course in time as arrays of numbers.

use std::io::{self, Write};

use super::super::{
    json::{self, escape, line::Line},
    operation::{Against, Item, counted_lines, critical_lines},
};
use crate::profile::{
    Absence, Activity, Log, LogLine, Omitted, Operation, SelectedClasses, States, Step, Strand,
    Typical, Visit,
};

pub(super) fn write<W: Write>(operation: &Operation, writer: &mut W) -> io::Result<()> {
    let chart = operation.chart();
    let mut line = Line::begin(writer)?;
    line.number("number", operation.number())?;
    line.string("name", &operation.headline())?;
    line.key("fields")?;
    list(line.writer(), operation.fields(), |writer, (name, value)| {
        list(writer, [name, value], |writer, text| escape::string(writer, text))
    })?;
    line.number("start_unix_nanos", operation.profile().window().start_unix_nanos())?;
    line.number("nanos", operation.nanos())?;
    line.key("threads")?;
    list(line.writer(), &chart.threads, |writer, name| escape::string(writer, name))?;
    line.key("visits")?;
    list(line.writer(), &chart.visits, visit)?;
    line.key("visit_spans")?;
    list(line.writer(), &chart.visits, |writer, visit| write!(writer, "{}", visit.span))?;
    line.key("waits")?;
    let waits = chart.strands.iter().filter(|strand| strand.thread.is_none());
    list(line.writer(), waits, wait)?;
    line.key("absences")?;
    list(line.writer(), &chart.absences, absence)?;
    line.key("path")?;
    list(line.writer(), operation.critical_path(), step)?;
    line.key("critical")?;
    list(line.writer(), &critical_lines(operation), |writer, text| escape::string(writer, text))?;
    if let Some(sentence) = operation.sentence() {
        line.string("sentence", &sentence)?;
    }
    line.key("counted")?;
    list(line.writer(), &counted_lines(operation), |writer, text| escape::string(writer, text))?;
    if let (Some(typical), Some(against)) = (operation.typical(), Against::of(operation)) {
        line.key("typical")?;
        self::typical(line.writer(), typical, &against)?;
        line.key("against")?;
        list(line.writer(), &against.items, item)?;
    }
    let Log { lines, omitted } = operation.log();
    line.key("log")?;
    list(line.writer(), lines, log_line)?;
    line.number("log_left_out", omitted)?;
    line.key("visits_left_out")?;
    self::omitted(line.writer(), chart.omitted_visits)?;
    line.key("strands_left_out")?;
    self::omitted(line.writer(), chart.omitted_strands)?;
    line.key("absences_left_out")?;
    self::omitted(line.writer(), chart.omitted_absences)?;
    line.key("profile")?;
    json::write(operation.profile(), line.writer())?;
    line.end()
}

/// Which operations are typical, and how long one of them takes on average.
fn typical(writer: &mut impl Write, typical: &Typical, against: &Against) -> io::Result<()> {
    let SelectedClasses { from_nanos, below_nanos, operations, of, .. } = typical.selected;
    let mut line = Line::begin(writer)?;
    line.number("from_nanos", from_nanos)?;
    match below_nanos {
        Some(nanos) => line.number("below_nanos", nanos)?,
        None => line.null("below_nanos")?,
    }
    line.number("operations", operations)?;
    line.number("of", of)?;
    line.number("nanos", against.typical_nanos)?;
    line.end()
}

/// A frame, or none; the state, or none; how long, and how long in the typical one.
fn item(writer: &mut impl Write, item: &Item) -> io::Result<()> {
    writer.write_all(b"[")?;
    match &item.place.frame {
        Some(frame) => escape::string(writer, frame)?,
        None => writer.write_all(b"null")?,
    }
    writer.write_all(b",")?;
    match item.place.state() {
        Some(state) => escape::string(writer, state.label())?,
        None => writer.write_all(b"null")?,
    }
    write!(writer, ",{},{}]", item.nanos, item.typical_nanos)
}

/// Items between brackets, on one line.
pub(super) fn list<W: Write, T>(
    writer: &mut W,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    writer.write_all(b"[")?;
    for (i, each) in items.into_iter().enumerate() {
        writer.write_all(if i == 0 { b"" } else { b"," })?;
        item(writer, each)?;
    }
    writer.write_all(b"]")
}

/// The stack, the thread, how deep on it, from when to when.
fn visit(writer: &mut impl Write, visit: &Visit) -> io::Result<()> {
    let Visit { span: _, node, thread, depth, from_nanos, to_nanos } = visit;
    write!(writer, "[{},{thread},{depth},{from_nanos},{to_nanos}]", node.index())
}

/// The stack, from when to when.
fn wait(writer: &mut impl Write, strand: &Strand) -> io::Result<()> {
    let Strand { span: _, node, thread: _, from_nanos, to_nanos } = strand;
    write!(writer, "[{},{from_nanos},{to_nanos}]", node.index())
}

/// The thread, from when to when, for how long in each state.
fn absence(writer: &mut impl Write, absence: &Absence) -> io::Result<()> {
    let Absence { thread, from_nanos, to_nanos, states } = absence;
    write!(writer, "[{thread},{from_nanos},{to_nanos},")?;
    self::states(writer, states)?;
    writer.write_all(b"]")
}

fn states(writer: &mut impl Write, states: &States) -> io::Result<()> {
    let States { runnable_nanos, blocked_nanos, off_cpu_nanos, unknown_nanos, .. } = states;
    write!(writer, "[{runnable_nanos},{blocked_nanos},{off_cpu_nanos},{unknown_nanos}")?;
    for (_, nanos) in states.asleep() {
        write!(writer, ",{nanos}")?;
    }
    writer.write_all(b"]")
}

/// The stack, what it did there, the thread if one worked, from when to when, and for how long
/// the thread was in each state meanwhile.
fn step(writer: &mut impl Write, step: &Step) -> io::Result<()> {
    let Step { node, activity, thread, from_nanos, to_nanos, states } = step;
    let activity = match activity {
        Activity::Working => "working",
        Activity::Awaited => "awaited",
        Activity::Unknown => "unknown",
    };
    let thread = thread.map_or("null".to_owned(), |thread| thread.to_string());
    write!(writer, "[{},\"{activity}\",{thread},{from_nanos},{to_nanos},", node.index())?;
    self::states(writer, states)?;
    writer.write_all(b"]")
}

/// When, the level, the target, the text.
fn log_line(writer: &mut impl Write, line: &LogLine) -> io::Result<()> {
    let LogLine { at_nanos, level, target, text } = line;
    write!(writer, "[{at_nanos},\"{level}\",")?;
    escape::string(writer, target)?;
    writer.write_all(b",")?;
    escape::string(writer, text)?;
    writer.write_all(b"]")
}

fn omitted(writer: &mut impl Write, omitted: Omitted) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.number("count", omitted.count)?;
    line.number("longest_nanos", omitted.longest_nanos)?;
    line.end()
}
