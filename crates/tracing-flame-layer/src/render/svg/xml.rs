//! Text inside an XML element.

use std::io::{self, Write};

/// Writes text with the characters replaced that XML gives a meaning. Those it
/// forbids are not in labels, and not in printable text.
pub(in super::super) fn text(writer: &mut impl Write, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>']) {
        writer.write_all(&rest.as_bytes()[..at])?;
        writer.write_all(match rest.as_bytes()[at] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            _ => b"&gt;",
        })?;
        rest = &rest[at + 1..];
    }
    writer.write_all(rest.as_bytes())
}
