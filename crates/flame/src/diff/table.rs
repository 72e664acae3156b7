//! What changed, in words and numbers.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
};

use tracing_flame_layer::render;

use super::{
    compare::{Compared, Frame, Pair, Times},
    state,
};
use crate::human::{Change, Ratio, Share, Time};

/// The longest stack that is written out.
const MOST_LETTERS: usize = 120;

/// Writes the frames whose own time changed, by the time that it changed the
/// run by, and below them every root's total.
pub(crate) fn write(compared: &Compared, rows: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "before  {}", printable(&compared.before))?;
    writeln!(out, "after   {}", printable(&compared.after))?;
    writeln!(out, "{}", meaning(compared))?;
    if compared.times == Times::OnCpu {
        writeln!(out, "{ON_CPU}")?;
    }
    writeln!(out)?;
    let changed = changed(compared);
    if changed.is_empty() {
        writeln!(out, "nothing changed")?;
    } else {
        heading(out, "self time")?;
    }
    for (frame, _) in changed.iter().take(rows) {
        row(compared, frame, frame.own, out)?;
    }
    if changed.len() > rows {
        writeln!(out, "{:>44}and {} smaller changes", "", changed.len() - rows)?;
    }
    let roots: Vec<&Frame> = compared.frames.iter().filter(|f| f.parent.is_none()).collect();
    if roots.is_empty() {
        return writeln!(out, "neither run has any time");
    }
    writeln!(out)?;
    heading(out, "total time of each root")?;
    let mut roots: Vec<_> =
        roots.into_iter().map(|root| (root, weight(root, root.total))).collect();
    sort(&mut roots);
    for (root, _) in roots.iter().take(rows) {
        row(compared, root, root.total, out)?;
    }
    if roots.len() > rows {
        writeln!(out, "{:>44}and {} more roots", "", roots.len() - rows)?;
    }
    states(compared, out)
}

/// That nothing else is compared.
pub(super) const ON_CPU: &str = "only time on a CPU counts";

/// All time by what threads did in it, where that is known. Before is as if as many
/// operations had run as after.
fn states(compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
    if compared.times != Times::ByState {
        return Ok(());
    }
    let mut states: BTreeMap<Option<usize>, (&str, f64, f64)> = BTreeMap::new();
    for frame in &compared.frames {
        let place = state::place(&frame.label).filter(|_| frame.parent.is_some());
        let label = if place.is_some() { &*frame.label } else { "on CPU" };
        let (_, before, after) = states.entry(place).or_insert((label, 0.0, 0.0));
        *before += frame.per.before_scaled(frame.own);
        *after += nanos(frame.own.after);
    }
    writeln!(out)?;
    heading(out, "all time, by what threads did in it")?;
    for (label, before, after) in states.into_values() {
        let change = after - before;
        numbers(out, change, (before, after), change.abs(), compared)?;
        writeln!(out, "{label}")?;
    }
    Ok(())
}

/// One line that says what the numbers are.
pub(super) fn meaning(compared: &Compared) -> &'static str {
    if compared.is_per_operation() {
        "times are those of one operation"
    } else if compared.frames.iter().any(|frame| frame.per.is_operations) {
        "times are those of one operation; of the whole run (*) where operations are not known"
    } else {
        "times are those of the whole run: operations are not known"
    }
}

/// The heading of rows.
pub(super) fn heading(out: &mut dyn Write, what: &str) -> io::Result<()> {
    let [change, ratio, share, before, after] = ["change", "change%", "of all", "before", "after"];
    writeln!(out, "{change:>10} {ratio:>8} {share:>8} {before:>10} {after:>10}  {what}")
}

/// One frame: its change by itself, against what it was, and against all time.
pub(super) fn row(
    compared: &Compared,
    frame: &Frame,
    pair: Pair,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (before, after) = frame.per.each(pair);
    numbers(out, after - before, (before, after), weight(frame, pair).abs(), compared)?;
    let mark = if frame.per.is_operations || compared.is_whole_run() { "" } else { " *" };
    writeln!(out, "{}{mark}", shortened(&compared.stack(frame)))
}

/// The numbers of a row, up to what they are of.
fn numbers(
    out: &mut dyn Write,
    change: f64,
    (before, after): (f64, f64),
    part: f64,
    compared: &Compared,
) -> io::Result<()> {
    write!(
        out,
        "{:>10} {:>8} {:>8} {:>10} {:>10}  ",
        Change(change),
        Ratio { before, after },
        Share { part, whole: compared.all_before_scaled() },
        Time(before),
        Time(after),
    )
}

#[allow(clippy::cast_precision_loss, reason = "what is shown of it has four digits")]
pub(super) fn nanos(nanos: u64) -> f64 {
    nanos as f64
}

/// The time by which a change changed the run.
fn weight(frame: &Frame, pair: Pair) -> f64 {
    nanos(pair.after) - frame.per.before_scaled(pair)
}

fn changed(compared: &Compared) -> Vec<(&Frame, f64)> {
    let changed = compared.frames.iter().filter(|frame| frame.per.is_changed(frame.own));
    let mut changed: Vec<_> = changed.map(|frame| (frame, weight(frame, frame.own))).collect();
    sort(&mut changed);
    changed
}

/// The largest first, those of one size in the picture's order.
fn sort(frames: &mut [(&Frame, f64)]) {
    // The bits of floats that are not negative are ordered as they are.
    frames.sort_by_key(|(_, weight)| Reverse(weight.abs().to_bits()));
}

/// A stack without its middle where it is very long; the last frame says most.
pub(crate) fn shortened(stack: &str) -> String {
    let head = MOST_LETTERS / 4;
    render::shortened(stack, head, MOST_LETTERS - head - 1)
}

/// A number of frames.
pub(super) fn frames(count: usize) -> String {
    format!("{count} frame{}", if count == 1 { "" } else { "s" })
}

/// A text that is no label, without what a terminal obeys or XML forbids.
pub(crate) fn printable(text: &str) -> String {
    let odd = |c: char| c.is_control() || u32::from(c) & 0xfffe == 0xfffe;
    text.chars().map(|c| if odd(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
