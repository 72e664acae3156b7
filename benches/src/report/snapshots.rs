//! Snapshots while something goes on.

use super::run::beside;
use crate::{
    Result,
    figures::median,
    plan::Plan,
    snapshots::{Longest, Meanwhile, meanwhile, measure},
    subject::Subject::{self, Older, Ours},
    table::{Table, number, thousands},
};

/// Idle threads, busy ones, and what that is called.
const WAYS: [(u64, u64, &str); 3] = [
    (64, 0, "64 threads that are idle"),
    (1_000, 0, "1,000 threads that are idle"),
    (0, 2, "two threads that make nothing but spans"),
];

pub(super) fn table(plan: &Plan) -> Result<String> {
    let subjects = beside(plan, &[Ours]);
    let headings: Vec<_> = ["a snapshot, in microseconds, beside"]
        .into_iter()
        .chain(subjects.iter().map(|&subject| called(subject)))
        .collect();
    let mut table = Table::new(&headings);
    for (idle, busy, name) in WAYS {
        eprintln!("snapshots: {name}");
        let mut rounds = vec![Vec::new(); subjects.len()];
        for _ in 0..plan.generations {
            for (&subject, rounds) in subjects.iter().zip(&mut rounds) {
                rounds.push(measure(subject, idle, busy)? / 1e3);
            }
        }
        table.row(name, rounds.into_iter().map(|rounds| number(median(rounds), 0)));
    }
    let meanwhile = during(plan, &subjects)?;
    Ok(format!("## Snapshots beside threads\n\n{}\n{meanwhile}", table.finish()))
}

fn called(subject: Subject) -> &'static str {
    if subject == Older { "then" } else { "now" }
}

/// What goes on while many stacks are read.
fn during(plan: &Plan, subjects: &[Subject]) -> Result<String> {
    let of = thousands(plan.stacks);
    let heading = format!("three snapshots of {of} stacks; the longest, in milliseconds");
    let headings = [&heading, "a snapshot", "a span", "a thread", "a fork", "spans unrecorded"];
    let mut table = Table::new(&headings);
    for &subject in subjects {
        eprintln!("snapshots: {of} stacks, {}", called(subject));
        let all: Vec<_> = (0..plan.generations)
            .map(|_| meanwhile(subject, plan.stacks))
            .collect::<Result<_>>()?;
        let middle = |part: &dyn Fn(&Meanwhile) -> f64| median(all.iter().map(part).collect());
        let longest = |part: fn(&Meanwhile) -> &Longest| {
            let of = |of: fn(&Longest) -> f64| middle(&|round| of(part(round)) / 1e6);
            [of(|of| of.span), of(|of| of.thread), of(|of| of.fork)].map(|most| number(most, 1))
        };
        let mut row = |when, snapshot, [span, thread, fork]: [String; 3], unrecorded| {
            let name = format!("{}, {when}", called(subject));
            table.row(&name, [snapshot, span, thread, fork, unrecorded]);
        };
        row("none yet", number(None, 0), longest(|of| &of.before), number(None, 0));
        let snapshot = number(middle(&|round| round.snapshot / 1e6), 0);
        let unrecorded = number(middle(&|round| round.unrecorded), 0);
        row("meanwhile", snapshot, longest(|of| &of.during), unrecorded);
    }
    Ok(table.finish())
}
