//! What several threads cost.

use super::{names, run::THREADED};
use crate::{
    figures::{CPU, Figures, WALL},
    shape::Shape,
    subject::Subject::{Floor, NoOp, Ours},
    table::{Table, nanos, times},
};

pub(super) fn table(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "nanoseconds",
        "Registry alone",
        "floor adds",
        "we add",
        "to the CPU time of the process",
    ]);
    for shape in [&[Shape::TwoThreads], &THREADED[..]].concat() {
        let added = |subject, part| nanos(figures.added(subject, NoOp, shape, part));
        let total = nanos(figures.total(NoOp, shape, WALL));
        let cells = [total, added(Floor, WALL), added(Ours, WALL), added(Ours, CPU)];
        table.row(&names::of(shape), cells);
    }
    format!("## Several threads\n\n{}\n{}", table.finish(), two_to_one(figures))
}

/// What a unit takes on each of two threads at once against one thread, beside a loop
/// that has nothing to share but the processor. On a machine with something else to do
/// a thread waits for its turn on the wall clock, which CPU time leaves out.
fn two_to_one(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "own operations, flat: a span on each of two threads at once, against one thread",
        "an arithmetic loop",
        "Registry alone",
        "floor, in all",
        "ours, in all",
        "what we add",
    ]);
    for (name, part, threads) in [("by CPU time", CPU, 2.0), ("on the wall clock", WALL, 1.0)] {
        let total = |subject, two, one| {
            figures.of_each(|of| Some(of(subject, two, part)? / threads / of(subject, one, part)?))
        };
        let spans = |subject| times(total(subject, Shape::TwoThreads, Shape::Flat));
        let added = figures.of_each(|of| {
            let added = |shape| Some(of(Ours, shape, part)? - of(NoOp, shape, part)?);
            Some(added(Shape::TwoThreads)? / threads / added(Shape::Flat)?)
        });
        let loops = times(total(NoOp, Shape::TwoArithmetic, Shape::Arithmetic));
        table.row(name, [loops, spans(NoOp), spans(Floor), spans(Ours), times(added)]);
    }
    table.finish()
}
