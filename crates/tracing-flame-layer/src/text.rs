//! Values of fields as text, cut off where they are long, and where there is no
//! memory.

use std::fmt::{self, Debug, Write};

use tracing::{
    field::{Field, Visit},
    span::Attributes,
};

use crate::room::try_row;

/// How many characters of a value are kept: as many as a 32-byte hash has, with
/// room to spare.
const MOST: usize = 80;

/// Reads some fields, in their order; what is not among them costs nothing.
pub(crate) struct Reader<'f> {
    fields: &'f [&'static str],
    values: Vec<Option<String>>,
}

impl<'f> Reader<'f> {
    /// `None` where there is no memory.
    pub(crate) fn try_new(fields: &'f [&'static str]) -> Option<Self> {
        Some(Self { fields, values: try_row(fields.len(), || None)? })
    }

    /// The value of each field, as far as there was one.
    pub(crate) fn values(self) -> Vec<Option<String>> {
        self.values
    }

    fn set(&mut self, field: &Field, text: impl FnOnce() -> String) {
        let place = self.fields.iter().position(|name| *name == field.name());
        if let Some(value) = place.and_then(|at| self.values.get_mut(at)) {
            *value = Some(text());
        }
    }
}

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, || cut(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, || {
            let mut text = Unquoted::default();
            let _ = write!(text, "{value:?}");
            text.finish()
        });
    }
}

/// How many fields of a root are remembered.
const MOST_FIELDS: usize = 8;

/// The fields that a span is created with, the first few of them, as far as there is
/// memory.
pub(crate) fn read_fields(attributes: &Attributes<'_>) -> Vec<(&'static str, String)> {
    let fields = attributes.metadata().fields();
    let mut names = [""; MOST_FIELDS];
    names.iter_mut().zip(fields.iter()).for_each(|(name, field)| *name = field.name());
    let names = names.get(..fields.len()).unwrap_or(&names);
    let mut read = Vec::new();
    if read.try_reserve(names.len()).is_ok()
        && let Some(mut reader) = Reader::try_new(names)
    {
        attributes.record(&mut reader);
        let values = names.iter().zip(reader.values());
        read.extend(values.filter_map(|(name, value)| Some((*name, value?))));
    }
    read
}

fn cut(value: &str) -> String {
    let mut text = Bounded::default();
    let _ = text.write_str(value);
    text.finish()
}

/// The first characters of a `Debug`, or, where that is a string's, of the string: a
/// field that is recorded by `Debug` has the value then that it has by `Display`.
///
/// It is unquoted while it is written, and so before it is cut off. What begins as a
/// string and does not end as one, such as `"a", "b"`, is known only at its end, so the
/// beginnings of both are kept.
#[derive(Default)]
struct Unquoted {
    written: Bounded,
    string: Bounded,
    at: At,
}

/// How far a string's `Debug` has come: `str::escape_debug` between quotes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Start,
    Within,
    /// Behind a backslash.
    Escape,
    /// Behind `\u`, with the digits so far; none before the brace.
    Code(Option<u32>),
    /// Behind the closing quote.
    End,
    /// In what is no string's.
    Other,
}

impl Unquoted {
    fn finish(self) -> String {
        if self.at == At::End { self.string.finish() } else { self.written.finish() }
    }

    /// Takes a character of a string, and returns where the next one is.
    fn next(&mut self, c: char) -> At {
        match (self.at, c) {
            (At::Start, '"') => At::Within,
            (At::Within, '"') => At::End,
            (At::Within, '\\') => At::Escape,
            (At::Within, c) => self.take(c),
            (At::Escape, '"' | '\'' | '\\') => self.take(c),
            (At::Escape, 'n') => self.take('\n'),
            (At::Escape, 'r') => self.take('\r'),
            (At::Escape, 't') => self.take('\t'),
            (At::Escape, '0') => self.take('\0'),
            (At::Escape, 'u') => At::Code(None),
            (At::Code(None), '{') => At::Code(Some(0)),
            (At::Code(Some(code)), '}') => char::from_u32(code).map_or(At::Other, |c| self.take(c)),
            (At::Code(Some(code)), c) => {
                let digit = c.to_digit(16).zip(code.checked_mul(16));
                let code = digit.and_then(|(digit, code)| code.checked_add(digit));
                code.map_or(At::Other, |code| At::Code(Some(code)))
            }
            _ => At::Other,
        }
    }

    fn take(&mut self, c: char) -> At {
        let _ = self.string.write_char(c);
        At::Within
    }
}

impl Write for Unquoted {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for c in piece.chars() {
            if self.at == At::Other {
                break;
            }
            self.at = self.next(c);
        }
        self.written.write_str(piece)
    }
}

/// The first characters of what is written. It never fails: there are `Debug`
/// implementations that panic where a writer does.
struct Bounded {
    text: String,
    left: usize,
    is_cut: bool,
}

impl Default for Bounded {
    fn default() -> Self {
        Self::new(MOST)
    }
}

impl Bounded {
    /// Room for so many characters.
    fn new(most: usize) -> Self {
        Self { text: String::new(), left: most, is_cut: false }
    }

    fn finish(mut self) -> String {
        if self.is_cut {
            push(&mut self.text, '…');
        }
        self.text
    }
}

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let mut rest = piece.chars();
        while self.left > 0
            && let Some(c) = rest.next()
        {
            self.left = match push(&mut self.text, c) {
                Some(()) => self.left.saturating_sub(1),
                None => {
                    self.is_cut = true;
                    0
                }
            };
        }
        self.is_cut |= !rest.as_str().is_empty();
        Ok(())
    }
}

/// `None` where there is no memory.
fn push(text: &mut String, c: char) -> Option<()> {
    text.try_reserve(c.len_utf8()).ok()?;
    text.push(c);
    Some(())
}

/// How many characters of an event are kept.
const MOST_OF_EVENT: usize = 240;

/// An event's fields as a line: the message, then `name=value`.
pub(crate) struct EventText(Bounded);

impl EventText {
    pub(crate) fn new() -> Self {
        Self(Bounded::new(MOST_OF_EVENT))
    }

    pub(crate) fn finish(self) -> String {
        let mut text = self.0.finish();
        let blank = text.len().saturating_sub(text.trim_start().len());
        drop(text.drain(..blank));
        text
    }
}

impl Visit for EventText {
    fn record_str(&mut self, field: &Field, value: &str) {
        // A text that does not fit is cut off; that is no error.
        let _ = match field.name() {
            "message" => write!(self.0, " {value}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_value_the_start_is_kept() {
        let exact = "é".repeat(MOST);
        assert_eq!(cut(&exact), exact);
        assert_eq!(cut(&format!("{exact}x")), format!("{exact}…"));
        assert_eq!(cut(&"x".repeat(1 << 20)).chars().count(), MOST + 1);
    }

    fn debugged(value: impl Debug) -> String {
        let mut text = Unquoted::default();
        write!(text, "{value:?}").unwrap();
        text.finish()
    }

    /// A fault: a string that was recorded by `Debug` was cut off with its quotes.
    #[test]
    fn a_string_is_one_value_however_it_is_recorded() {
        for string in
            ["", "a b", "C:\\dir", "\"", "'", "\\", "a\n\t\r\0b", "\u{1b}\u{301}\u{feff}", "größe"]
        {
            assert_eq!(debugged(string), string, "{string:?}");
        }
        for length in [MOST - 1, MOST, MOST + 1, 1_000] {
            for c in ['x', '"', '\n', 'é', '\u{7f}'] {
                let string = String::from_iter(std::iter::repeat_n(c, length));
                assert_eq!(debugged(&string), cut(&string), "{length} times {c:?}");
            }
        }
    }

    #[test]
    fn what_is_no_string_stays_as_it_is_written() {
        for text in [
            "5",
            "\"",
            "\"a\", \"b\"",
            "\"a\"b",
            r#""\x41""#,
            r#""\u{110000}""#,
            r#""\u{fffffffff}""#,
            "Some(\"a\")",
        ] {
            assert_eq!(debugged(format_args!("{text}")), text);
        }
        let list = format!("[{}]", "\"a\", ".repeat(MOST));
        assert_eq!(debugged(format_args!("{list}")), cut(&list));
    }
}
