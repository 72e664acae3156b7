//! Whether a span's fields have the values that are asked for.

use std::fmt::{self, Debug, Write};

use tracing::{
    field::{Field, Visit},
    span::Attributes,
};

use super::syntax::{self, Part};

/// A field, and the value that it is to have, or any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    field: String,
    value: Option<Text>,
}

/// A value as text, and as a string's `Debug` writes it: which of the two a
/// field is recorded with is not seen from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Text {
    plain: String,
    quoted: String,
}

impl Wanted {
    pub(super) fn field(&self) -> &str {
        &self.field
    }

    /// Whether a field's value, as frames have it, is the one that is asked for.
    pub(super) fn is(&self, field: &str, value: &str) -> bool {
        let fits = |text: &Text| text.plain == value || text.quoted == value;
        self.field == field && self.value.as_ref().is_some_and(fits)
    }

    /// Whether it is to have a value, and not just any.
    pub(super) fn has_value(&self) -> bool {
        self.value.is_some()
    }

    /// Whether a span is created with all of these values.
    pub(super) fn all_fit(wanted: &[Self], attributes: &Attributes<'_>) -> bool {
        wanted.iter().all(|wanted| {
            let mut look = Look { wanted, fits: false };
            attributes.record(&mut look);
            look.fits
        })
    }
}

impl From<Part> for Wanted {
    fn from(Part { field, value }: Part) -> Self {
        let text = |plain: String| Text { quoted: format!("{plain:?}"), plain };
        Self { field, value: value.map(text) }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        syntax::write_field(&self.field, f)?;
        let Some(Text { plain, .. }) = &self.value else { return Ok(()) };
        f.write_str("=")?;
        syntax::write_value(plain, f)
    }
}

/// Looks for one field among a span's values.
struct Look<'w> {
    wanted: &'w Wanted,
    fits: bool,
}

impl Visit for Look<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == self.wanted.field {
            let fits = |text: &Text| text.plain == value || text.quoted == value;
            self.fits = self.wanted.value.as_ref().is_none_or(fits);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == self.wanted.field {
            self.fits = self.wanted.value.as_ref().is_none_or(|text| text.is_written_by(value));
        }
    }
}

impl Text {
    /// Whether that is what `value` writes; nothing is kept of it.
    fn is_written_by(&self, value: &dyn Debug) -> bool {
        let mut compare = Compare { plain: Some(&self.plain), quoted: Some(&self.quoted) };
        write!(compare, "{value:?}").is_ok()
            && (compare.plain == Some("") || compare.quoted == Some(""))
    }
}

/// What is still to come of each text; `None` once something else came.
struct Compare<'t> {
    plain: Option<&'t str>,
    quoted: Option<&'t str>,
}

impl Write for Compare<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.plain = self.plain.and_then(|rest| rest.strip_prefix(piece));
        self.quoted = self.quoted.and_then(|rest| rest.strip_prefix(piece));
        Ok(())
    }
}
