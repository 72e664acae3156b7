//! Naming spans on a command line, and fields of theirs.

mod fields;
mod syntax;
mod value;

use std::{fmt, str::FromStr};

use tracing::{Metadata, span::Attributes};

pub use fields::SpanFields;
pub use syntax::ParseSelectorError;
use syntax::Part;
pub(crate) use syntax::write_value;
use value::Wanted;

use crate::profile::{FieldValues, Frame};

/// Names spans by `name` or by `target::name`, and by values of their fields:
/// `name{field=value}`.
///
/// Of several fields, `name{a=1,b=2}`, all have to fit; `name{field}` means spans
/// that have any value there. A value is compared with the text that the field
/// would have in a log, a string with or without its quotes; one with a comma or
/// a brace in it stands in quotes: `name{field="1, 2"}`. So does a name with one:
/// `"GET /users/{id}"`, `target::"a, b"{field=value}`, and the name of a field. In
/// quotes a quote and a backslash have a backslash in front. What counts are the values
/// that a span is created with.
///
/// That is how it is [parsed](str::parse), from what a user typed. A program that knows the
/// name says it as it is, braces and all: [`new`](Self::new), or a literal where one is asked
/// for.
///
/// ```
/// use tracing_flame_layer::{FlameLayer, SpanSelector};
///
/// let typed: SpanSelector = "block{number=7}".parse()?;
/// let known = SpanSelector::new("block").with_value("number", "7");
/// assert_eq!(typed, known);
///
/// let (layer, flame) = FlameLayer::builder().operations(["GET /users/{id}", "block"]).build();
/// # drop((layer, flame));
/// # Ok::<_, tracing_flame_layer::ParseSelectorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpanSelector {
    span: SpanName,
    fields: Vec<Wanted>,
}

impl SpanSelector {
    /// The spans of a name, or of `target::name`, taken as it stands.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { span: SpanName(name.into()), fields: Vec::new() }
    }

    /// Of those only spans that have any value in a field; of several fields, in all.
    #[must_use]
    pub fn with_field(self, field: impl Into<String>) -> Self {
        self.with(field.into(), None)
    }

    /// Of those only spans that have this value in a field, as text; of several, all.
    #[must_use]
    pub fn with_value(self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(field.into(), Some(value.into()))
    }

    fn with(mut self, field: String, value: Option<String>) -> Self {
        self.fields.push(Part { field, value }.into());
        self
    }

    /// Reads a list with commas between its selectors.
    ///
    /// # Errors
    ///
    /// If one of them names no span.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, ParseSelectorError> {
        syntax::items(list).into_iter().map(str::parse).collect()
    }

    /// Whether spans of a callsite are meant, of all its spans or of some: it has
    /// the name, and the fields.
    #[must_use]
    pub fn matches(&self, metadata: &Metadata<'_>) -> bool {
        let has = |wanted: &Wanted| metadata.fields().field(wanted.field()).is_some();
        self.span.matches(metadata) && self.fields.iter().all(has)
    }

    /// Whether a span is meant that is being created.
    pub(crate) fn matches_span(&self, attributes: &Attributes<'_>) -> bool {
        self.matches(attributes.metadata()) && Wanted::all_fit(&self.fields, attributes)
    }

    /// Whether it picks spans by values of theirs, and not by their names and which fields
    /// they have.
    #[must_use]
    #[doc(hidden)]
    pub fn has_values(&self) -> bool {
        self.values().next().is_some()
    }

    /// Whether a frame is of spans that it picks by values: it has the name, and each of
    /// the values is part of the frame's own.
    #[must_use]
    #[doc(hidden)]
    pub fn picks(&self, frame: &Frame) -> bool {
        let Frame::Fields(callsite, values) = frame else { return false };
        let FieldValues::Known(values) = &**values else { return false };
        let has = |wanted: &Wanted| values.iter().any(|(field, value)| wanted.is(field, value));
        self.span.is(&callsite.name, &callsite.target)
            && self.has_values()
            && self.fields.iter().filter(|wanted| wanted.has_value()).all(has)
    }

    /// Whether a frame is of spans with the name, whatever fields they have.
    pub(crate) fn names(&self, frame: &Frame) -> bool {
        frame.callsite().is_some_and(|callsite| self.span.is(&callsite.name, &callsite.target))
    }

    /// The fields that are to have a value.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|wanted| wanted.has_value()).map(Wanted::field)
    }

    /// Whether it depends on a span's fields, and not on its callsite alone.
    #[must_use]
    #[doc(hidden)]
    pub fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }
}

/// A literal is a span's name, whatever is in it: nothing is parsed.
impl From<&'static str> for SpanSelector {
    fn from(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for SpanSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.span)?;
        braces(f, &self.fields)
    }
}

impl FromStr for SpanSelector {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, parts) = syntax::item(text)?;
        let fields = parts.into_iter().flatten().map(Wanted::from).collect();
        Ok(Self { span: name.try_into()?, fields })
    }
}

/// Writes what stands between braces; nothing where nothing does.
fn braces<T: fmt::Display>(f: &mut fmt::Formatter<'_>, parts: &[T]) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if i == 0 { '{' } else { ',' })?;
    }
    if parts.is_empty() { Ok(()) } else { f.write_str("}") }
}

/// A span's name, or its target and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SpanName(String);

impl SpanName {
    fn matches(&self, metadata: &Metadata<'_>) -> bool {
        self.is(metadata.name(), metadata.target())
    }

    fn is(&self, name: &str, target: &str) -> bool {
        let its_target = || self.0.strip_suffix(name)?.strip_suffix("::");
        self.0 == name || its_target() == Some(target)
    }
}

impl fmt::Display for SpanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(&self.0, f)
    }
}

impl TryFrom<String> for SpanName {
    type Error = ParseSelectorError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.is_empty() {
            return Err(ParseSelectorError::new(
                "a span's name is missing; write `name` or `target::name`, with `{field=value}` \
                 behind it or not",
            ));
        }
        Ok(Self(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_as(text: &str) -> String {
        text.parse::<SpanSelector>().unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
    }

    #[test]
    fn a_selector_prints_as_it_is_written() {
        for text in
            ["a", "t::a", "a{x=1}", "a{x=1,y=2}", "a{x}", r#"a{x="1,2"}"#, r#"t::a{x="",y}"#]
        {
            assert_eq!(reads_as(text), text);
        }
        assert_eq!(reads_as("  a { x = 1 , y } "), "a{x=1,y}");
        assert_eq!(reads_as(r#"a{x="1"}"#), "a{x=1}");
        for text in [r#""GET /users/{id}""#, r#""t::a, b"{x=1}"#, r#"a{"x=y"=1}"#] {
            assert_eq!(reads_as(text), text);
        }
        assert_eq!(reads_as(r#"t::"GET /{id}" {"x"=1}"#), r#""t::GET /{id}"{x=1}"#);
        assert_eq!(reads_as(r#""a""#), "a");
    }

    #[test]
    fn a_name_that_is_known_is_taken_as_it_stands() {
        let known = SpanSelector::from("GET /users/{id}");
        assert_eq!(known.to_string(), r#""GET /users/{id}""#);
        assert_eq!(reads_as(&known.to_string()), known.to_string());
        let known = SpanSelector::new("t::a").with_field("x").with_value("y", "1, 2");
        assert_eq!(known.to_string(), r#"t::a{x,y="1, 2"}"#);
        assert_eq!(known.to_string().parse(), Ok(known));
    }

    #[test]
    fn what_names_no_span_is_refused_with_what_is_wrong() {
        for (text, why) in [
            ("", "`target::name`"),
            ("{x=1}", "`target::name`"),
            ("a{x=1", "no `}` closes the `{`"),
            ("a{", "no `}` closes the `{`"),
            ("a{}", "a field's name is missing"),
            ("a{=1}", "a field's name is missing"),
            ("a{x=1}b", "nothing may follow the `}`"),
            (r#"a{x="1}"#, "a quote is not closed"),
            (r#"a{x="1"2}"#, "may follow a value in quotes"),
        ] {
            let error = text.parse::<SpanSelector>().expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
