//! Ours beside that of an older commit.

use super::{
    names,
    run::{LOCAL, THREADED, run},
};
use crate::{
    Result,
    crew::Crew,
    figures::{CPU, Figures, Part, THREAD, WALL},
    plan::Plan,
    shape::Shape,
    subject::Subject::{NoOp, Older, Ours},
    table::{Table, nanos, times},
};

/// How many times as many spans make a run as elsewhere: the collector reads them in drains
/// of thousands.
const LONGER: u64 = 4;

pub(super) fn table(plan: &Plan, commit: &str) -> Result<String> {
    let shapes =
        [&LOCAL[..], &[Shape::RandomStacks, Shape::LongLoop, Shape::TwoThreads], &THREADED[..]]
            .concat();
    let figures = side_by_side(plan, &shapes)?;
    let mut table = Table::new(&[
        "nanoseconds",
        "on the clock: then",
        "now",
        "now / then",
        "CPU of the span's thread: then",
        "now",
        "now / then",
        "CPU of the process: then",
        "now",
        "now / then",
    ]);
    for shape in shapes {
        // Where one thread makes spans and another one enters them, neither does a whole unit.
        let is_split = [Shape::OtherThread, Shape::Migrating, Shape::NewThreads].contains(&shape);
        let parts = [(WALL, true), (THREAD, !is_split), (CPU, true)];
        let cells = parts.into_iter().flat_map(|(part, is_known)| {
            if is_known { added(&figures, shape, part) } else { [(); 3].map(|()| nanos(None)) }
        });
        table.row(&names::of(shape), cells);
    }
    Ok(format!("## Against {commit}\n\n{}", table.finish()))
}

/// What each adds to the Registry, and how many times as much ours of today does.
fn added(figures: &Figures, shape: Shape, part: Part) -> [String; 3] {
    let added = |subject| figures.added(subject, NoOp, shape, part);
    let ratio = figures.of_each(|of| {
        let base = of(NoOp, shape, part)?;
        Some((of(Ours, shape, part)? - base) / (of(Older, shape, part)? - base))
    });
    [nanos(added(Older)), nanos(added(Ours)), times(ratio)]
}

fn side_by_side(plan: &Plan, shapes: &[Shape]) -> Result<Figures> {
    let subjects = [NoOp, Older, Ours];
    let plan = Plan { spans: plan.spans * LONGER, ..plan.clone() };
    let mut figures = Figures::default();
    for generation in 0..plan.generations {
        eprintln!("against the older commit: {} of {}", generation + 1, plan.generations);
        figures.begin_generation();
        run(&mut Crew::start(&subjects)?, &mut figures, &plan, &subjects, shapes)?;
    }
    Ok(figures)
}
