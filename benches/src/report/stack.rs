//! What a span costs inside a stack of filtered layers.

use super::run::STACK_SHAPES;
use crate::{
    figures::{CPU, Figures, Part, WALL},
    subject::Subject::{
        self, StackCallsite, StackFiltered, StackNoOp, StackNoOpFiltered, StackOurs,
    },
    table::{Table, nanos},
};

const ADDED: [(Subject, &str); 4] = [
    (StackNoOpFiltered, "a no-op layer, `Layer::with_filter`, adds"),
    (StackOurs, "we add, without a filter"),
    (StackFiltered, "we add, `FlameLayer::with_filter`, any filter"),
    (StackCallsite, "we add, one that goes by callsites"),
];

pub(super) fn table(figures: &Figures) -> String {
    format!(
        "## Inside a stack of filtered layers\n\n{}\nCPU time of the whole process:\n\n{}",
        one(figures, WALL),
        one(figures, CPU),
    )
}

fn one(figures: &Figures, part: Part) -> String {
    let mut table = Table::new(&["nanoseconds a span", "flat", "depth 4", "depth 16"]);
    let total = |shape| nanos(figures.total(StackNoOp, shape, part));
    table.row("the stack with a no-op layer without a filter", STACK_SHAPES.map(total));
    let added =
        |subject, base| STACK_SHAPES.map(|shape| nanos(figures.added(subject, base, shape, part)));
    for (subject, name) in ADDED {
        table.row(name, added(subject, StackNoOp));
    }
    for (subject, name) in [(StackFiltered, "any"), (StackCallsite, "by callsites")] {
        table.row(&format!("so the filter itself costs, {name}"), added(subject, StackOurs));
    }
    table.finish()
}
