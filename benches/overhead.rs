//! Runs everything side by side and writes the tables of `docs/overhead.md`.
//!
//! `cargo bench -p flame-benches --features peers --bench overhead -- --against 3f37c93`: beside
//! the recorder of that commit, which is built for it. Without it, with `--only <part>` and with
//! `--brief`, by which everything runs for a moment, tables are only printed.

use std::fs;

use flame_benches::{
    Result, allocations::Counting, document, plan::Plan, report, worker::work_if_told,
};

/// Where the tables go.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/overhead.md");

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<()> {
    if work_if_told()? {
        return Ok(());
    }
    let plan = Plan::from_arguments(std::env::args().skip(1))?;
    let tables = report::all(&plan)?;
    println!("{tables}");
    if plan.is_whole() {
        let old = fs::read_to_string(DOCUMENT)?;
        fs::write(DOCUMENT, document::replace(&old, &tables)?)?;
    }
    Ok(())
}
