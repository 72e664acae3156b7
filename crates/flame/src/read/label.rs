//! From a label back to the name that it was made of.

use std::borrow::Cow;

/// What the last frame of a stack says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Label<'t> {
    Name(Cow<'t, str>),
    Await,
    Truncated,
}

/// Reads a label as the layer writes them: `\u{hex}` is a character, and three
/// labels in brackets are its own. Anything else stands for itself.
pub(super) fn read(label: &str) -> Label<'_> {
    match label {
        "[await]" => Label::Await,
        "[truncated]" => Label::Truncated,
        "[unnamed]" => Label::Name(Cow::Borrowed("")),
        _ => Label::Name(unescaped(label)),
    }
}

fn unescaped(label: &str) -> Cow<'_, str> {
    if !label.contains("\\u{") {
        return Cow::Borrowed(label);
    }
    let mut name = String::with_capacity(label.len());
    let mut rest = label;
    while let Some(at) = rest.find("\\u{") {
        let (before, escape) = rest.split_at(at);
        name.push_str(before);
        if let Some((c, after)) = character(escape) {
            name.push(c);
            rest = after;
        } else {
            // Another tool's, and as it is.
            name.push_str("\\u{");
            rest = &escape[3..];
        }
    }
    name.push_str(rest);
    Cow::Owned(name)
}

/// The character that an escape at the start of a text stands for, and what
/// comes after it.
fn character(escape: &str) -> Option<(char, &str)> {
    let (code, after) = escape.strip_prefix("\\u{")?.split_once('}')?;
    let hex = (1..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(code, 16).ok().filter(|_| hex)?;
    Some((char::from_u32(code)?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_the_characters_they_stand_for() {
        let cases = [
            ("execute tx", "execute tx"),
            ("a\\u{3b}b", "a;b"),
            ("\\u{5b}await]", "[await]"),
            ("\\u{5c}u{3b}", "\\u{3b}"),
            ("tx\\u{20}42", "tx 42"),
            ("[unnamed]", ""),
        ];
        for (label, name) in cases {
            assert_eq!(read(label), Label::Name(name.into()), "{label}");
        }
        assert_eq!(read("[await]"), Label::Await);
        assert_eq!(read("[truncated]"), Label::Truncated);
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for label in ["\\u{", "\\u{}", "\\u{zz}", "\\u{+3b}", "\\u{d800}", "\\u{1234567}", "\\n"] {
            assert_eq!(read(label), Label::Name(label.into()));
        }
        assert_eq!(read("\\u{\\u{3b}"), Label::Name("\\u{;".into()));
    }
}
