//! File names that are safe everywhere, whatever a field's value is.

use crate::{profile::Operation, render::human::Rounded};

/// How many characters a name has at most; there is room for an extension and a
/// number up to a hundred.
const MOST: usize = 80;
/// How many characters the duration takes at most, with its hyphen.
const DURATION: usize = 12;
/// How many characters one field's value takes at most.
const VALUE: usize = 24;

pub(super) fn of(operation: &Operation) -> String {
    let mut name = safe(operation.name(), VALUE * 2);
    if name.is_empty() {
        name.push('_');
    }
    for (_, value) in operation.fields() {
        let value = safe(value, VALUE);
        if !value.is_empty() && name.len() + 1 + value.len() <= MOST - DURATION {
            name.push('-');
            name.push_str(&value);
        }
    }
    let duration = Rounded(operation.nanos()).to_string().replace(' ', "").replace('µ', "u");
    format!("{name}-{duration}")
}

/// A text's characters that are safe in every file system, `_` for those that
/// are not.
fn safe(text: &str, most: usize) -> String {
    let safe = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '+' | '=' | '.' => c,
        _ => '_',
    };
    let mut name: String = text.chars().take(most).map(safe).collect();
    if name.starts_with(['.', '-']) {
        name.replace_range(..1, "_");
    }
    name
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::{
        Profile,
        profile::{Callsite, Chart, Frame, Measures, Window},
    };

    fn named(name: &str, values: &[&str], nanos: u64) -> String {
        let window = Window { start: UNIX_EPOCH, length: Duration::from_nanos(nanos) };
        let mut profile = Profile::new(window);
        let frame = Frame::Span(Callsite::new(name.to_owned(), "t").into());
        profile.push(None, frame, Measures::default());
        let fields = values.iter().map(|value| ("f".to_owned(), (*value).to_owned())).collect();
        of(&Operation::new(1, fields, profile, Chart::default()))
    }

    #[test]
    fn a_name_tells_span_values_and_duration() {
        assert_eq!(
            named("execute_block", &["18000123"], 412_300_000),
            "execute_block-18000123-412ms"
        );
        assert_eq!(named("request", &[], 1_234), "request-1.23us");
        assert_eq!(named("execute tx", &["a b", "c"], 0), "execute_tx-a_b-c-0");
    }

    #[test]
    fn no_value_makes_an_unsafe_name() {
        let nasty = [
            "../../etc/passwd",
            "..",
            ".",
            "",
            "/",
            "\\",
            "a\0b",
            "C:\\x",
            "-rf",
            "é€🔥",
            "a\nb",
            "%2f",
            "CON",
            "\u{202e}gpj",
            "<script>",
            "'\"`$(x)",
            " ",
            "a/../b",
        ];
        for value in nasty {
            for name in [named(value, &[value], u64::MAX), named("f", &[value; 50], 7)] {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "_-+=.".contains(c);
                assert!(name.chars().all(allowed), "{value:?}: {name}");
                assert!(!name.starts_with('.') && !name.starts_with('-'), "{value:?}: {name}");
                assert!((1..=MOST).contains(&name.len()), "{value:?}: {name}");
            }
        }
        let long = "x".repeat(100_000);
        assert!(named(&long, &[&long, &long, &long], u64::MAX).len() <= MOST);
    }
}
