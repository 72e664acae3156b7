//! What spans cost between which something else had the caches.

use super::{
    names,
    run::{beside, run},
};
use crate::{
    Result,
    callgrind::{self, Counts},
    crew::Crew,
    figures::{Figures, WALL},
    plan::Plan,
    shape::Shape,
    subject::Subject::{self, NoOp, Older, Ours},
    table::{Table, nanos, number},
};

const SHAPES: [Shape; 2] = [Shape::ColdFlat, Shape::ColdPolls];

pub(super) fn table(plan: &Plan) -> Result<String> {
    let subjects = beside(plan, &[NoOp, Ours]);
    let mut figures = Figures::default();
    for generation in 0..plan.generations {
        eprintln!("cold: {} of {}", generation + 1, plan.generations);
        figures.begin_generation();
        run(&mut Crew::start(&subjects)?, &mut figures, plan, &subjects, &SHAPES)?;
    }
    let mut table = Table::new(&[
        "each finds nothing of its own in the first and second level of the caches",
        "nanoseconds",
        "instructions",
        "lines not in the first level",
        "nor in the second",
    ]);
    for shape in SHAPES {
        let base = counts(NoOp, shape)?;
        for &subject in &subjects {
            let (who, nanos, counts) = match subject {
                NoOp => ("Registry alone", figures.total(NoOp, shape, WALL), base),
                _ => (
                    if subject == Older { "then we added" } else { "we add" },
                    figures.added(subject, NoOp, shape, WALL),
                    counts(subject, shape)?.zip(base).map(|(all, base)| all.less(base)),
                ),
            };
            table.row(&format!("{}: {who}", names::of(shape)), cells(nanos, counts));
        }
    }
    Ok(format!("## Cold\n\n{}", table.finish()))
}

/// What callgrind counts, where there is one.
fn counts(subject: Subject, shape: Shape) -> Result<Option<Counts>> {
    callgrind::version().map(|_| callgrind::per_cold_unit(subject, shape)).transpose()
}

fn cells(time: Option<f64>, counts: Option<Counts>) -> [String; 4] {
    let of = |part: fn(Counts) -> f64| number(counts.map(part), 1);
    [nanos(time), of(|of| of.instructions), of(|of| of.missed), of(|of| of.missed_far)]
}
