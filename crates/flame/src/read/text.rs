//! Bytes as UTF-8, from whichever encoding their first ones name.
//!
//! What PowerShell redirects to a file is UTF-16 with a byte order mark
//! (<https://www.unicode.org/faq/utf_bom.html>). Without a mark it is UTF-8.

use std::{
    io::{self, BufRead, BufReader, Chain, Cursor, Read},
    ops::Range,
};

/// How many bytes are read at once.
const BUFFER: usize = 1 << 16;
/// How many bytes come first, in one piece: the longest mark, and as much of the text
/// behind it as tells what it is.
const START: usize = 64;

/// A text's bytes, its mark left out.
pub(super) fn utf8(mut reader: impl Read) -> io::Result<impl BufRead> {
    let mut start = Vec::with_capacity(START);
    (&mut reader).take(START as u64).read_to_end(&mut start)?;
    let (order, mark): (Option<Order>, usize) = match *start {
        [0xff, 0xfe, ..] => (Some(u16::from_le_bytes), 2),
        [0xfe, 0xff, ..] => (Some(u16::from_be_bytes), 2),
        [0xef, 0xbb, 0xbf, ..] => (None, 3),
        _ => (None, 0),
    };
    start.drain(..mark);
    let bytes = BufReader::with_capacity(BUFFER, Cursor::new(start).chain(reader));
    Ok(BufReader::with_capacity(
        BUFFER,
        Text { bytes, order, high: None, ready: Cursor::default() },
    ))
}

/// Whether a text begins as an object of JSON does, which no stack does.
pub(super) fn looks_like_json(start: &[u8]) -> bool {
    let mut seen = start.iter().filter(|byte| !byte.is_ascii_whitespace());
    seen.next() == Some(&b'{') && seen.next() == Some(&b'"')
}

/// The first halves of pairs.
const HIGH: Range<u16> = 0xd800..0xdc00;

/// How two bytes become a number.
type Order = fn([u8; 2]) -> u16;

/// A text that is read as UTF-8.
struct Text<R> {
    bytes: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    /// Of UTF-16; `None`: it is UTF-8 already.
    order: Option<Order>,
    /// The first half of a pair, whose second is still to come.
    high: Option<u16>,
    ready: Cursor<Vec<u8>>,
}

impl<R: Read> Text<R> {
    /// Makes some more bytes ready; none at the end.
    fn decode(&mut self, order: Order) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(BUFFER);
        self.bytes.by_ref().take(BUFFER as u64).read_to_end(&mut bytes)?;
        let is_end = bytes.len() < BUFFER;
        let units = bytes.chunks(2).map(|pair| match *pair {
            [one, other] => order([one, other]),
            // Half of a number, at the very end, is no character.
            _ => HIGH.start,
        });
        let mut units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
        if !is_end && units.last().is_some_and(|last| HIGH.contains(last)) {
            self.high = units.pop();
        }
        let text: String = char::decode_utf16(units)
            .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        self.ready = Cursor::new(text.into_bytes());
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(order) = self.order else { return self.bytes.read(to) };
        match self.ready.read(to)? {
            0 => {
                self.decode(order)?;
                self.ready.read(to)
            }
            read => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        io::read_to_string(utf8(bytes).expect("bytes in memory")).expect("UTF-8")
    }

    #[test]
    fn a_mark_says_which_encoding_follows_and_is_no_part_of_the_text() {
        let text = "größe 🔥;a 1\r\n".repeat(9_000);
        let with = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.clone().into_bytes(),
            with(&[0xef, 0xbb, 0xbf], text.clone().into_bytes()),
            with(&[0xff, 0xfe], little),
            with(&[0xfe, 0xff], big),
        ] {
            assert!(read(&bytes) == text);
        }
        assert_eq!(
            (read(b""), read(b"a"), read(&[0xff, 0xfe])),
            (String::new(), "a".into(), String::new())
        );
        assert_eq!(read(&[0xff, 0xfe, b'a', 0, b'b']), "a\u{fffd}");
        assert_eq!(read(&[0xff, 0xfe, 0x00, 0xdc, b'b', 0]), "\u{fffd}b");
    }

    #[test]
    fn an_object_of_json_is_told_from_stacks() {
        for text in ["{\"format\": 1}", " \n{\n \"a\""] {
            assert!(looks_like_json(text.as_bytes()), "{text}");
        }
        for text in ["", "{", "{closure#0};a 1", "main;{\" 1", "[1]"] {
            assert!(!looks_like_json(text.as_bytes()), "{text}");
        }
    }
}
