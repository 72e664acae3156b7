//! A text table for a terminal: where the time went, at 100 columns.
//!
//! A row is a label. It adds up all frames of that label, wherever they stand:
//!
//! - **self** is the sum of their self times, so the column adds up to the
//!   total, and the share is of that;
//! - **total** counts a frame only where no frame below it has its label: what
//!   a recursive span took, it took once;
//! - **entered** is the sum over every enter-to-exit interval, recursion and
//!   other threads included, as a stopwatch in each span would say;
//! - **calls**, **mean** and **max** are those of the spans. Mean and max are of
//!   the latency, from a span's first enter until it closed.
//!
//! Pending time is a row of its own for each label that had some, written as it
//! is in folded text: `request;[await]`. A dash is a number that a row cannot
//! have. Rows come by self time, then by total, then by name.

mod hint;
mod rows;
mod text;

use std::io::{self, Write};

use super::{
    Options,
    frames::Frames,
    human::{Count, Nanos, Share},
    summary,
};
use rows::Row;

/// The columns a line may have.
const WIDTH: usize = 100;

pub(super) fn write(
    frames: &Frames<'_>,
    options: &Options,
    mut writer: impl Write,
) -> io::Result<()> {
    for line in [&*summary::title(options), summary::meaning(options), &summary::facts(frames)] {
        text::wrapped(&mut writer, line, WIDTH)?;
    }
    writeln!(writer)?;
    if let Some(why) = summary::emptiness(frames, options) {
        writeln!(writer, "{why}")?;
    } else {
        heading(&mut writer)?;
    }
    for row in rows::of(frames) {
        body(&mut writer, frames, &row)?;
    }
    foot(&mut writer, frames, options)?;
    writer.flush()
}

fn heading(writer: &mut impl Write) -> io::Result<()> {
    let [own, share, total] = ["self", "self%", "total"];
    let [entered, calls, mean, max] = ["entered", "calls", "mean", "max"];
    writeln!(
        writer,
        "{own:>9} {share:>7} {total:>9} {entered:>9} {calls:>10} {mean:>9} {max:>9}  span"
    )
}

fn body(writer: &mut impl Write, frames: &Frames<'_>, row: &Row) -> io::Result<()> {
    let tally = &row.tally;
    let entered = row.has_spans.then_some(tally.entered_nanos);
    let max = tally.mean_nanos().map(|_| tally.max_latency_nanos);
    let line = format!(
        "{:>9} {:>7} {:>9} {:>9} {:>10} {:>9} {:>9}  ",
        time(Some(row.self_nanos)),
        Share { part: row.self_nanos, whole: frames.total_nanos() }.to_string(),
        time(Some(row.total_nanos)),
        time(entered),
        tally.calls.map_or("-".to_owned(), |calls| Count(calls).to_string()),
        time(tally.mean_nanos()),
        time(max),
    );
    text::hanging(writer, &line, &row.name, WIDTH)
}

fn time(nanos: Option<u64>) -> String {
    nanos.map_or("-".to_owned(), |nanos| Nanos(nanos).to_string())
}

fn foot(writer: &mut impl Write, frames: &Frames<'_>, options: &Options) -> io::Result<()> {
    if frames.total_nanos() > 0 {
        let total = time(Some(frames.total_nanos()));
        writeln!(writer, "{total:>9} {:>7} {:>51}all", "100%", "")?;
    }
    let mut lines = summary::troubles(&frames.profile().troubles());
    lines.extend(hint::line(frames.profile(), options));
    if !lines.is_empty() {
        writeln!(writer)?;
    }
    lines.iter().try_for_each(|line| text::wrapped(writer, line, WIDTH))
}
