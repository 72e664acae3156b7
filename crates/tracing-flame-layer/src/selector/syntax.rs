//! How spans and their fields are written on a command line:
//!
//! ```text
//! list   = item ("," item)*            commas between braces or quotes do not count
//! item   = span [ "{" part ("," part)* "}" ]
//! span   = [ target "::" ] name
//! part   = field [ "=" value ]
//! name   = anything up to "," or "{"
//! field  = anything up to "=", "," or "}"
//! value  = anything up to "," or "}"
//! ```
//!
//! In double quotes each of the last three may be anything, a quote and a backslash
//! with a backslash in front.

use std::{fmt, iter::Peekable, str::Chars};

/// One field between the braces, and what was written behind its `=`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Part {
    pub(super) field: String,
    pub(super) value: Option<String>,
}

/// Why a text names no span, or not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSelectorError(String);

impl ParseSelectorError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for ParseSelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseSelectorError {}

/// Cuts a list at its commas, those between braces left alone.
pub(super) fn items(list: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut within, mut quoted, mut escaped) = (0, false, false, false);
    // What stands before the quotes that mean something.
    let (mut last, mut target) = (',', false);
    for (at, c) in list.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if quoted => quoted = false,
            _ if quoted => {}
            '"' if within && matches!(last, '=' | '{' | ',') => quoted = true,
            '"' if !within && (last == ',' || target) => quoted = true,
            '{' => within = true,
            '}' => within = false,
            ',' if !within => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if !c.is_whitespace() {
            target = last == ':' && c == ':';
            last = c;
        }
    }
    items.push(&list[start..]);
    items
}

/// A span's name, and what stands between braces behind it, if there are any.
pub(super) fn item(text: &str) -> Result<(String, Option<Vec<Part>>), ParseSelectorError> {
    let text = text.trim();
    let mut reader = Reader { text, rest: text.chars().peekable() };
    let (name, has_parts) = reader.name()?;
    let parts = has_parts.then(|| reader.parts()).transpose()?;
    Ok((name, parts))
}

/// Reads one item.
struct Reader<'t> {
    text: &'t str,
    rest: Peekable<Chars<'t>>,
}

impl Reader<'_> {
    /// A span's name, and whether a brace follows.
    fn name(&mut self) -> Result<(String, bool), ParseSelectorError> {
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some('"') if name.is_empty() || name.ends_with("::") => {
                    name.push_str(&self.quoted()?);
                    return match self.rest.by_ref().find(|c| !c.is_whitespace()) {
                        None => Ok((name, false)),
                        Some('{') => Ok((name, true)),
                        Some(_) => Err(self.wrong("only `{` may follow a name in quotes")),
                    };
                }
                Some('{') => return Ok((name.trim().to_owned(), true)),
                Some(c) => name.push(c),
                None => return Ok((name.trim().to_owned(), false)),
            }
        }
    }

    fn parts(&mut self) -> Result<Vec<Part>, ParseSelectorError> {
        let mut parts = Vec::new();
        loop {
            let (field, end) = self.text(&['=', ',', '}'], "a field in quotes")?;
            let (value, end) = match end {
                '=' => {
                    let (value, end) = self.text(&[',', '}'], "a value in quotes")?;
                    (Some(value), end)
                }
                _ => (None, end),
            };
            if field.is_empty() {
                return Err(self.wrong("a field's name is missing between the braces"));
            }
            parts.push(Part { field, value });
            if end == '}' {
                break;
            }
        }
        match self.rest.by_ref().find(|c| !c.is_whitespace()) {
            None => Ok(parts),
            Some(_) => Err(self.wrong("nothing may follow the `}`")),
        }
    }

    /// What stands in quotes, or else before the first of these, and which of them it
    /// is that follows.
    fn text(&mut self, ends: &[char], what: &str) -> Result<(String, char), ParseSelectorError> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        if self.rest.next_if_eq(&'"').is_none() {
            return self.up_to(ends);
        }
        let text = self.quoted()?;
        let (behind, end) = self.up_to(ends)?;
        if behind.is_empty() {
            return Ok((text, end));
        }
        let ends: Vec<_> = ends.iter().map(|end| format!("`{end}`")).collect();
        Err(self.wrong(&format!("only {} may follow {what}", ends.join(" or "))))
    }

    fn quoted(&mut self) -> Result<String, ParseSelectorError> {
        let mut value = String::new();
        loop {
            let c = match self.rest.next() {
                Some('"') => return Ok(value),
                Some('\\') => self.rest.next(),
                c => c,
            };
            value.push(c.ok_or_else(|| self.wrong("a quote is not closed"))?);
        }
    }

    /// What stands before the first of these, without blanks around it, and which
    /// of them it is.
    fn up_to(&mut self, ends: &[char]) -> Result<(String, char), ParseSelectorError> {
        let mut text = String::new();
        for c in self.rest.by_ref() {
            if ends.contains(&c) {
                return Ok((text.trim().to_owned(), c));
            }
            text.push(c);
        }
        Err(self.wrong("no `}` closes the `{`"))
    }

    fn wrong(&self, why: &str) -> ParseSelectorError {
        ParseSelectorError::new(format!("`{}`: {why}", self.text))
    }
}

/// Writes a value so that it can be read back: in quotes where it has to be.
pub(crate) fn write_value(value: &str, out: &mut impl fmt::Write) -> fmt::Result {
    write_text(value, &[',', '{', '}', '"', '\\'], out)
}

/// Writes a field's name so that it can be read back: `=`, which ends one, is quoted too.
pub(super) fn write_field(field: &str, out: &mut impl fmt::Write) -> fmt::Result {
    write_text(field, &['=', ',', '{', '}', '"', '\\'], out)
}

fn write_text(text: &str, special: &[char], out: &mut impl fmt::Write) -> fmt::Result {
    if !text.is_empty() && text.trim() == text && !text.contains(special) {
        return out.write_str(text);
    }
    out.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.write_char('\\')?;
        }
        out.write_char(c)?;
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_between_braces_do_not_cut_a_list() {
        for (list, cut) in [
            ("", vec![""]),
            ("a,t::b", vec!["a", "t::b"]),
            ("a{x=1,y=2},b{z}", vec!["a{x=1,y=2}", "b{z}"]),
            (r#"a{x="},b"},c"#, vec![r#"a{x="},b"}"#, "c"]),
            (r#"a{x= "\",{" },c"#, vec![r#"a{x= "\",{" }"#, "c"]),
            (r#"a{x=5"},c"#, vec![r#"a{x=5"}"#, "c"]),
            ("a,,b", vec!["a", "", "b"]),
            ("a{x,b", vec!["a{x,b"]),
            (r#""a,b",c"#, vec![r#""a,b""#, "c"]),
            (
                r#" "GET /{id}"{x=1}, t::"a,{b",c"#,
                vec![r#" "GET /{id}"{x=1}"#, r#" t::"a,{b""#, "c"],
            ),
            (r#"a{"x,y"=1,"}"},b"#, vec![r#"a{"x,y"=1,"}"}"#, "b"]),
            (r#"say "a,b"#, vec![r#"say "a"#, "b"]),
        ] {
            assert_eq!(items(list), cut, "{list}");
        }
    }

    #[test]
    fn a_value_is_read_as_it_was_written() {
        for value in ["1", "a b", "", " x ", "a,b", "{}", "\"", "\\", "a=b", "größe", "\n", "5\""]
        {
            let mut text = "s{f=".to_owned();
            write_value(value, &mut text).unwrap();
            text.push('}');
            let part = Part { field: "f".to_owned(), value: Some(value.to_owned()) };
            assert_eq!(item(&text), Ok(("s".to_owned(), Some(vec![part]))), "{text}");
            assert_eq!(items(&format!("a,{text},b")), ["a", &text, "b"]);
        }
    }

    #[test]
    fn a_name_in_quotes_may_have_any_character() {
        for name in
            ["GET /users/{id}", "a,b", "\"", "\\", " a ", "}{", "t::x", "a\"b", "::", "größe"]
        {
            let escaped = name.replace('\\', r"\\").replace('"', r#"\""#);
            let quoted = format!("\"{escaped}\"");
            for (text, name) in
                [(quoted.clone(), name.to_owned()), (format!(" t::{quoted}"), format!("t::{name}"))]
            {
                assert_eq!(item(&text), Ok((name.clone(), None)), "{text}");
                let mut field = format!("{text} {{");
                write_field(&name, &mut field).unwrap();
                field.push('}');
                let part = Part { field: name.clone(), value: None };
                assert_eq!(item(&field), Ok((name, Some(vec![part]))), "{field}");
                assert_eq!(items(&format!("a,{field},b")), ["a", &field, "b"]);
            }
        }
        for text in [r#""a"#, r#""a"b"#, r#"a{"x"y}"#] {
            assert!(item(text).is_err(), "{text}");
        }
        assert_eq!(item(r#"say "hi""#), Ok((r#"say "hi""#.to_owned(), None)));
    }
}
