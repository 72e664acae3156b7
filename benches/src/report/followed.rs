//! What following operations costs.

use crate::{
    figures::Figures,
    shape::Shape,
    subject::Subject::{Elsewhere, Followed, Named, NoOp, Ours},
    table::{Table, nanos},
};

/// Spans below an operation: one callsite, many, and one in an operation of more spans
/// than there are notes for.
pub(super) const SHAPES: [Shape; 3] = [Shape::Loop, Shape::FanOut, Shape::LongLoop];

pub(super) fn table(figures: &Figures) -> String {
    let mut table = Table::new(&["nanoseconds a span", "we add", "and if it is followed"]);
    for shape in SHAPES {
        let cells = [
            nanos(figures.added(Named, NoOp, shape)),
            nanos(figures.added(Followed, Named, shape)),
        ];
        table.row(&format!("{shape}, below a named operation"), cells);
    }
    let flat = [
        nanos(figures.added(Ours, NoOp, Shape::Flat)),
        nanos(figures.added(Elsewhere, Ours, Shape::Flat)),
    ];
    table.row("flat, while operations of another name are followed", flat);
    format!("## One operation by itself\n\n{}", table.finish())
}
