//! Fields whose values become part of a frame's name.

use std::{fmt, str::FromStr};

use tracing::Metadata;

use super::{ParseSelectorError, SpanName, braces, syntax};

/// Names fields of spans: `name{field}`, `target::name{field,field}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpanFields {
    span: SpanName,
    fields: Vec<String>,
}

impl SpanFields {
    /// Fields of the spans of a name, or of `target::name`, all taken as they stand.
    ///
    /// ```
    /// use tracing_flame_layer::SpanFields;
    ///
    /// assert_eq!("stage{name,id}".parse(), Ok(SpanFields::new("stage", ["name", "id"])));
    /// ```
    #[must_use]
    pub fn new(span: impl Into<String>, fields: impl IntoIterator<Item: Into<String>>) -> Self {
        Self { span: SpanName(span.into()), fields: fields.into_iter().map(Into::into).collect() }
    }

    /// Reads a list with commas between its spans.
    ///
    /// # Errors
    ///
    /// If one of them names no span, or none of its fields.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, ParseSelectorError> {
        syntax::items(list).into_iter().map(str::parse).collect()
    }

    /// Those of the fields that the spans of a callsite have, in the order
    /// written; none where it is not meant.
    pub fn of<'m>(&self, metadata: &'m Metadata<'_>) -> impl Iterator<Item = &'m str> {
        let meant = self.span.matches(metadata);
        let found = self.fields.iter().filter(move |_| meant);
        found.filter_map(|name| Some(metadata.fields().field(name.as_str())?.name()))
    }
}

impl fmt::Display for SpanFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.span)?;
        let written = |field: &String| {
            let mut text = String::new();
            syntax::write_field(field, &mut text).map(|()| text)
        };
        braces(f, &self.fields.iter().map(written).collect::<Result<Vec<_>, _>>()?)
    }
}

impl FromStr for SpanFields {
    type Err = ParseSelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, parts) = syntax::item(text)?;
        let span = name.try_into()?;
        let valid = "write `span{field}` or `span{field,field}`";
        let parts = parts.ok_or_else(|| {
            ParseSelectorError::new(format!("`{}` names no field; {valid}", text.trim()))
        })?;
        if parts.iter().any(|part| part.value.is_some()) {
            return Err(ParseSelectorError::new(format!(
                "`{}`: fields are named here without values; {valid}",
                text.trim()
            )));
        }
        Ok(Self { span, fields: parts.into_iter().map(|part| part.field).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_print_as_they_are_written() {
        for text in ["a{x}", "t::a{x,y.z}", r#""GET /{id}"{"a,b",x}"#] {
            assert_eq!(text.parse::<SpanFields>().expect(text).to_string(), text);
        }
        let list = SpanFields::parse_list("a{x,y}, b{z}").unwrap();
        assert_eq!(list.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a{x,y}", "b{z}"]);
    }

    #[test]
    fn what_names_no_field_is_refused_with_what_would() {
        for text in ["", "a", "a{}", "a{x=1}", "{x}", "a{x"] {
            assert!(text.parse::<SpanFields>().is_err(), "{text}");
        }
        let error = "stage".parse::<SpanFields>().unwrap_err().to_string();
        assert_eq!(error, "`stage` names no field; write `span{field}` or `span{field,field}`");
    }
}
