//! What happened in one operation, on average, of those that the user named.

use std::{
    cmp::Reverse,
    fmt,
    io::{self, Write},
};

use super::{
    super::{
        frames::{Frames, Placed},
        human::{Count, Nanos, Plural},
    },
    WIDTH,
    rows::{self, Row},
    text,
};

/// How many spans named operations are shown, those with the most time.
const MOST: usize = 8;

/// A span named an operation, and the frames above it.
struct Operations<'f> {
    name: &'f str,
    count: u64,
    frames: &'f [Placed],
}

pub(super) fn write(frames: &Frames<'_>, writer: &mut impl Write) -> io::Result<()> {
    let mut named = named(frames);
    named.sort_by_key(|operations| Reverse(operations.frames[0].total_nanos));
    let left_out = named.len().saturating_sub(MOST);
    named.truncate(MOST);
    named.iter().try_for_each(|operations| part(frames, operations, writer))?;
    if left_out > 0 {
        writeln!(writer, "\nand {} with less time", Plural(left_out as u64, "other operation"))?;
    }
    Ok(())
}

fn named<'f>(frames: &'f Frames<'_>) -> Vec<Operations<'f>> {
    let towers = frames.all().chunk_by(|_, next| next.depth > 0);
    let named = towers.filter_map(|tower| {
        let bottom = tower.first()?;
        let count = frames.operations(bottom)?;
        Some(Operations { name: frames.label(bottom), count, frames: tower })
    });
    named.collect()
}

fn part(
    frames: &Frames<'_>,
    operations: &Operations<'_>,
    writer: &mut impl Write,
) -> io::Result<()> {
    let count = operations.count;
    let each = Nanos(operations.frames[0].total_nanos / count);
    writeln!(writer)?;
    let name = text::shortened(operations.name, WIDTH / 2);
    let head = format!("per {name}: {}, {each} each", Plural(count, "operation"));
    text::wrapped(writer, &head, WIDTH)?;
    writeln!(writer, "{:>9} {:>9} {:>10}  span", "self", "total", "calls")?;
    let (rows, _) = rows::of(frames, operations.frames, &[]);
    for Row { name, self_nanos, total_nanos, tally, .. } in rows {
        let (own, total) = (Nanos(self_nanos / count), Nanos(total_nanos / count));
        let calls = tally.calls.map(|part| Quotient { part, count }.to_string());
        let calls = calls.unwrap_or("-".to_owned());
        let line = format!("{:>9} {:>9} {calls:>10}  ", own.to_string(), total.to_string());
        text::hanging(writer, &line, &name, WIDTH)?;
    }
    Ok(())
}

/// How many there are for each of `count`, with one decimal where it is no whole
/// number.
struct Quotient {
    part: u64,
    count: u64,
}

impl fmt::Display for Quotient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, count) = (u128::from(self.part), u128::from(self.count));
        let tenths = (part * 10 + count / 2) / count;
        match tenths {
            0 if part > 0 => f.write_str("<0.1"),
            _ if part % count == 0 => write!(f, "{}", Count((part / count) as u64)),
            _ => write!(f, "{}.{}", Count((tenths / 10) as u64), tenths % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_has_a_decimal_where_it_needs_one() {
        let quotient = |part, count| Quotient { part, count }.to_string();
        assert_eq!(quotient(0, 3), "0");
        assert_eq!(quotient(1, 1_000), "<0.1");
        assert_eq!(quotient(45_000, 300), "150");
        assert_eq!(quotient(4_001, 3), "1,333.7");
    }
}
