//! Snapshots and pictures.

use std::time::Duration;

use crate::{
    Result,
    plan::Plan,
    stacks::{Written, measure},
    table::{Table, bytes, thousands},
};

/// Numbers of stacks, each with the threads that record all of them.
const SIZES: [(u64, u64); 5] =
    [(1_000, 1), (10_000, 1), (10_000, 64), (100_000, 1), (1_000_000, 1)];

pub(super) fn table(plan: &Plan) -> Result<String> {
    let mut table = Table::new(&[
        "stacks",
        "threads",
        "a new stack",
        "memory of the recorder",
        "a stack and thread",
        "snapshot, merged",
        "SVG",
        "memory for both",
        "folded",
        "table",
    ]);
    for (stacks, threads) in SIZES.into_iter().filter(|(stacks, _)| *stacks <= plan.stacks) {
        eprintln!("{stacks} stacks on {threads} threads");
        let found = measure(stacks, threads)?;
        let cells = [
            threads.to_string(),
            format!("{:.0} ns", found.cold_nanos),
            bytes(found.own),
            format!("{:.0} B", found.own as f64 / (stacks * threads) as f64),
            milliseconds(found.snapshot),
            written(found.svg),
            bytes(found.added),
            written(found.folded),
            written(found.table),
        ];
        table.row(&thousands(stacks), cells);
    }
    Ok(format!("## Snapshots and pictures\n\n{}", table.finish()))
}

fn written(file: Written) -> String {
    format!("{}, {}", milliseconds(file.time), bytes(file.bytes))
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    let decimals = if milliseconds < 10.0 { 1 } else { 0 };
    format!("{milliseconds:.decimals$} ms")
}
