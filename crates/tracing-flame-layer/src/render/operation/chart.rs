//! An operation in the order of time: a lane for each thread, spans that are
//! entered within one another from top to bottom, below them what was awaited.
//!
//! Everything is placed in per cent of the operation's life, so that the chart is
//! as wide as the page, and a click zooms by moving boxes.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::super::{
    boxes::Rgb,
    escaped::Escaped,
    frames::{Kind, is_moment},
    human::{Count, Nanos, Share},
    label::printable,
    state::State,
    svg::color,
};
use super::strip::Strips;
use crate::profile::{Activity, NodeId, Omitted, Operation, Step, Strand, Visit};

/// The height of a box in pixels.
const ROW: usize = 16;
/// The height of a lane's title.
const TITLE: usize = 18;
/// The height of the title and the time axis.
const HEAD: usize = 64;
/// How many boxes stand above one another in a lane at most.
const MOST_DEPTH: usize = 48;
/// How many lanes are drawn.
const MOST_LANES: usize = 64;
/// How many rows of awaited spans are drawn.
const MOST_WAITS: usize = 24;
/// From which share of the width on a box has its name written in it.
const NAMED: f64 = 0.2;

/// What is drawn where.
pub(super) struct Chart<'o> {
    operation: &'o Operation,
    labels: Vec<String>,
    lanes: Vec<Lane<'o>>,
    /// Awaited spans, in rows without overlap.
    waits: Vec<Vec<&'o Strand>>,
    strips: Strips<'o>,
    notes: Vec<String>,
}

/// One thread.
struct Lane<'o> {
    thread: usize,
    name: &'o str,
    visits: Vec<&'o Visit>,
    depth: usize,
}

impl<'o> Chart<'o> {
    pub(super) fn new(operation: &'o Operation, hide_states: bool) -> Self {
        let chart = operation.chart();
        let labels = operation.profile().nodes().frames().map(super::label);
        let (waits, hidden_waits) = rows(&waits(operation));
        let (lanes, hidden_visits) = lanes(operation);
        let mut notes = Vec::new();
        let mut note = |omitted: Omitted, what: &str| {
            if omitted.count > 0 {
                notes.push(format!(
                    "cut: {} {what} are left out of the chart and of the critical path, none longer than {}",
                    Count(omitted.count),
                    Nanos(omitted.longest_nanos)
                ));
            }
        };
        note(chart.omitted_visits, "shorter stays in spans");
        note(chart.omitted_strands, "shorter stretches of work and waiting");
        let missing = chart.omitted_absences;
        if missing.count > 0 {
            notes.push(format!(
                "cut: {} shorter times off a CPU are drawn as time on it, none longer than {}",
                Count(missing.count),
                Nanos(missing.longest_nanos)
            ));
        }
        if hidden_visits + hidden_waits > 0 {
            let hidden = Count((hidden_visits + hidden_waits) as u64);
            notes.push(format!("{hidden} more boxes have no room: too deep, or one row too many"));
        }
        let strips = Strips::new(operation, hide_states);
        Self { operation, labels: labels.collect(), lanes, waits, strips, notes }
    }

    /// How many pixels it needs.
    pub(super) fn height(&self) -> usize {
        let lanes = self.lanes.iter().map(|lane| TITLE + self.strips.height() + lane.depth * ROW);
        self.head_height()
            + TITLE
            + self.strips.height()
            + ROW
            + lanes.sum::<usize>()
            + self.waits_height()
            + (self.notes.len() + 1) * ROW
    }

    fn head_height(&self) -> usize {
        HEAD + if self.strips.are_known { ROW } else { 0 }
    }

    fn waits_height(&self) -> usize {
        if self.waits.is_empty() { 0 } else { TITLE + self.waits.len() * ROW }
    }

    /// Writes it from `top` down.
    pub(super) fn write(&self, top: usize, writer: &mut impl Write) -> io::Result<()> {
        let height = self.height();
        writeln!(
            writer,
            "<svg id=\"chart\" x=\"10\" y=\"{top}\" width=\"1180\" height=\"{height}\" \
             data-nanos=\"{}\">",
            self.operation.nanos()
        )?;
        self.head(writer)?;
        let mut y = self.head_height();
        title(writer, y, "critical path")?;
        y += TITLE;
        self.strips.of_path(y, writer)?;
        y += self.strips.height();
        for step in self.operation.critical_path() {
            self.step(y, step, writer)?;
        }
        y += ROW;
        let critical = Critical::new(self.operation);
        for lane in &self.lanes {
            title(writer, y, lane.name)?;
            y += TITLE;
            self.strips.of_thread(lane.thread, &lane.outermost(), y, writer)?;
            y += self.strips.height();
            for visit in &lane.visits {
                self.visit(
                    y + usize::from(visit.depth) * ROW,
                    visit,
                    critical.of_visit(visit),
                    writer,
                )?;
            }
            y += lane.depth * ROW;
        }
        if !self.waits.is_empty() {
            title(writer, y, "awaited")?;
            y += TITLE;
        }
        for row in &self.waits {
            for strand in row {
                self.wait(y, strand, critical.of_wait(strand), writer)?;
            }
            y += ROW;
        }
        for note in &self.notes {
            y += ROW;
            title(writer, y - ROW, note)?;
        }
        writer.write_all(b"</svg>\n")
    }

    fn head(&self, writer: &mut impl Write) -> io::Result<()> {
        writeln!(
            writer,
            "<text class=\"headline\" x=\"0\" y=\"20\">In the order of time</text>\
             <text class=\"note\" x=\"0\" y=\"37\">a lane for each thread; a red edge: on the \
             critical path; a click on a box zooms, elsewhere resets</text>"
        )?;
        for i in 0..=4_u64 {
            let (x, anchor) = (i * 25, ["start", "middle", "middle", "middle", "end"][i as usize]);
            let at = Nanos(self.operation.nanos() / 4 * i + self.operation.nanos() % 4 * i / 4);
            write!(
                writer,
                "<text class=\"tick\" x=\"{x}%\" y=\"{}\" text-anchor=\"{anchor}\">{at}</text>",
                self.head_height() - 8
            )?;
        }
        self.strips.legend(37 + ROW, writer)
    }

    fn label(&self, node: NodeId) -> &str {
        &self.labels[node.index()]
    }

    fn step(&self, y: usize, step: &Step, writer: &mut impl Write) -> io::Result<()> {
        let label = self.label(step.node);
        let (kind, what) = match step.activity {
            Activity::Working => (Kind::Span, ""),
            Activity::Awaited => (Kind::State(State::Await), " [await]"),
            Activity::Unknown => (Kind::Truncated, ", more or less"),
        };
        let label = format!("{label}{what}");
        let span = (step.from_nanos, step.to_nanos);
        self.place(Place { y, span, kind, critical: true }, &label, self.label(step.node), writer)
    }

    fn visit(
        &self,
        y: usize,
        visit: &Visit,
        critical: bool,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        let label = self.label(visit.node);
        let span = (visit.from_nanos, visit.to_nanos);
        self.place(Place { y, span, kind: Kind::Span, critical }, label, label, writer)
    }

    fn wait(
        &self,
        y: usize,
        strand: &Strand,
        critical: bool,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        let label = self.label(strand.node);
        let span = (strand.from_nanos, strand.to_nanos);
        let kind = Kind::State(State::Await);
        let told = format!("{label} {}", State::Await.label());
        self.place(Place { y, span, kind, critical }, &told, label, writer)
    }

    fn place(
        &self,
        place: Place,
        label: &str,
        colour: &str,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        let (from, to) = place.span;
        let whole = self.operation.nanos().max(1);
        let (x, width) = (percent(from, whole), percent(to.saturating_sub(from), whole));
        let Rgb { r, g, b } = color::of(place.kind, colour);
        let class = if place.critical { " class=\"critical\"" } else { "" };
        write!(
            writer,
            "<svg{class} x=\"{x:.4}%\" y=\"{}\" width=\"{width:.4}%\" height=\"{}\"><title>",
            place.y,
            ROW - 1
        )?;
        let part = to.saturating_sub(from);
        let share = Share { part, whole };
        let (part, from, to) = (Nanos(part), Nanos(from), Nanos(to));
        let tooltip = format!("{label} ({part}, {share}; from {from} to {to})");
        let (tooltip, label) = (Escaped(&tooltip), Escaped(label));
        write!(
            writer,
            "{tooltip}</title><rect width=\"100%\" height=\"{}\" fill=\"rgb({r},{g},{b})\"/>",
            ROW - 1
        )?;
        if width >= NAMED {
            write!(writer, "<text x=\"3\" y=\"11\">{label}</text>")?;
        }
        writer.write_all(b"</svg>\n")
    }
}

/// A box.
#[derive(Clone, Copy)]
struct Place {
    y: usize,
    /// From where to where, in nanoseconds.
    span: (u64, u64),
    kind: Kind,
    critical: bool,
}

impl Lane<'_> {
    /// From when to when the thread was in a span of the operation.
    fn outermost(&self) -> Vec<(u64, u64)> {
        let outermost = self.visits.iter().filter(|visit| visit.depth == 0);
        outermost.map(|visit| (visit.from_nanos, visit.to_nanos)).collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "a pixel is coarser")]
fn percent(nanos: u64, whole: u64) -> f64 {
    100.0 * nanos as f64 / whole as f64
}

fn title(writer: &mut impl Write, y: usize, title: &str) -> io::Result<()> {
    let title = printable(title);
    let title = Escaped(&title);
    writeln!(writer, "<text class=\"note\" x=\"0\" y=\"{}\">{title}</text>", y + 13)
}

/// The threads that have visits, in the order in which they came, and how many
/// visits have no room.
fn lanes(operation: &Operation) -> (Vec<Lane<'_>>, usize) {
    let chart = operation.chart();
    let threads = chart.threads.iter().enumerate();
    let mut lanes: Vec<Lane<'_>> =
        threads.map(|(thread, name)| Lane { thread, name, visits: Vec::new(), depth: 0 }).collect();
    let mut hidden = 0;
    for visit in &chart.visits {
        match lanes.get_mut(visit.thread).filter(|_| usize::from(visit.depth) < MOST_DEPTH) {
            Some(lane) => {
                lane.depth = lane.depth.max(usize::from(visit.depth) + 1);
                lane.visits.push(visit);
            }
            None => hidden += 1,
        }
    }
    lanes.retain(|lane| !lane.visits.is_empty());
    hidden += lanes.iter().skip(MOST_LANES).map(|lane| lane.visits.len()).sum::<usize>();
    lanes.truncate(MOST_LANES);
    (lanes, hidden)
}

/// The stretches in which spans were awaited, but those of spans that were hardly.
fn waits(operation: &Operation) -> Vec<&Strand> {
    let tree = &operation.profile().tree;
    let mut totals: Vec<u64> = Vec::with_capacity(tree.len());
    for node in 0..tree.len() {
        let measures = tree.measures(node);
        totals.push(measures.wall_nanos.saturating_add(measures.await_nanos));
    }
    for node in (0..tree.len()).rev() {
        if let Some(parent) = tree.parent(node) {
            totals[parent.index()] = totals[parent.index()].saturating_add(totals[node]);
        }
    }
    let is_wait = |node: usize| !is_moment(tree.measures(node).await_nanos, totals[node]);
    let awaited = operation.chart().strands.iter().filter(|strand| strand.thread.is_none());
    awaited.filter(|strand| is_wait(strand.node.index())).collect()
}

/// Awaited spans in as few rows as they fit, and how many have no room.
fn rows<'o>(strands: &[&'o Strand]) -> (Vec<Vec<&'o Strand>>, usize) {
    let mut rows: Vec<Vec<&Strand>> = Vec::new();
    let mut hidden = 0;
    for &strand in strands {
        let is_free =
            |row: &Vec<&Strand>| row.last().is_none_or(|last| last.to_nanos <= strand.from_nanos);
        match rows.iter().position(is_free) {
            Some(row) => rows[row].push(strand),
            None if rows.len() < MOST_WAITS => rows.push(vec![strand]),
            None => hidden += 1,
        }
    }
    (rows, hidden)
}

/// Where a step is: a node and a thread; no thread where it is awaited.
type At = (NodeId, Option<usize>);

/// Which boxes the critical path goes through.
struct Critical {
    /// Steps by node and thread, in order of time.
    steps: HashMap<At, Vec<(u64, u64)>>,
}

impl Critical {
    fn new(operation: &Operation) -> Self {
        let mut steps: HashMap<_, Vec<(u64, u64)>> = HashMap::new();
        for step in operation.critical_path() {
            let thread = step.thread.filter(|_| step.activity != Activity::Awaited);
            steps.entry((step.node, thread)).or_default().push((step.from_nanos, step.to_nanos));
        }
        Self { steps }
    }

    fn crosses(&self, key: At, from: u64, to: u64) -> bool {
        let Some(steps) = self.steps.get(&key) else { return false };
        let begun = steps.partition_point(|step| step.0 < to);
        begun.checked_sub(1).is_some_and(|last| steps[last].1 > from)
    }

    fn of_visit(&self, visit: &Visit) -> bool {
        self.crosses((visit.node, Some(visit.thread)), visit.from_nanos, visit.to_nanos)
    }

    fn of_wait(&self, strand: &Strand) -> bool {
        self.crosses((strand.node, None), strand.from_nanos, strand.to_nanos)
    }
}
