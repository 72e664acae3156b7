//! What came of it, for a comment on a pull request: worst first, all of it folded away.

use std::io::{self, Write};

use super::{compared::Compared, gate::Gate, judged::Judged, table::UNEXPLAINED, text};
use crate::human::{Change, Time};

/// How many rows are not folded away.
const MOST: usize = 10;
/// How many are: GitHub takes no comment of more than 65,536 letters.
const MOST_FOLDED: usize = 150;

/// Writes a verdict in a line, the reasons, what changed, and in a fold-out every number.
pub(crate) fn write(
    compared: &Compared,
    gate: Option<&Gate>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "### {}\n", headline(compared))?;
    if let Some(gate) = gate {
        writeln!(out, "**{}**\n", code_safe(&gate.sentence(compared)))?;
    }
    if !compared.reasons.is_empty() {
        writeln!(out, "The reason, innermost frames first:\n")?;
        for reason in compared.reasons.iter().take(MOST) {
            let why = code_safe(&text::why(reason, compared));
            let path = code(&compared.path(reason.place));
            writeln!(out, "- {} in {path}: {why}", Change(reason.nanos))?;
        }
        writeln!(out)?;
    }
    if !text::unexplained(compared).is_empty() {
        writeln!(out, "{UNEXPLAINED}.\n")?;
    }
    let operations: Vec<&Judged> = compared.operations().collect();
    let changed = compared.changed();
    let shown = if changed.is_empty() { &operations } else { &changed };
    rows(compared, &shown[..shown.len().min(MOST)], out)?;
    let left = shown.len().saturating_sub(MOST);
    if left > 0 {
        writeln!(out, "\nand {left} more, below")?;
    }
    writeln!(out, "\n<details><summary>All {} numbers</summary>\n", compared.rows.len())?;
    for fact in text::facts(compared) {
        writeln!(out, "- {}", code_safe(&fact))?;
    }
    writeln!(out)?;
    let largest = compared.largest();
    rows(compared, &largest[..largest.len().min(MOST_FOLDED)], out)?;
    let left = largest.len().saturating_sub(MOST_FOLDED);
    if left > 0 {
        writeln!(out, "\nand {left} smaller changes, which `.json` has")?;
    }
    writeln!(out, "\n</details>")
}

fn headline(compared: &Compared) -> String {
    if !compared.can_judge() {
        return "Spans: one run a side, which cannot be judged".to_owned();
    }
    format!("Spans: {}", text::counts(compared))
}

fn rows(compared: &Compared, rows: &[&Judged], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| verdict | change | | lies within | before | after | time | frame |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|---|---|")?;
    for row in rows {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            row.verdict.name(),
            Change(row.difference()),
            text::ratio(row),
            text::interval(row),
            Time(row.before),
            Time(row.after),
            row.measure.name(),
            code(&compared.path(row.place)),
        )?;
    }
    Ok(())
}

/// A name as code, so that nothing in it is markup: not even what ends code, or a cell.
fn code(stack: &str) -> String {
    text::quoted(stack).replace('|', "\u{a6}")
}

/// A sentence that has names in it between backticks; what might be a tag is none.
fn code_safe(text: &str) -> String {
    crate::diff::printable(text).replace('<', "&lt;").replace('|', "\u{a6}")
}
