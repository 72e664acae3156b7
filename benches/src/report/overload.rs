//! Two threads that make nothing but spans.

use std::collections::BTreeMap;

use super::run::beside;
use crate::{
    Result,
    figures::median,
    overload::{Overload, measure},
    plan::Plan,
    subject::Subject::{self, NoOp, Older, Ours},
    table::{Table, nanos, number, times},
};

/// Depth of chains, whether all is on one processor, and what that is called.
const WAYS: [(u64, bool, &str); 4] = [
    (1, false, "flat, on two cores"),
    (4, false, "chains of four, on two cores"),
    (1, true, "flat, on one core"),
    (4, true, "chains of four, on one core"),
];

/// What came of each round, by who did it.
type Rounds = BTreeMap<Subject, Vec<Overload>>;

pub(super) fn table(plan: &Plan) -> Result<String> {
    let subjects = beside(plan, &[NoOp, Ours]);
    let mut table = Table::new(&[
        "two threads that make nothing but spans",
        "million spans a second",
        "of what it was then",
        "50 %",
        "99 %",
        "99.9 %",
        "99.99 % of the chains within, in nanoseconds",
        "spans unrecorded",
    ]);
    for (depth, on_one_core, name) in WAYS {
        eprintln!("overload: {name}");
        let mut rounds = Rounds::new();
        for _ in 0..plan.generations {
            for &subject in &subjects {
                let round = measure(subject, depth, plan.many_spans / 5, on_one_core)?;
                rounds.entry(subject).or_default().push(round);
            }
        }
        for &subject in &subjects {
            let who = match subject {
                NoOp => "Registry alone",
                Older => "then",
                _ => "now",
            };
            table.row(&format!("{name}: {who}"), cells(&rounds, subject));
        }
    }
    Ok(format!("## Nothing but spans\n\n{}", table.finish()))
}

fn cells(rounds: &Rounds, subject: Subject) -> Vec<String> {
    let of = |subject, part: &dyn Fn(&Overload) -> f64| {
        rounds.get(&subject).and_then(|rounds| median(rounds.iter().map(part).collect()))
    };
    let rate = |round: &Overload| round.spans_a_second / 1e6;
    // Of each round: what disturbs the machine disturbs both.
    let ratios = rounds.get(&Ours).zip(rounds.get(&Older)).map(|(now, then)| {
        now.iter().zip(then).map(|(now, then)| rate(now) / rate(then)).collect()
    });
    let ratio = ratios.filter(|_| subject == Ours).and_then(median);
    let mut cells = vec![number(of(subject, &rate), 2), times(ratio)];
    cells.extend((0..4).map(|part| nanos(of(subject, &|round| round.nanos[part]))));
    let unrecorded = of(subject, &|round| round.unrecorded);
    cells.push(number(unrecorded.filter(|_| subject != NoOp), 0));
    cells
}
