//! Counts instructions, and fails where a limit is exceeded.
//!
//! `cargo bench -p flame-benches --bench instructions`; with `-- --reset` the
//! limits become a fiftieth more than what was counted.

use std::process::ExitCode;

use flame_benches::{
    Result,
    allocations::Counting,
    limits,
    report::{self, Counted, classes},
    worker::work_if_told,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<ExitCode> {
    if work_if_told()? {
        return Ok(ExitCode::SUCCESS);
    }
    let counted = report::count_instructions(&limits::read()?)?;
    println!("{}", report::instructions(&counted));
    let classes = classes::count()?;
    println!("{}", classes::table(&classes));
    if std::env::args().any(|argument| argument == "--reset") {
        limits::write(&counted.iter().map(Counted::as_limit).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let exceeded: Vec<_> = counted.iter().filter(|counted| counted.exceeds()).collect();
    for Counted { limit, added, allocations, .. } in &exceeded {
        eprintln!(
            "{} of {}: {added:.1} instructions and {allocations:.3} allocations added, {} and {} \
             allowed (benches/instructions.limits)",
            limit.shape, limit.subject, limit.instructions, limit.allocations
        );
    }
    Ok(if exceeded.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
