//! The tables of `docs/overhead.md`, in their order.

mod against;
pub mod classes;
mod cold;
mod engine;
mod followed;
mod instructions;
mod memory;
mod names;
mod overload;
mod peers;
mod run;
mod snapshots;
mod span;
mod stack;
mod stacks;
mod threads;

pub use instructions::{Counted, count as count_instructions, table as instructions};

use crate::{
    Result, callgrind, limits, machine, older,
    plan::{Part, Plan},
    selves,
};

/// Runs what the plan has of everything, and writes the tables of it.
///
/// # Errors
///
/// Whatever went wrong.
pub fn all(plan: &Plan) -> Result<String> {
    let load_before = machine::load();
    if let Some(commit) = &plan.against {
        older::build(commit)?;
    }
    let mut parts = Vec::new();
    for &part in &plan.parts {
        parts.extend(tables(part, plan)?);
    }
    parts.insert(0, taken_on(plan, &load_before));
    Ok(parts.join("\n\n"))
}

fn tables(part: Part, plan: &Plan) -> Result<Vec<String>> {
    Ok(match (part, &plan.against) {
        (Part::Against, Some(commit)) => vec![against::table(plan, commit)?],
        (Part::Against, None) => Vec::new(),
        (Part::Spans, _) => {
            let figures = run::side_by_side(plan)?;
            vec![
                span::table(&figures, selves::measure(plan.many_spans)?),
                followed::table(&figures),
                stack::table(&figures),
                threads::table(&figures),
                peers::table(&figures),
            ]
        }
        (Part::Engine, _) => vec![engine::table(plan)?],
        (Part::Overload, _) => vec![overload::table(plan)?],
        (Part::Snapshots, _) => vec![snapshots::table(plan)?],
        (Part::Cold, _) => vec![cold::table(plan)?],
        (Part::Memory, _) => vec![memory::table(plan)?],
        (Part::Stacks, _) => vec![stacks::table(plan)?],
        (Part::Instructions, _) => vec![counted_instructions()?],
    })
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
