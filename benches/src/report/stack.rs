//! What a span costs inside a stack of filtered layers.

use super::run::STACK_SHAPES;
use crate::{
    figures::{Figures, WALL},
    subject::Subject::{
        self, StackCallsite, StackFiltered, StackNoOp, StackNoOpFiltered, StackOurs,
    },
    table::{Table, nanos},
};

const ADDED: [(Subject, &str); 4] = [
    (StackNoOpFiltered, "a no-op layer, `Layer::with_filter`, adds"),
    (StackOurs, "we add, without a filter"),
    (StackFiltered, "we add, `FlameLayer::with_filter`"),
    (StackCallsite, "we add, `FlameLayer::with_callsite_filter`"),
];

pub(super) fn table(figures: &Figures) -> String {
    let mut table = Table::new(&["nanoseconds a span", "flat", "depth 4", "depth 16"]);
    let total = |shape| nanos(figures.total(StackNoOp, shape, WALL));
    table.row("the stack with a no-op layer without a filter", STACK_SHAPES.map(total));
    for (subject, name) in ADDED {
        table.row(name, STACK_SHAPES.map(|shape| nanos(figures.added(subject, StackNoOp, shape))));
    }
    for (subject, name) in [(StackFiltered, "with_filter"), (StackCallsite, "with_callsite_filter")]
    {
        let own = |shape| nanos(figures.added(subject, StackOurs, shape));
        table.row(&format!("so the filter itself costs, `{name}`"), STACK_SHAPES.map(own));
    }
    format!("## Inside a stack of filtered layers\n\n{}", table.finish())
}
