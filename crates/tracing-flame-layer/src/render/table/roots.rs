//! Which spans are roots, where not all of them have one name.
//!
//! A row of the table adds up a label wherever it stands, so it does not say what stands
//! at the bottom. Each root is an operation, and all of them add up to the whole.

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use super::{
    super::{
        frames::{Frames, Placed},
        human::{Count, Nanos, Plural, Share},
    },
    WIDTH, text,
};

/// How many names of roots are shown, those with the most time.
const MOST: usize = 8;

pub(super) fn write(frames: &Frames<'_>, writer: &mut impl Write) -> io::Result<()> {
    let bottom = frames.all().iter().filter(|frame| frame.depth == 0);
    let mut roots: Vec<(&Placed, u64)> =
        bottom.filter_map(|frame| Some((frame, frames.lived(frame)?))).collect();
    if roots.len() < 2 {
        return Ok(());
    }
    roots.sort_by_key(|(frame, _)| (Reverse(frame.total_nanos), frames.label(frame)));
    writeln!(writer, "\nroots, of an operation each")?;
    writeln!(writer, "{:>10} {:>9} {:>7}  span", "operations", "total", "total%")?;
    for (frame, lived) in roots.iter().take(MOST) {
        let part = frame.total_nanos;
        let share = Share { part, whole: frames.total_nanos() }.to_string();
        let (lived, part) = (Count(*lived).to_string(), Nanos(part).to_string());
        let line = format!("{lived:>10} {part:>9} {share:>7}  ");
        text::hanging(writer, &line, frames.label(frame), WIDTH)?;
    }
    if let more @ 1.. = roots.len().saturating_sub(MOST) {
        writeln!(writer, "and {} with less time", Plural(more as u64, "other name"))?;
    }
    Ok(())
}
