//! What is told as JSON.

use std::fmt::Write;

/// A string of JSON.
pub(super) fn string(text: &str) -> String {
    let mut json = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_may_hold_anything() {
        assert_eq!(string("a \"b\"\\\n\u{1f525}"), "\"a \\\"b\\\"\\\\\\u000a\u{1f525}\"");
    }
}
