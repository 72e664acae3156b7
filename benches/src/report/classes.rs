//! What the engine takes to keep named operations by classes of latency.

use crate::{
    Result, callgrind,
    drain::Drain,
    shape::Shape,
    subject::Subject::{Classed, FollowedChains},
    table::{Table, number},
};

const SHAPES: [(Shape, &str); 3] = [
    (Shape::Depth4, "operations of 4 spans"),
    (Shape::Depth16, "operations of 16 spans"),
    (Shape::Loop, "operations of 1,000 spans"),
];

/// Instructions that classes add in the engine, by each kind of operations: of one entry.
///
/// # Errors
///
/// Where there is no valgrind, or it fails.
pub fn count() -> Result<Vec<(&'static str, [f64; 2])>> {
    let one = |(shape, name)| {
        eprintln!("instructions of classes, {name}");
        let drain = Drain { shape, threads: 1 };
        let entry = |subject| -> Result<f64> {
            Ok(callgrind::per_drained_unit(subject, drain)? / drain.entries() as f64)
        };
        let without = entry(FollowedChains)?;
        Ok((name, [without, entry(Classed)? - without]))
    };
    SHAPES.into_iter().map(one).collect()
}

/// As a table.
#[must_use]
pub fn table(counted: &[(&str, [f64; 2])]) -> String {
    let mut table = Table::new(&["instructions an entry in the engine", "followed", "classes add"]);
    for (name, [without, added]) in counted {
        table.row(name, [number(Some(*without), 1), number(Some(*added), 1)]);
    }
    table.finish()
}
