//! What a span costs.

use super::{names, run::LOCAL};
use crate::{
    figures::{CPU, Figures, WALL},
    selves::Selves,
    shape::Shape,
    subject::Subject::{Crowd, Floor, NoOp, Ours, Snapshots},
    table::{Table, nanos, times},
};

pub(super) fn table(figures: &Figures, selves: Selves) -> String {
    let mut table = Table::new(&[
        "nanoseconds",
        "Registry alone",
        "floor adds",
        "we add",
        "to the CPU time of the process",
        "against the floor",
        "against two clock reads",
    ]);
    for shape in LOCAL {
        let added = |subject, part| figures.added(subject, NoOp, shape, part);
        let cells = [
            nanos(figures.total(NoOp, shape, WALL)),
            nanos(added(Floor, WALL)),
            nanos(added(Ours, WALL)),
            nanos(added(Ours, CPU)),
            times(against_floor(figures, shape)),
            times(against_reads(figures, shape)),
        ];
        table.row(&names::of(shape), cells);
    }
    format!(
        "## A span\n\n{}\nTwo raw clock reads: {} ns. A snapshot each millisecond meanwhile (flat): \
         {} ns a span more. With 1,000 threads a minute that come, make 100,000 operations and go, \
         a span (flat) takes {} what it takes without, the Registry's part included. An empty span below a parent is drawn \
         {} ns wide; {} ns for its creation, enter, exit and close are drawn in its parent.",
        table.finish(),
        nanos(figures.total(NoOp, Shape::TwoReads, WALL)),
        nanos(figures.added(Snapshots, Ours, Shape::Flat, WALL)),
        times(figures.times(Crowd, Ours, Shape::Steady, WALL)),
        nanos(Some(selves.child)),
        nanos(Some(selves.parent)),
    )
}

fn against_floor(figures: &Figures, shape: Shape) -> Option<f64> {
    figures.of_each(|of| {
        let base = of(NoOp, shape, WALL)?;
        Some((of(Ours, shape, WALL)? - base) / (of(Floor, shape, WALL)? - base))
    })
}

fn against_reads(figures: &Figures, shape: Shape) -> Option<f64> {
    figures.of_each(|of| {
        let added = of(Ours, shape, WALL)? - of(NoOp, shape, WALL)?;
        Some(added / of(NoOp, Shape::TwoReads, WALL)?)
    })
}
