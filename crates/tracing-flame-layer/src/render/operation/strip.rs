//! What a thread did in the order of time: a strip over its lane.
//!
//! Of a stretch it is known for how long the thread was in each state, and not in which order.
//! So its colours stand above one another, each as high as its share of the stretch.

use std::io::{self, Write};

use super::super::{
    boxes::Rgb,
    escaped::Escaped,
    human::{Nanos, Share},
    state::{Parts, State},
    svg::color,
};
use crate::profile::{Absence, Activity, Operation, StateSource, States};

/// How high it is, and how far above what it is about.
pub(super) const HEIGHT: usize = 17;
const GAP: usize = 3;
/// In a legend, a patch of colour, and how much a letter takes at the most.
const PATCH: usize = 12;
const LETTER: usize = 7;

/// The strips of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strips<'o> {
    operation: &'o Operation,
    /// Whether it is known what threads did.
    pub(super) are_known: bool,
}

impl<'o> Strips<'o> {
    /// None where they are to be `hidden`.
    pub(super) fn new(operation: &'o Operation, hidden: bool) -> Self {
        let source = operation.profile().states();
        let are_known = !hidden && source.is_some_and(StateSource::is_known);
        Self { operation, are_known }
    }

    /// How many pixels one needs.
    pub(super) fn height(&self) -> usize {
        if self.are_known { HEIGHT } else { 0 }
    }

    /// That of a thread, which was in spans between these moments.
    pub(super) fn of_thread(
        &self,
        thread: usize,
        within: &[(u64, u64)],
        y: usize,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        if !self.are_known {
            return Ok(());
        }
        for span in within {
            self.stretch(*span, States::default(), y, writer)?;
        }
        let absences = &self.operation.chart().absences;
        let own = absences.iter().filter(|absence| absence.thread == thread);
        self.absences(own.copied(), y, writer)
    }

    /// That of the critical path.
    pub(super) fn of_path(&self, y: usize, writer: &mut impl Write) -> io::Result<()> {
        let steps = self.operation.critical_path().iter().filter(|_| self.are_known);
        for step in steps {
            let (from, to) = (step.from_nanos, step.to_nanos);
            match (step.activity, step.thread) {
                (Activity::Awaited, _) => {}
                (Activity::Working, Some(thread)) => {
                    self.stretch((from, to), States::default(), y, writer)?;
                    let parts = self.operation.chart().absences_between(thread, from, to);
                    self.absences(parts, y, writer)?;
                }
                _ => self.stretch((from, to), step.states, y, writer)?,
            }
        }
        Ok(())
    }

    fn absences(
        &self,
        absences: impl Iterator<Item = Absence>,
        y: usize,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        for Absence { from_nanos, to_nanos, states, .. } in absences {
            self.stretch((from_nanos, to_nanos), states, y, writer)?;
        }
        Ok(())
    }

    fn stretch(
        &self,
        (from, to): (u64, u64),
        states: States,
        y: usize,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        let whole = self.operation.nanos();
        let length = to.saturating_sub(from);
        let parts = Parts::of(length, states);
        let (x, width) = (percent(from, whole), percent(length, whole));
        let share = Share { part: length, whole };
        let tooltip =
            format!("{parts} ({}, {share}; from {} to {})", Nanos(length), Nanos(from), Nanos(to));
        let height = HEIGHT - GAP;
        write!(
            writer,
            "<svg class=\"strip\" x=\"{x:.4}%\" y=\"{y}\" width=\"{width:.4}%\" \
             height=\"{height}\"><title>{}</title>",
            Escaped(&tooltip)
        )?;
        let mut top = 0;
        for (nanos, Rgb { r, g, b }) in colours(&parts) {
            let (y, height) = (percent(top, length), percent(nanos, length));
            write!(
                writer,
                "<rect y=\"{y:.2}%\" width=\"100%\" height=\"{height:.2}%\" \
                 fill=\"rgb({r},{g},{b})\"/>"
            )?;
            top += nanos;
        }
        writer.write_all(b"</svg>\n")
    }

    /// What its colours mean, those that occur.
    pub(super) fn legend(&self, y: usize, writer: &mut impl Write) -> io::Result<()> {
        if !self.are_known {
            return Ok(());
        }
        let absences = self.operation.chart().absences.iter();
        let all = absences.map(|absence| absence.states).fold(States::default(), States::plus);
        let all = Parts::of(u64::MAX, all);
        let mut x = 0;
        for (label, Rgb { r, g, b }) in labels(&all) {
            write!(
                writer,
                "<rect x=\"{x}\" y=\"{}\" width=\"{PATCH}\" height=\"10\" \
                 fill=\"rgb({r},{g},{b})\"/>\
                 <text class=\"note\" x=\"{}\" y=\"{y}\">{label}</text>",
                y.saturating_sub(9),
                x + PATCH + 4,
            )?;
            x += PATCH + 4 + LETTER * label.len() + 12;
        }
        writeln!(
            writer,
            "<text class=\"note\" x=\"{x}\" y=\"{y}\">what a thread did, over its lane; \
             of colours above one another it is not known which came first</text>"
        )
    }
}

/// Where there is some, from top to bottom.
fn colours(parts: &Parts) -> impl Iterator<Item = (u64, Rgb)> {
    let states = State::ALL.map(|state| (parts.get(state), color::of_state(state)));
    let all = states.into_iter().chain([(parts.on_cpu, color::ON_CPU)]);
    all.filter(|(nanos, _)| *nanos > 0)
}

fn labels(parts: &Parts) -> impl Iterator<Item = (&'static str, Rgb)> {
    let states = State::ALL.into_iter().filter(|state| parts.get(*state) > 0);
    let states = states.map(|state| (state.label(), color::of_state(state)));
    [("on CPU", color::ON_CPU)].into_iter().chain(states)
}

#[allow(clippy::cast_precision_loss, reason = "a pixel is coarser")]
fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
