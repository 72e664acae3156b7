//! Bytes as base64 (<https://datatracker.ietf.org/doc/html/rfc4648#section-4>).

use std::io::{self, Write};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes bytes as base64 text, without line breaks.
pub(super) struct Base64<W> {
    writer: W,
    /// Bytes that do not make a group of three yet.
    rest: Vec<u8>,
    text: Vec<u8>,
}

impl<W: Write> Base64<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer, rest: Vec::with_capacity(3), text: Vec::new() }
    }

    /// Writes what is left, padded.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.rest.is_empty() {
            let mut text = group(&self.rest);
            text[self.rest.len() + 1..].fill(b'=');
            self.writer.write_all(&text)?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Base64<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.clear();
        let missing = (3 - self.rest.len()) % 3;
        let (head, tail) = bytes.split_at(missing.min(bytes.len()));
        self.rest.extend_from_slice(head);
        if self.rest.len() == 3 {
            self.text.extend(group(&self.rest));
            self.rest.clear();
        }
        let groups = tail.chunks_exact(3);
        self.rest.extend_from_slice(groups.remainder());
        self.text.extend(groups.flat_map(group));
        self.writer.write_all(&self.text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The four letters of at most three bytes.
fn group(bytes: &[u8]) -> [u8; 4] {
    let byte = |i: usize| u32::from(bytes.get(i).copied().unwrap_or(0));
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
}

/// Bytes as a text.
#[cfg(test)]
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    let mut writer = Base64::new(&mut text);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap();
    String::from_utf8(text).unwrap()
}

/// The bytes that a text stands for.
#[cfg(test)]
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let digit = |letter: &u8| DIGITS.iter().position(|digit| digit == letter);
    let group = |group: &[u8]| {
        let digits: Vec<usize> = group.iter().filter_map(digit).collect();
        let bits = (0..4).fold(0, |bits, i| bits << 6 | digits.get(i).copied().unwrap_or(0));
        let bytes = [16, 8, 0].map(|shift| (bits >> shift & 0xff) as u8);
        bytes.into_iter().take(digits.len() - 1).collect::<Vec<u8>>()
    };
    text.as_bytes().chunks(4).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_written_so() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(text(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn it_does_not_matter_how_bytes_are_cut() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 1..8 {
            let mut written = Vec::new();
            let mut writer = Base64::new(&mut written);
            bytes.chunks(length).for_each(|chunk| writer.write_all(chunk).unwrap());
            writer.finish().unwrap();
            assert_eq!(written, text(&bytes).into_bytes(), "{length} at a time");
        }
    }
}
