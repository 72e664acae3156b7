//! Rows of slices, those of one row nested in one another or apart.

use std::collections::BTreeMap;

use crate::{
    profile::{Absence, Callsite, Operation, StateSource, Visit},
    render::{
        label::printable,
        operation::label,
        state::{Parts, State},
    },
};

/// A row.
#[derive(Debug)]
pub(super) struct Track<'o> {
    pub(super) name: String,
    /// By their beginnings, those that others are in first.
    pub(super) slices: Vec<Slice<'o>>,
}

/// A stretch of time with a name, in nanoseconds since the operation came to life.
#[derive(Debug)]
pub(super) struct Slice<'o> {
    pub(super) name: String,
    pub(super) category: &'static str,
    pub(super) from_nanos: u64,
    pub(super) to_nanos: u64,
    pub(super) place: Option<&'o Callsite>,
    /// For how long it was what, where that is told.
    pub(super) amounts: Vec<(&'static str, u64)>,
    /// Which of the chart's visits it is.
    pub(super) visit: Option<usize>,
}

/// Threads, each with what it did below it, then what was awaited.
pub(super) fn of(operation: &Operation) -> Vec<Track<'_>> {
    let chart = operation.chart();
    let is_known = operation.profile().states().is_some_and(StateSource::is_known);
    let mut tracks = Vec::new();
    for (thread, name) in chart.threads.iter().enumerate() {
        let name = printable(name);
        let visits = chart.visits.iter().enumerate().filter(|(_, visit)| visit.thread == thread);
        let visits = visits.map(|(at, visit)| slice_of_visit(operation, at, visit));
        for (row, slices) in rows(visits.collect(), true).into_iter().enumerate() {
            // Guards that are dropped out of order leave visits that cross.
            let name = if row == 0 { name.clone() } else { format!("{name} (crossing)") };
            tracks.push(Track { name, slices });
        }
        let absences = chart.absences.iter().filter(|absence| absence.thread == thread);
        let absences: Vec<Slice<'_>> = absences.map(slice_of_absence).collect();
        if is_known && !absences.is_empty() {
            tracks.push(Track { name: format!("{name}: states"), slices: absences });
        }
    }
    let frames: Vec<_> = operation.profile().nodes().frames().collect();
    let waits = chart.strands.iter().filter(|strand| strand.thread.is_none());
    let waits = waits.map(|wait| Slice {
        name: label(frames[wait.node.index()]),
        category: "await",
        from_nanos: wait.from_nanos,
        to_nanos: wait.to_nanos,
        place: frames[wait.node.index()].callsite().map(AsRef::as_ref),
        amounts: Vec::new(),
        visit: None,
    });
    let rows = rows(waits.collect(), false).into_iter();
    let name = State::Await.label();
    tracks.extend(rows.map(|slices| Track { name: name.to_owned(), slices }));
    tracks
}

fn slice_of_visit<'o>(operation: &'o Operation, at: usize, visit: &Visit) -> Slice<'o> {
    let frame = operation.profile().tree.frame(visit.node.index());
    Slice {
        name: label(frame),
        category: "span",
        from_nanos: visit.from_nanos,
        to_nanos: visit.to_nanos,
        place: frame.callsite().map(AsRef::as_ref),
        amounts: Vec::new(),
        visit: Some(at),
    }
}

/// A stretch in which a thread was in these states, in whatever order.
fn slice_of_absence(absence: &Absence) -> Slice<'static> {
    let Absence { from_nanos, to_nanos, states, .. } = *absence;
    let parts = Parts::of(to_nanos.saturating_sub(from_nanos), states);
    let of_states = State::ALL.map(|state| (state.name(), parts.get(state)));
    let amounts = [("on-cpu", parts.on_cpu)].into_iter().chain(of_states);
    let amounts: Vec<(&str, u64)> = amounts.filter(|(_, nanos)| *nanos > 0).collect();
    let mut by_size: Vec<&(&str, u64)> =
        amounts.iter().filter(|(state, _)| *state != "on-cpu").collect();
    by_size.sort_by_key(|(_, nanos)| std::cmp::Reverse(*nanos));
    let names: Vec<&str> = by_size.into_iter().map(|(state, _)| *state).collect();
    let name = names.join(" + ");
    Slice { name, category: "state", from_nanos, to_nanos, place: None, amounts, visit: None }
}

/// As few rows as slices need: those of one are apart, or `may_nest`.
fn rows<'o>(mut slices: Vec<Slice<'o>>, may_nest: bool) -> Vec<Vec<Slice<'o>>> {
    slices.sort_by_key(|slice| (slice.from_nanos, std::cmp::Reverse(slice.to_nanos)));
    // Of each row the ends of the slices that are open, the outermost first.
    let mut open: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    let mut rows: Vec<Vec<Slice<'o>>> = Vec::new();
    for slice in slices {
        let (from, to) = (slice.from_nanos, slice.to_nanos);
        let fits = |ends: &mut Vec<u64>| {
            ends.retain(|end| *end > from);
            ends.is_empty() || (may_nest && ends.last().is_some_and(|end| *end >= to))
        };
        let found = open.iter_mut().find_map(|(row, ends)| fits(ends).then_some(*row));
        let row = found.unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(Vec::new());
        }
        open.entry(row).or_default().push(to);
        rows[row].push(slice);
    }
    rows
}
