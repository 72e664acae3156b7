//! Values of fields that are part of a frame's name.

use std::{borrow::Cow, fmt};

use crate::selector::write_value;

/// What stood in the fields of a frame's spans that the user named.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FieldValues {
    /// Each field that had a value, and the value, in the order in which the
    /// fields were named; at least one.
    Known(Vec<(Cow<'static, str>, String)>),
    /// Whatever came after as many distinct values as are told apart.
    Others,
}

/// As it is written behind a span's name: `{name=Execution,id=3}`, or `{…}`. A
/// value that could be misread there stands in quotes.
impl fmt::Display for FieldValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Known(values) = self else { return f.write_str("{…}") };
        f.write_str("{")?;
        for (i, (field, value)) in values.iter().enumerate() {
            write!(f, "{}{field}=", if i == 0 { "" } else { "," })?;
            write_value(value, f)?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_a_selector_would_name_them() {
        let known = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(field, value)| ((*field).into(), (*value).to_owned()));
            FieldValues::Known(pairs.collect()).to_string()
        };
        assert_eq!(known(&[("name", "Execution"), ("id", "3")]), "{name=Execution,id=3}");
        assert_eq!(known(&[("ids", "[1, 2]"), ("none", "")]), r#"{ids="[1, 2]",none=""}"#);
        assert_eq!(FieldValues::Others.to_string(), "{…}");
    }
}
