//! Values of fields as text, cut off where they are long, and where there is no
//! memory.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};

use super::room::try_row;

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
            let mut text = Bounded::default();
            let _ = write!(text, "{value:?}");
            unquoted(text.finish())
        });
    }
}

fn cut(value: &str) -> String {
    let mut text = Bounded::default();
    let _ = text.write_str(value);
    text.finish()
}

/// A string's `Debug` without its quotes, where nothing in it is escaped: whether
/// a field is recorded by `Debug` makes no difference then.
fn unquoted(mut text: String) -> String {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if inner.is_some_and(|inner| !inner.contains(['"', '\\'])) {
        text.pop();
        text.remove(0);
    }
    text
}

/// The first characters of what is written. It never fails: there are `Debug`
/// implementations that panic where a writer does.
pub(super) struct Bounded {
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
    pub(super) fn new(most: usize) -> Self {
        Self { text: String::new(), left: most, is_cut: false }
    }

    pub(super) fn finish(mut self) -> String {
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

    #[test]
    fn quotes_of_a_plain_string_are_left_out() {
        for (text, kept) in [
            ("\"a b\"", "a b"),
            ("\"\"", ""),
            ("\"", "\""),
            (r#""a\nb""#, r#""a\nb""#),
            (r#""a", "b""#, r#""a", "b""#),
            ("5", "5"),
        ] {
            assert_eq!(unquoted(text.to_owned()), kept);
        }
    }
}
