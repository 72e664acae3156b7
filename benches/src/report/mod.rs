//! The tables of `docs/overhead.md`, in their order.

mod followed;
mod instructions;
mod memory;
mod peers;
mod run;
mod span;
mod stack;
mod stacks;
mod threads;

pub use instructions::{Counted, count as count_instructions, table as instructions};

use crate::{Result, callgrind, limits, machine, plan::Plan, selves};

/// Runs everything and writes all tables.
///
/// # Errors
///
/// Whatever went wrong.
pub fn all(plan: &Plan) -> Result<String> {
    let load_before = machine::load();
    let figures = run::side_by_side(plan)?;
    let mut parts = vec![
        span::table(&figures, selves::measure(plan.many_spans)?),
        followed::table(&figures),
        stack::table(&figures),
        threads::table(&figures),
        peers::table(&figures),
    ];
    parts.push(memory::table(plan)?);
    parts.push(stacks::table(plan)?);
    parts.push(counted_instructions()?);
    parts.insert(0, taken_on(plan, &load_before));
    Ok(parts.join("\n\n"))
}

fn counted_instructions() -> Result<String> {
    let Some(valgrind) = callgrind::version() else {
        return Ok("## Instructions\n\nNot counted: there was no valgrind.".into());
    };
    let counted = instructions::count(&limits::read()?)?;
    Ok(format!(
        "## Instructions\n\nBy callgrind ({valgrind}).\n\n{}",
        instructions::table(&counted)
    ))
}

fn taken_on(plan: &Plan, load_before: &str) -> String {
    format!(
        "Taken on {}; commit {}. {} sets of processes, {} rounds of {} spans each; load average \
         over 1 and 5 minutes {} before, {} after.",
        machine::describe(),
        machine::commit(),
        plan.generations,
        plan.rounds,
        plan.spans,
        load_before,
        machine::load(),
    )
}
