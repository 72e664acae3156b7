//! What several threads cost.

use crate::{
    figures::{Figures, WALL},
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
    let two_to_one = figures.of_each(|of| {
        let added = |shape| Some(of(Ours, shape, WALL)? - of(NoOp, shape, WALL)?);
        Some(added(Shape::TwoThreads)? / added(Shape::Flat)?)
    });
    format!(
        "## Several threads\n\n{}\nWhat we add on two threads at once against one (own operations, \
         flat): {}. One barrier system call while another thread runs: {} ns.",
        table.finish(),
        times(two_to_one),
        nanos(figures.total(NoOp, Shape::Barrier, WALL)),
    )
}
