//! How spans and their fields are written on a command line:
//!
//! ```text
//! list   = item ("," item)*            commas between braces do not count
//! item   = span [ "{" part ("," part)* "}" ]
//! part   = field [ "=" value ]
//! value  = anything up to "," or "}"   or, in quotes, anything
//! ```

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
    let mut last = ' ';
    for (at, c) in list.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if quoted => quoted = false,
            _ if quoted => {}
            '"' if within && last == '=' => quoted = true,
            '{' => within = true,
            '}' => within = false,
            ',' if !within => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    items.push(&list[start..]);
    items
}

/// A span's name, and what stands between braces behind it, if there are any.
pub(super) fn item(text: &str) -> Result<(&str, Option<Vec<Part>>), ParseSelectorError> {
    let text = text.trim();
    let Some((name, rest)) = text.split_once('{') else { return Ok((text, None)) };
    let mut reader = Reader { text, rest: rest.chars().peekable() };
    Ok((name.trim(), Some(reader.parts()?)))
}

/// Reads what stands between braces.
struct Reader<'t> {
    text: &'t str,
    rest: Peekable<Chars<'t>>,
}

impl Reader<'_> {
    fn parts(&mut self) -> Result<Vec<Part>, ParseSelectorError> {
        let mut parts = Vec::new();
        loop {
            let (field, end) = self.up_to(&['=', ',', '}'])?;
            let (value, end) = match end {
                '=' => self.value().map(|(value, end)| (Some(value), end))?,
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

    fn value(&mut self) -> Result<(String, char), ParseSelectorError> {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
        if self.rest.next_if_eq(&'"').is_none() {
            return self.up_to(&[',', '}']);
        }
        let value = self.quoted()?;
        let (behind, end) = self.up_to(&[',', '}'])?;
        match behind.is_empty() {
            true => Ok((value, end)),
            false => Err(self.wrong("only `,` or `}` may follow a value in quotes")),
        }
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
    let plain = |c: char| !matches!(c, ',' | '{' | '}' | '"' | '\\');
    if !value.is_empty() && value.trim() == value && value.chars().all(plain) {
        return out.write_str(value);
    }
    out.write_char('"')?;
    for c in value.chars() {
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
            assert_eq!(item(&text), Ok(("s", Some(vec![part]))), "{text}");
            assert_eq!(items(&format!("a,{text},b")), ["a", &text, "b"]);
        }
    }
}
