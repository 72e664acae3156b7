//! How long calls took, and how long they waited before.
//!
//! A call is a span, from its first enter until it closes, or until now.
//! **polls** are enters beyond the first, where there are any. Half of the calls
//! took no longer than **p50**, which is less than 12.5 % too long, as **p90** and
//! **p99** are; **mean** and **max** are exact, but for a max written as
//! `<= 14.00 ms`.

use std::io::{self, Write};

use super::{
    super::human::{Count, Rounded},
    WIDTH,
    rows::Row,
    text, time,
};

pub(super) fn write(rows: &[Row], writer: &mut impl Write) -> io::Result<()> {
    let known = |row: &&Row| row.tally.calls.is_some_and(|calls| calls > 0);
    let rows: Vec<&Row> = rows.iter().filter(known).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let polled = rows.iter().any(|row| row.tally.polls() > 0);
    let polls = |text: String| if polled { format!(" {text:>10}") } else { String::new() };
    writeln!(writer, "\ncalls, from first enter to close; half took no longer than p50")?;
    writeln!(
        writer,
        "{:>10}{} {:>9} {:>8} {:>8} {:>8} {:>12}  span",
        "calls",
        polls("polls".to_owned()),
        "mean",
        "p50",
        "p90",
        "p99",
        "max",
    )?;
    for row in rows {
        let tally = &row.tally;
        let [p50, p90, p99] = [50, 90, 99].map(|percent| {
            let nanos = tally.percentile_nanos(percent);
            nanos.map_or("-".to_owned(), |nanos| Rounded(nanos).to_string())
        });
        let line = format!(
            "{:>10}{} {:>9} {p50:>8} {p90:>8} {p99:>8} {:>12}  ",
            Count(tally.calls.unwrap_or(0)),
            polls(Count(tally.polls()).to_string()),
            time(tally.mean_nanos()),
            tally.max().map_or("-".to_owned(), |max| max.to_string()),
        );
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    Ok(())
}

/// How long spans waited for their first enter, where that was measured.
pub(super) fn write_queued(rows: &[Row], writer: &mut impl Write) -> io::Result<()> {
    let mut queued = rows.iter().filter(|row| row.tally.max_queued_nanos > 0).peekable();
    if queued.peek().is_some() {
        writeln!(writer, "\nqueued, from creation to first enter")?;
        writeln!(writer, "{:>10} {:>9} {:>9}  span", "entered", "mean", "max")?;
    }
    for row in queued {
        let tally = &row.tally;
        let (mean, max) = (tally.mean_queued_nanos(), Some(tally.max_queued_nanos));
        let line = format!("{:>10} {:>9} {:>9}  ", Count(tally.started), time(mean), time(max));
        text::hanging(writer, &line, &row.name, WIDTH)?;
    }
    Ok(())
}
