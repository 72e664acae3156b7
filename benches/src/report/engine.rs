//! What the engine takes.

use crate::{
    Result,
    callgrind::{self, DRAIN},
    drain::{Drain, nanos_an_entry},
    figures::median,
    plan::Plan,
    shape::Shape,
    subject::Subject,
    table::{Table, nanos, number},
};

const DRAINS: [(Shape, u64, &str); 10] = [
    (Shape::Flat, 1, "flat: a span"),
    (Shape::Depth4, 1, "depth 4: a span"),
    (Shape::Depth16, 1, "depth 16: a span"),
    (Shape::Loop, 1, "loop: a span"),
    (Shape::FanOut, 1, "fan-out: a span"),
    (Shape::RandomStacks, 1, "1,000 stacks of three by chance: a span"),
    (Shape::Polls, 1, "a poll"),
    (Shape::Depth4, 2, "2 threads, depth 4, two entries each in turn: a span"),
    (Shape::Depth4, 16, "16 threads, depth 4, two entries each in turn: a span"),
    (Shape::Migrating, 1, "polled on two threads in turn: a poll"),
];

pub(super) fn table(plan: &Plan) -> Result<String> {
    let mut table = Table::new(&["read and interpreted", "nanoseconds an entry", "instructions"]);
    // One of one thread and one of sixteen are enough to see that it runs.
    let some = if plan.brief { 8 } else { 1 };
    for (shape, threads, name) in DRAINS.into_iter().step_by(some) {
        eprintln!("engine: {name}");
        let drain = Drain { shape, threads };
        let times = (0..plan.generations).map(|_| nanos_an_entry(drain));
        let time = median(times.collect::<Result<_>>()?);
        let counted =
            callgrind::version().map(|_| callgrind::per_drained_unit(Subject::Ours, drain, DRAIN));
        table.row(name, [nanos(time), number(counted.transpose()?, 0)]);
    }
    Ok(format!("## The engine\n\n{}", table.finish()))
}
