//! A profile as JSON: all of it, whatever the options, so that a file can be
//! read back and drawn in any other way. `docs/json.md` describes the schema.
//!
//! ```text
//! { "format": .., "version": 1, "generator": ..,
//!   "window": {..}, "so_far": true, "operations": 13, "covered_nanos": 9,
//!   "troubles": {..}, "states": {..}, "recorded_with": {..},
//!   "callsites": [ one a line ],
//!   "nodes": [ one a line: its parent's place, its callsite's place, measures ],
//!   "named_operations": [ one a line: its root's place, how many there were ],
//!   "orphans": [ one a line, where there are any ],
//!   "classes": [ one a line, its nodes below it, where there are any ],
//!   "left_out_of_classes": 2,
//!   "heatmap": [ one column a line, where there is any ],
//!   "left_out_of_heatmap": 2,
//!   "reasons": [ one a line, where any is known ],
//!   "blocked_on": [ one a line: a node's place, a reason's place, times ],
//!   "threads": [ one name a line, its shares of nodes below it ],
//!   "live_threads": [ one a line ] }
//! ```
//!
//! The text is written as it goes, and needs no memory but for the places of
//! the callsites. Keys only ever have one meaning: a new one may be added within
//! a version, and readers pass over those that they do not know.

mod class;
pub(super) mod escape;
mod heatmap;
pub(super) mod line;

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{self, Write},
};

use super::anomalies::{self, Anomaly};
use crate::{
    Profile,
    profile::{
        Anomalies, BlockedOn, Callsite, FieldValues, LiveThread, Measures, Node, Orphans, Reason,
        StateSource, States, Switches, ThreadProfile, Window,
    },
};
use line::{Line, array};

/// What the text calls itself, for readers that are given any file.
const FORMAT: &str = "tracing-flame-layer profile";
/// The schema's version. It grows when a reader of the version before would
/// misread the text.
const VERSION: u64 = 1;

pub(super) fn write(profile: &Profile, mut writer: impl Write) -> io::Result<()> {
    let writer = &mut writer;
    let (callsites, places) = callsites(profile);
    writeln!(writer, "{{")?;
    entry(writer, "format", |writer| escape::string(writer, FORMAT))?;
    entry(writer, "version", |writer| write!(writer, "{VERSION}"))?;
    entry(writer, "generator", |writer| escape::string(writer, &generator()))?;
    entry(writer, "window", |writer| window(writer, profile.window))?;
    if profile.so_far {
        entry(writer, "so_far", |writer| write!(writer, "true"))?;
    }
    entry(writer, "operations", |writer| write!(writer, "{}", profile.operations))?;
    if let Some(covered) = profile.covered_nanos {
        entry(writer, "covered_nanos", |writer| write!(writer, "{covered}"))?;
    }
    entry(writer, "troubles", |writer| troubles(writer, &profile.anomalies))?;
    if let Some(source) = &profile.states {
        entry(writer, "states", |writer| states_source(writer, source))?;
    }
    if let Some(flags) = &profile.recorded_with {
        entry(writer, "recorded_with", |writer| recorded_with(writer, flags))?;
    }
    entry(writer, "callsites", |writer| array(writer, "  ", &callsites, |w, c| callsite(w, c)))?;
    entry(writer, "nodes", |writer| {
        array(writer, "  ", profile.nodes().iter(), |writer, node| {
            write_node(writer, &node, &places)
        })
    })?;
    entry(writer, "named_operations", |writer| {
        let roots = profile.named_operations.iter().map(|root| root.index());
        let roots: Vec<(usize, u64)> =
            roots.map(|place| (place, profile.tree.measures(place).lived())).collect();
        array(writer, "  ", &roots, named_operation)
    })?;
    if !profile.orphans.is_empty() {
        entry(writer, "orphans", |writer| array(writer, "  ", &profile.orphans, orphans))?;
    }
    if !profile.classes.is_empty() {
        entry(writer, "classes", |writer| array(writer, "  ", &profile.classes, class::write))?;
    }
    if profile.unclassified_operations > 0 {
        entry(writer, "left_out_of_classes", |writer| {
            write!(writer, "{}", profile.unclassified_operations)
        })?;
    }
    if !profile.heatmap.is_empty() {
        entry(writer, "heatmap", |writer| array(writer, "  ", &profile.heatmap, heatmap::write))?;
    }
    if profile.left_out_of_heatmap > 0 {
        entry(writer, "left_out_of_heatmap", |writer| {
            write!(writer, "{}", profile.left_out_of_heatmap)
        })?;
    }
    if !profile.blocked_on.is_empty() {
        let reasons = reasons(profile);
        entry(writer, "reasons", |writer| array(writer, "  ", &reasons, |w, r| reason(w, r)))?;
        entry(writer, "blocked_on", |writer| {
            array(writer, "  ", &profile.blocked_on, |writer, blocked| {
                blocked_on(writer, blocked, &reasons)
            })
        })?;
    }
    entry(writer, "threads", |writer| array(writer, "  ", &profile.threads, thread))?;
    write!(writer, "  \"live_threads\": ")?;
    array(writer, "  ", &profile.live, live_thread)?;
    writeln!(writer, "\n}}")?;
    writer.flush()
}

fn generator() -> String {
    concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned()
}

fn entry<W: Write>(
    writer: &mut W,
    key: &str,
    value: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    write!(writer, "  \"{key}\": ")?;
    value(writer)?;
    writeln!(writer, ",")
}

/// Every distinct callsite in the order of its first node, and its place there.
fn callsites(profile: &Profile) -> (Vec<&Callsite>, HashMap<&Callsite, usize>) {
    let (mut all, mut places) = (Vec::new(), HashMap::new());
    for frame in profile.tree.distinct() {
        if let Some(callsite) = frame.callsite() {
            places.entry(&**callsite).or_insert_with(|| {
                all.push(&**callsite);
                all.len() - 1
            });
        }
    }
    (all, places)
}

fn window(writer: &mut impl Write, window: Window) -> io::Result<()> {
    let length = u64::try_from(window.length.as_nanos()).unwrap_or(u64::MAX);
    let mut line = Line::begin(writer)?;
    line.number("start_unix_nanos", window.start_unix_nanos())?;
    line.number("length_nanos", length)?;
    line.end()
}

fn troubles(writer: &mut impl Write, anomalies: &Anomalies) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    for Anomaly { name, count, .. } in anomalies::all(anomalies) {
        line.number(name, count)?;
    }
    line.end()
}

fn recorded_with(writer: &mut impl Write, flags: &[(String, String)]) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    for (name, value) in flags {
        line.string_of_any(name, value)?;
    }
    line.end()
}

fn states_source(writer: &mut impl Write, source: &StateSource) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    match source {
        StateSource::Exact => line.string("source", "exact")?,
        StateSource::Partial(why) => {
            line.string("source", "partial")?;
            line.string("why", why)?;
        }
        StateSource::None(why) => {
            line.string("source", "none")?;
            line.string("why", why)?;
        }
    }
    line.end()
}

fn callsite(writer: &mut impl Write, callsite: &Callsite) -> io::Result<()> {
    let Callsite { name, target, file, line: in_file, is_label } = callsite;
    let mut line = Line::begin(writer)?;
    line.string("name", name)?;
    line.string("target", target)?;
    if let Some(file) = file {
        line.string("file", file)?;
    }
    if let Some(in_file) = in_file {
        line.number("line", in_file)?;
    }
    if *is_label {
        line.number("is_label", true)?;
    }
    line.end()
}

fn write_node(
    writer: &mut impl Write,
    node: &Node,
    places: &HashMap<&Callsite, usize>,
) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    match node.parent {
        Some(parent) => line.number("parent", parent.index())?,
        None => line.null("parent")?,
    }
    match node.frame.callsite() {
        Some(callsite) => line.number("callsite", places[&**callsite])?,
        None => line.null("callsite")?,
    }
    match node.frame.fields().map(|values| &**values) {
        Some(FieldValues::Known(values)) => {
            line.key("fields")?;
            fields(line.writer(), values)?;
        }
        Some(FieldValues::Others) => line.number("other_fields", true)?,
        None => {}
    }
    measures(&mut line, &node.measures)?;
    for (key, percent) in [("p50_nanos", 50), ("p90_nanos", 90), ("p99_nanos", 99)] {
        match node.percentile_nanos(percent) {
            Some(nanos) => line.number(key, nanos)?,
            None => line.null(key)?,
        }
    }
    line.key("latencies")?;
    pairs(line.writer(), node.latencies.buckets())?;
    line.end()
}

/// Fields and their values on one line, in their order.
fn fields(writer: &mut impl Write, values: &[(Cow<'static, str>, String)]) -> io::Result<()> {
    writer.write_all(b"[")?;
    for (i, (field, value)) in values.iter().enumerate() {
        writer.write_all(if i == 0 { b"[" } else { b", [" })?;
        escape::string(writer, field)?;
        writer.write_all(b", ")?;
        escape::string(writer, value)?;
        writer.write_all(b"]")?;
    }
    writer.write_all(b"]")
}

/// Pairs of numbers on one line.
fn pairs(writer: &mut impl Write, pairs: &[(u64, u64)]) -> io::Result<()> {
    writer.write_all(b"[")?;
    for (i, (first, second)) in pairs.iter().enumerate() {
        let separator = if i == 0 { "" } else { ", " };
        write!(writer, "{separator}[{first}, {second}]")?;
    }
    writer.write_all(b"]")
}

fn measures(line: &mut Line<'_, impl Write>, measures: &Measures) -> io::Result<()> {
    let Measures {
        calls,
        started,
        enters,
        wall_nanos,
        await_nanos,
        busy_nanos,
        entered_nanos,
        latency_nanos,
        max_latency_nanos,
        max_latency_is_bound,
        open_before,
        queued_nanos,
        max_queued_nanos,
        wall_states,
        busy_states,
        switches: counted,
    } = *measures;
    line.number("calls", calls)?;
    line.number("started", started)?;
    line.number("enters", enters)?;
    line.number("wall_nanos", wall_nanos)?;
    line.number("await_nanos", await_nanos)?;
    line.number("busy_nanos", busy_nanos)?;
    line.number("entered_nanos", entered_nanos)?;
    line.number("latency_nanos", latency_nanos)?;
    line.number("max_latency_nanos", max_latency_nanos)?;
    line.number("max_latency_is_bound", max_latency_is_bound)?;
    line.number("open_before", open_before)?;
    line.number("queued_nanos", queued_nanos)?;
    line.number("max_queued_nanos", max_queued_nanos)?;
    states(line, "wall_states", wall_states)?;
    states(line, "busy_states", busy_states)?;
    switches(line, counted)
}

/// Times in states, those that there are.
fn states(line: &mut Line<'_, impl Write>, key: &str, states: States) -> io::Result<()> {
    let States {
        runnable_nanos,
        blocked_nanos,
        fault_nanos,
        disk_nanos,
        lock_nanos,
        net_nanos,
        timer_nanos,
        off_cpu_nanos,
        unknown_nanos,
    } = states;
    let numbers = [
        ("runnable_nanos", runnable_nanos),
        ("blocked_nanos", blocked_nanos),
        ("fault_nanos", fault_nanos),
        ("disk_nanos", disk_nanos),
        ("lock_nanos", lock_nanos),
        ("net_nanos", net_nanos),
        ("timer_nanos", timer_nanos),
        ("off_cpu_nanos", off_cpu_nanos),
        ("unknown_nanos", unknown_nanos),
    ];
    above_zero(line, key, &numbers)
}

fn switches(line: &mut Line<'_, impl Write>, switches: Switches) -> io::Result<()> {
    let numbers: Vec<_> = Switches::NAMES.into_iter().zip(switches.each()).collect();
    above_zero(line, "switches", &numbers)
}

/// An object of the numbers that are above 0; where none is, not even its key.
fn above_zero(
    line: &mut Line<'_, impl Write>,
    key: &str,
    numbers: &[(&str, u64)],
) -> io::Result<()> {
    let mut numbers = numbers.iter().filter(|(_, number)| *number > 0).peekable();
    if numbers.peek().is_none() {
        return Ok(());
    }
    line.key(key)?;
    let mut object = Line::begin(line.writer())?;
    numbers.try_for_each(|(key, number)| object.number(key, number))?;
    object.end()
}

fn named_operation(writer: &mut impl Write, &(node, operations): &(usize, u64)) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.number("node", node)?;
    line.number("operations", operations)?;
    line.end()
}

fn orphans(writer: &mut impl Write, orphans: &Orphans) -> io::Result<()> {
    let Orphans { root, waiting, count } = orphans;
    let mut line = Line::begin(writer)?;
    line.number("root", root.index())?;
    line.number("waiting", waiting.index())?;
    line.number("count", count)?;
    line.end()
}

/// Every distinct reason, in order.
fn reasons(profile: &Profile) -> Vec<&Reason> {
    let mut all: Vec<_> = profile.blocked_on.iter().map(|blocked| &*blocked.reason).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn reason(writer: &mut impl Write, reason: &Reason) -> io::Result<()> {
    let Reason { kind, call, file } = reason;
    let mut line = Line::begin(writer)?;
    line.string("kind", kind.name())?;
    if let Some(call) = call {
        line.string("call", call)?;
    }
    if let Some(file) = file {
        line.string("file", file)?;
    }
    line.end()
}

fn blocked_on(writer: &mut impl Write, blocked: &BlockedOn, reasons: &[&Reason]) -> io::Result<()> {
    let BlockedOn { node, reason, wall_nanos, busy_nanos } = blocked;
    let place = reasons.partition_point(|known| *known < &**reason);
    let mut line = Line::begin(writer)?;
    line.number("node", node.index())?;
    line.number("reason", place)?;
    line.number("wall_nanos", wall_nanos)?;
    line.number("busy_nanos", busy_nanos)?;
    line.end()
}

fn live_thread(writer: &mut impl Write, thread: &LiveThread) -> io::Result<()> {
    let LiveThread { name, open_nanos, cpu_nanos, innermost } = thread;
    let mut line = Line::begin(writer)?;
    line.string("name", name)?;
    line.number("open_nanos", open_nanos)?;
    match cpu_nanos {
        Some(nanos) => line.number("cpu_nanos", nanos)?,
        None => line.null("cpu_nanos")?,
    }
    line.number("innermost", innermost.index())?;
    line.end()
}

fn thread<W: Write>(writer: &mut W, thread: &ThreadProfile) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.string("name", &thread.name)?;
    line.number("threads", thread.threads)?;
    line.key("nodes")?;
    array(line.writer(), "    ", &thread.nodes, |writer, share| {
        let mut line = Line::begin(writer)?;
        line.number("node", share.node.index())?;
        line.number("enters", share.enters)?;
        line.number("busy_nanos", share.busy_nanos)?;
        line.number("entered_nanos", share.entered_nanos)?;
        states(&mut line, "busy_states", share.busy_states)?;
        line.end()
    })?;
    line.end()
}
