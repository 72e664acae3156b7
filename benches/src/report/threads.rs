//! What several threads cost.

use crate::{
    figures::{CPU, Figures, WALL},
    shape::Shape,
    subject::Subject::{Floor, NoOp, Ours},
    table::{Table, nanos, times},
};

const SHAPES: [(Shape, &str); 7] = [
    (Shape::TwoThreads, "two threads, own operations: a span"),
    (Shape::OtherThread, "created here, entered and closed there: a span"),
    (Shape::Migrating, "polled on two threads in turn: a poll"),
    (Shape::SharedInner, "two threads in one operation: enter and exit within a part each"),
    (Shape::SharedNear, "the same directly below a span that both have entered"),
    (Shape::SharedRoot, "two threads in one operation: attach and detach"),
    (Shape::NewThreads, "a thread spawned for one span: a thread"),
];

pub(super) fn table(figures: &Figures) -> String {
    let mut table = Table::new(&["nanoseconds", "Registry alone", "floor adds", "we add"]);
    for (shape, name) in SHAPES {
        let added = |subject| nanos(figures.added(subject, NoOp, shape));
        let total = nanos(figures.total(NoOp, shape, WALL));
        table.row(name, [total, added(Floor), added(Ours)]);
    }
    format!(
        "## Several threads\n\n{}\nOne barrier system call while another thread runs: {} ns.\n\n{}",
        table.finish(),
        nanos(figures.total(NoOp, Shape::Barrier, WALL)),
        two_to_one(figures),
    )
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
