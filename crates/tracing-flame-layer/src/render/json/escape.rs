//! Strings of JSON (<https://datatracker.ietf.org/doc/html/rfc8259#section-7>).

use std::io::{self, Write};

/// Writes a text between quotes. Everything but quotes, backslashes and control
/// characters stands as it is, in UTF-8.
pub(in crate::render) fn string(writer: &mut impl Write, text: &str) -> io::Result<()> {
    writer.write_all(b"\"")?;
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f {
            continue;
        }
        writer.write_all(&text.as_bytes()[plain..at])?;
        plain = at + 1;
        match byte {
            b'"' => writer.write_all(b"\\\"")?,
            b'\\' => writer.write_all(b"\\\\")?,
            b'\n' => writer.write_all(b"\\n")?,
            b'\t' => writer.write_all(b"\\t")?,
            _ => write!(writer, "\\u{byte:04x}")?,
        }
    }
    writer.write_all(&text.as_bytes()[plain..])?;
    writer.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut bytes = Vec::new();
        string(&mut bytes, text).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_what_json_cannot_hold_is_escaped() {
        assert_eq!(written(""), r#""""#);
        assert_eq!(written("größe 🔥 / <a>"), r#""größe 🔥 / <a>""#);
        assert_eq!(written("a\"b\\c\nd\te"), r#""a\"b\\c\nd\te""#);
        assert_eq!(written("\0\u{1b}\r\u{7f}"), r#""\u0000\u001b\u000d\u007f""#);
    }
}
