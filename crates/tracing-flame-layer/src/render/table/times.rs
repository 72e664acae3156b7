//! Where the time went.
//!
//! - **self** is the sum of a label's self times, whatever threads did in them, so the
//!   column adds up to the total, and the share is of that;
//! - **total** counts a frame only where no frame below it has its label: what
//!   a recursive span took, it took once;
//! - **entered** is the sum over every enter-to-exit interval, recursion and
//!   other threads included, as a stopwatch in each span would say.
//!
//! The last line says how much of all is in awaits that have no rows, so that the
//! column adds up.

use std::io::{self, Write};

use super::{
    super::{
        frames::Frames,
        human::{Nanos, Share},
        state::State,
    },
    WIDTH,
    rows::Row,
    text, time,
};

pub(super) fn write(
    frames: &Frames<'_>,
    rows: &[Row],
    moments: &[Row],
    writer: &mut impl Write,
) -> io::Result<()> {
    if frames.total_nanos() > 0 {
        let [own, share, total, entered] = ["self", "self%", "total", "entered"];
        writeln!(writer, "{own:>9} {share:>7} {total:>9} {entered:>9}  span")?;
    }
    for row in rows {
        let line = format!(
            "{:>9} {:>7} {:>9} {:>9}  ",
            time(Some(row.self_nanos)),
            Share { part: row.self_nanos, whole: frames.total_nanos() }.to_string(),
            time(Some(row.total_nanos)),
            time(row.has_spans.then_some(row.tally.entered_nanos)),
        );
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    if frames.total_nanos() > 0 {
        let total = time(Some(frames.total_nanos()));
        let rest = match moments.iter().fold(0_u64, |sum, row| sum.saturating_add(row.self_nanos)) {
            0 => String::new(),
            rest => {
                let label = State::Await.label();
                format!(", {} of it {label} too short for rows", Nanos(rest))
            }
        };
        writeln!(writer, "{total:>9} {:>7} {:>21}all{rest}", "100%", "")?;
    }
    Ok(())
}
