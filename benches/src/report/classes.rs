//! What the engine takes to keep named operations by classes of latency.

use crate::{
    Result, callgrind,
    drain::Drain,
    shape::Shape,
    subject::Subject::{Classed, FollowedChains},
    table::{Table, number},
};

const SHAPES: [(Shape, &str); 2] =
    [(Shape::Depth4, "operations of 4 spans"), (Shape::Depth16, "operations of 16 spans")];

/// What the engine does as a named operation ends. Of a whole drain more would be counted: the
/// snapshot that reads classes, and columns of the heatmap that are new only because time passes
/// so slowly under valgrind.
const END: &str = "kept::Kept::end";

/// Instructions of an operation's end, and what classes add to them: for each of its entries.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn count() -> Result<Vec<(&'static str, [f64; 2])>> {
    let one = |(shape, name)| {
        eprintln!("instructions of classes, {name}");
        let drain = Drain { shape, threads: 1 };
        let entry = |subject| -> Result<f64> {
            Ok(callgrind::per_drained_unit(subject, drain, END)? / drain.entries() as f64)
        };
        let without = entry(FollowedChains)?;
        Ok((name, [without, entry(Classed)? - without]))
    };
    SHAPES.into_iter().map(one).collect()
}

/// As a table.
#[must_use]
pub fn table(counted: &[(&str, [f64; 2])]) -> String {
    let mut table = Table::new(&[
        "instructions for each entry, as an operation ends",
        "followed",
        "classes add",
    ]);
    for (name, [without, added]) in counted {
        table.row(name, [number(Some(*without), 0), number(Some(*added), 1)]);
    }
    table.finish()
}
