//! What following operations costs.

use crate::{
    figures::{CPU, Figures, WALL},
    shape::Shape,
    subject::Subject::{self, Elsewhere, Followed, Named, NoOp, Ours},
    table::{Table, nanos},
};

/// Spans below an operation: one callsite, many, and one in an operation of more spans
/// than there are notes for.
pub(super) const SHAPES: [Shape; 3] = [Shape::Loop, Shape::FanOut, Shape::LongLoop];

/// A subject, and what it is compared with.
type Pair = (Subject, Subject);

pub(super) fn table(figures: &Figures) -> String {
    let mut table = Table::new(&[
        "nanoseconds a span",
        "we add",
        "to the CPU time of the process",
        "more if it is followed",
        "to the CPU time of the process",
    ]);
    let mut row = |name: &str, shape, plain: Pair, followed: Pair| {
        let pairs = [(plain, WALL), (plain, CPU), (followed, WALL), (followed, CPU)];
        let added = |((subject, base), part)| nanos(figures.added(subject, base, shape, part));
        table.row(name, pairs.map(added));
    };
    for shape in SHAPES {
        let name = format!("{shape}, below a named operation");
        row(&name, shape, (Named, NoOp), (Followed, Named));
    }
    let name = "flat, while operations of another name are followed";
    row(name, Shape::Flat, (Ours, NoOp), (Elsewhere, Ours));
    format!("## One operation by itself\n\n{}", table.finish())
}
