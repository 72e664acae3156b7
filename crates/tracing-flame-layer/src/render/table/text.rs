//! Text cut to a number of columns, one a character.

use std::io::{self, Write};

use super::super::label;

/// How many lines a name may take before its middle is left out.
const NAME_LINES: usize = 3;
/// The columns that a name has at the least.
const LEAST: usize = 12;

/// Writes words on as many lines as they need.
pub(super) fn wrapped(writer: &mut impl Write, text: &str, width: usize) -> io::Result<()> {
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            writeln!(writer)?;
            column = 0;
        }
        let gap = if column > 0 { " " } else { "" };
        write!(writer, "{gap}{word}")?;
        column += gap.len() + length;
    }
    writeln!(writer)
}

/// Writes a line's head and behind it a name, continued below itself where it
/// is long, and shortened in the middle where it is very long.
pub(super) fn hanging(
    writer: &mut impl Write,
    head: &str,
    name: &str,
    width: usize,
) -> io::Result<()> {
    let indent = head.chars().count();
    let room = width.saturating_sub(indent).max(LEAST);
    let name: Vec<char> = shortened(name, room * NAME_LINES).chars().collect();
    for (i, line) in name.chunks(room).enumerate() {
        let line: String = line.iter().collect();
        match i {
            0 => writeln!(writer, "{head}{line}")?,
            _ => writeln!(writer, "{:indent$}{line}", "")?,
        }
    }
    Ok(())
}

/// A text of at most so many characters, an ellipsis for its middle.
pub(in super::super) fn shortened(text: &str, most: usize) -> String {
    let head = (most - 1) / 2;
    label::shortened(text, head, most - 1 - head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hung(name: &str) -> String {
        let mut text = Vec::new();
        hanging(&mut text, "1 ms  ", name, 26).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_long_name_goes_on_below_itself() {
        assert_eq!(hung("short"), "1 ms  short\n");
        assert_eq!(
            hung("one::two::three::four::five"),
            "1 ms  one::two::three::fou\n      r::five\n"
        );
    }

    #[test]
    fn a_very_long_name_loses_its_middle() {
        let text = hung(&format!("start{}end", "é".repeat(10_000)));
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains('…') && text.contains("start") && text.trim_end().ends_with("end"));
        assert!(text.lines().all(|line| line.chars().count() <= 26), "{text}");
    }

    #[test]
    fn words_wrap_at_the_width() {
        let mut text = Vec::new();
        wrapped(&mut text, "one two three", 8).unwrap();
        assert_eq!(text, b"one two\nthree\n");
    }
}
