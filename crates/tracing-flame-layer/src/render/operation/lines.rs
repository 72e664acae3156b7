//! Lines of text in a picture.

use std::io::{self, Write};

use super::super::escaped::Escaped;

/// The height of a line in pixels.
const LINE: usize = 16;

/// A block of lines under a headline; nothing where there are no lines.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) headline: String,
    pub(super) lines: Vec<String>,
}

impl Lines {
    /// How many pixels it needs.
    pub(super) fn height(&self) -> usize {
        if self.lines.is_empty() { 0 } else { (self.lines.len() + 2) * LINE }
    }

    /// Writes it from `top` down.
    pub(super) fn write(&self, top: usize, writer: &mut impl Write) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        text(writer, "headline", top + LINE + 4, &self.headline)?;
        for (i, line) in self.lines.iter().enumerate() {
            text(writer, "line", top + LINE * (i + 2) + 6, line)?;
        }
        Ok(())
    }
}

fn text(writer: &mut impl Write, class: &str, y: usize, text: &str) -> io::Result<()> {
    let text = Escaped(text);
    writeln!(
        writer,
        "<text class=\"{class}\" x=\"10\" y=\"{y}\" xml:space=\"preserve\">{text}</text>"
    )
}
