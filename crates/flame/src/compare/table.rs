//! What came of it, for a terminal.

use std::io::{self, Write};

use super::{
    compared::Compared,
    judged::{Judged, Verdict},
    text,
};
use crate::{
    diff::shortened,
    human::{Change, Time},
};

/// Writes the reasons, what changed, and every operation.
pub(crate) fn write(compared: &Compared, rows: usize, out: &mut dyn Write) -> io::Result<()> {
    for fact in text::facts(compared) {
        writeln!(out, "{fact}")?;
    }
    writeln!(out)?;
    if !compared.can_judge() {
        writeln!(out, "{}\n", text::CANNOT)?;
        heading(out, "largest changes")?;
        return list(compared, &compared.largest(), rows, out);
    }
    reasons(compared, rows, out)?;
    let changed = compared.changed();
    match changed.is_empty() {
        true => writeln!(out, "nothing is told to have changed ({})", text::counts(compared))?,
        false => {
            heading(out, "what changed")?;
            list(compared, &changed, rows, out)?;
            writeln!(out, "{:>10}{}", "", text::counts(compared))?;
        }
    }
    writeln!(out)?;
    heading(out, "operations")?;
    list(compared, &compared.operations().collect::<Vec<_>>(), usize::MAX, out)
}

fn reasons(compared: &Compared, most: usize, out: &mut dyn Write) -> io::Result<()> {
    if compared.reasons.is_empty() && text::unexplained(compared).is_empty() {
        return Ok(());
    }
    writeln!(out, "the reason, innermost frames first")?;
    for reason in compared.reasons.iter().take(most) {
        let path = shortened(&compared.path(reason.place));
        writeln!(out, "{:>10}  {path}", Change(reason.nanos))?;
        writeln!(out, "{:>10}  {}", "", text::why(reason, compared))?;
    }
    more(compared.reasons.len(), most, "reasons", out)?;
    if !text::unexplained(compared).is_empty() {
        writeln!(out, "{:>10}  {UNEXPLAINED}", "")?;
    }
    writeln!(out)
}

/// That there is no better reason.
pub(super) const UNEXPLAINED: &str =
    "some totals changed of which no frame is told by itself: more runs would say which";

fn heading(out: &mut dyn Write, what: &str) -> io::Result<()> {
    let [verdict, change, ratio, interval] = ["verdict", "change", "change%", "lies within"];
    let [before, after, time] = ["before", "after", "time"];
    writeln!(
        out,
        "{verdict:<9} {change:>10} {ratio:>8} {interval:>18} {before:>10} {after:>10}  {time:<12}  {what}"
    )
}

fn list(
    compared: &Compared,
    listed: &[&Judged],
    most: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    for row in listed.iter().take(most) {
        let verdict = if compared.can_judge() { row.verdict } else { Verdict::NotTold };
        writeln!(
            out,
            "{:<9} {:>10} {:>8} {:>18} {:>10} {:>10}  {:<12}  {}",
            verdict.name(),
            Change(row.difference()),
            text::ratio(row),
            text::interval(row),
            Time(row.before),
            Time(row.after),
            row.measure.name(),
            shortened(&compared.path(row.place)),
        )?;
    }
    more(listed.len(), most, "numbers", out)
}

fn more(count: usize, most: usize, what: &str, out: &mut dyn Write) -> io::Result<()> {
    match count.checked_sub(most) {
        None | Some(0) => Ok(()),
        Some(left) => writeln!(out, "{:>10}and {left} more {what}", ""),
    }
}
