//! Text within markdown (<https://spec.commonmark.org/0.31.2/>): names as code, titles as text.

use super::label::{printable, shortened};

/// How many characters of a name are shown, from its head and its tail.
const MOST: (usize, usize) = (39, 40);

/// A name as code, whatever is in it, its middle left out where it is long. A code span ends at
/// as many backticks as it begins with, so it gets one more than stand together in the name.
pub(super) fn code(name: &str) -> String {
    let name = shortened(&printable(name), MOST.0, MOST.1);
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let is_apart = longest > 0 || name.is_empty();
    let gap = if is_apart { " " } else { "" };
    format!("{fence}{gap}{name}{gap}{fence}")
}

/// A title as text: what markdown might take for more has a backslash before it.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_<>[]#&!|~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_code_whatever_is_in_it() {
        let cases = [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("", "`  `")];
        for (name, text) in cases {
            assert_eq!(code(name), text);
        }
        assert!(code(&"x".repeat(1_000)).chars().count() <= 82);
    }

    #[test]
    fn a_title_is_no_markup() {
        assert_eq!(escaped("a *b* <c>"), "a \\*b\\* \\<c\\>");
    }
}
