//! A text table for a terminal: where the time went, at 100 columns.
//!
//! A row is a label. It adds up all frames of that label, wherever they stand.
//! What is measured is said in parts, each with a line a row:
//!
//! 1. [where the time went](times), with all rows;
//! 2. [which of them are roots](roots), where that is more than one name;
//! 3. [what threads did meanwhile](states), where that is known;
//! 4. [what they were asleep for](reasons), as far as that is known;
//! 5. [how long calls took](calls), with those of spans;
//! 6. how long they waited to be entered first, where that was measured;
//! 7. for each span that the user named an operation, [what is below
//!    it](operations) in one operation.
//!
//! Pending time is a row of its own for each label that had some, written as it
//! is in folded text: `request;[await]`; what is below one in a thousand of that label's
//! time has none. A dash is a number that a row cannot have. Rows come by
//! self time, then by total, then by name.

mod calls;
pub(super) mod hint;
mod operations;
mod reasons;
mod roots;
mod rows;
mod states;
pub(super) mod text;
mod times;

use std::io::{self, Write};

use super::{Options, anomalies, frames::Frames, human::Nanos, summary};

/// The columns a line may have.
const WIDTH: usize = 100;

pub(super) fn write(
    frames: &Frames<'_>,
    options: &Options,
    mut writer: impl Write,
) -> io::Result<()> {
    let (title, facts) = (summary::title(options), summary::facts(frames));
    for line in [&*title, summary::meaning(frames, options), &facts, summary::AUTHOR] {
        text::wrapped(&mut writer, line, WIDTH)?;
    }
    writeln!(writer)?;
    let totals = if frames.has_states() { frames.parts(true) } else { Vec::new() };
    let (rows, moments) = rows::of(frames, frames.all(), &totals);
    if let Some(why) = summary::emptiness(frames, options) {
        writeln!(writer, "{why}")?;
    }
    times::write(frames, &rows, &moments, &mut writer)?;
    roots::write(frames, &mut writer)?;
    states::write(frames, &rows, &mut writer)?;
    reasons::write(frames, &mut writer)?;
    calls::write(&rows, &mut writer)?;
    calls::write_queued(&rows, &mut writer)?;
    operations::write(frames, &mut writer)?;
    foot(&mut writer, frames, options)?;
    writer.flush()
}

fn foot(writer: &mut impl Write, frames: &Frames<'_>, options: &Options) -> io::Result<()> {
    let mut lines = summary::states(frames);
    lines.extend(anomalies::lines(&frames.profile().anomalies()));
    lines.extend(summary::orphans(frames));
    lines.extend(hint::line(frames.profile(), options));
    if !lines.is_empty() {
        writeln!(writer)?;
    }
    lines.iter().try_for_each(|line| text::wrapped(writer, line, WIDTH))
}

/// A time, or the dash of one that is not known.
fn time(nanos: Option<u64>) -> String {
    nanos.map_or("-".to_owned(), |nanos| Nanos(nanos).to_string())
}
