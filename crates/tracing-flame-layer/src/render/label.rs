//! What is written into a frame, and the characters that cannot be.
//!
//! A span may have any name, but folded text has no escape of its own: `;`
//! ends a frame and a line ends a stack, readers trim blanks, take a trailing
//! number for a weight, `# ` for a comment and `_[k]` for a mark, and XML knows
//! no control characters at all. So a label is written with the few characters
//! in the way replaced by `\u{hex}`, the escape of a Rust string literal.
//!
//! A backslash in front of `u{` is one of the characters replaced. Every
//! `\u{..}` in a label therefore stands for one character, a label can be read
//! back, and different names never become the same label.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::{Names, state::State};
use crate::profile::{Callsite, FieldValues, Frame};

/// The label of everything below the recorder's bounds.
pub(crate) const TRUNCATED: &str = "[truncated]";
/// The label of stacks that a format has no room for.
pub(crate) const MERGED: &str = "[merged]";
/// The label of a name without characters.
const UNNAMED: &str = "[unnamed]";

/// A name as a label: see the module's documentation.
pub(crate) fn sanitise(name: &str) -> Cow<'_, str> {
    if name.is_empty() {
        return Cow::Borrowed(UNNAMED);
    }
    let misread = Misread::of(name);
    let in_the_way = |at, c| misread.at(at) || in_the_way(name, at, c);
    if !name.char_indices().any(|(at, c)| in_the_way(at, c)) {
        return Cow::Borrowed(name);
    }
    let mut label = String::with_capacity(name.len() + 16);
    for (at, c) in name.char_indices() {
        if in_the_way(at, c) {
            label.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            label.push(c);
        }
    }
    Cow::Owned(label)
}

/// The name that a label was made of; `None` where it was made of none, and so is
/// another tool's.
pub(crate) fn read(label: &str) -> Option<Cow<'_, str>> {
    let name = if label == UNNAMED { Cow::Borrowed("") } else { unescaped(label) };
    (sanitise(&name) == label).then_some(name)
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
        let (c, after) = character(escape).unwrap_or(('\\', &escape[1..]));
        name.push(c);
        rest = after;
    }
    name.push_str(rest);
    Cow::Owned(name)
}

/// The character that an escape at the start of a text stands for, and what comes
/// after it.
fn character(escape: &str) -> Option<(char, &str)> {
    let (code, after) = escape.strip_prefix("\\u{")?.split_once('}')?;
    let hex = (1..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(code, 16).ok().filter(|_| hex)?;
    Some((char::from_u32(code)?, after))
}

/// Another tool's label as it stands, but for what ends a frame and what no picture
/// can hold.
fn kept(label: &str) -> Cow<'_, str> {
    let in_the_way = |c: char| c == ';' || (c.is_control() && c != '\t') || is_unseen(c);
    if !label.contains(in_the_way) {
        return Cow::Borrowed(label);
    }
    let mut text = String::with_capacity(label.len() + 16);
    for c in label.chars() {
        if in_the_way(c) {
            text.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

/// Whether the character at byte `at` cannot stand in a label as it is.
fn in_the_way(name: &str, at: usize, c: char) -> bool {
    match c {
        ';' => true,
        '\\' => name[at..].starts_with("\\u{"),
        ' ' => at == 0 || at + 1 == name.len(),
        _ => c.is_control() || c.is_whitespace() || is_unseen(c),
    }
}

/// Characters that XML forbids, that swap the direction of the text after them,
/// or that some readers take for the end of a line or the start of a file.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// A text that is not a label, on one line and with characters XML knows.
pub(crate) fn printable(text: &str) -> String {
    let printable = |c: char| match c {
        _ if c.is_whitespace() => ' ',
        _ if c.is_control() || is_unseen(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    };
    text.trim().chars().map(printable).collect()
}

/// A text of labels whose middle is left out, with an ellipsis in its place, where it
/// is longer than so many characters at its head and tail and one more. What is left
/// is no part of an escape, so it may be a few characters less.
#[must_use]
pub fn shortened(text: &str, head: usize, tail: usize) -> String {
    if text.chars().count() <= head + 1 + tail {
        return text.to_owned();
    }
    let letters: Vec<&str> = letters(text).collect();
    let head = fitting(letters.iter().copied(), head);
    let tail = fitting(letters.iter().rev().copied(), tail);
    format!("{}…{}", &text[..head], &text[text.len() - tail..])
}

/// How many bytes the first of some letters have that are so many characters together.
fn fitting<'t>(letters: impl Iterator<Item = &'t str>, mut most: usize) -> usize {
    let mut bytes = 0;
    for letter in letters {
        let Some(left) = most.checked_sub(letter.chars().count()) else { break };
        most = left;
        bytes += letter.len();
    }
    bytes
}

/// The characters of a text, the escape of one in one piece.
fn letters(mut rest: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let first = rest.chars().next()?.len_utf8();
        let after = character(rest).map(|(_, after)| after);
        let length = after.map_or(first, |after| rest.len() - after.len());
        let letter;
        (letter, rest) = rest.split_at(length);
        Some(letter)
    })
}

/// The bytes of a name at which a character, harmless elsewhere, has to go
/// because readers would take the name as a whole for something else.
struct Misread {
    /// The first character, of what is ours, a comment, or a grey frame.
    head: bool,
    /// The underscore of a mark such as `_[k]`.
    mark: Option<usize>,
    /// The blank before a trailing number.
    number: Option<usize>,
}

impl Misread {
    fn of(name: &str) -> Self {
        let is_state = State::ALL.iter().any(|state| state.label() == name);
        let reserved = is_state || [TRUNCATED, MERGED, UNNAMED, "-", "--", "#"].contains(&name);
        let marked = ["_[k]", "_[w]", "_[i]", "_[j]"].iter().any(|mark| name.ends_with(mark));
        let number = |c: char| c.is_ascii_digit() || c == '.';
        Self {
            head: reserved || name.starts_with("# "),
            mark: marked.then(|| name.len() - 4),
            number: name.rfind(' ').filter(|blank| name[blank + 1..].chars().all(number)),
        }
    }

    fn at(&self, at: usize) -> bool {
        (at == 0 && self.head) || self.mark == Some(at) || self.number == Some(at)
    }
}

/// A label's place in a [`Labels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LabelId(u32);

/// Every distinct label of a picture, once.
#[derive(Debug)]
pub(crate) struct Labels {
    names: Names,
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, LabelId>,
}

impl Labels {
    /// The label of everything below the recorder's bounds; before it stand those of
    /// the states.
    pub(crate) const TRUNCATED: LabelId = LabelId(State::ALL.len() as u32);

    pub(crate) fn new(names: Names) -> Self {
        let mut labels = Self { names, texts: Vec::new(), by_text: HashMap::new() };
        for state in State::ALL {
            labels.intern(state.label());
        }
        labels.intern(TRUNCATED);
        labels
    }

    /// The label of all frames of a state.
    pub(crate) fn of_state(state: State) -> LabelId {
        LabelId(state as u32)
    }

    pub(crate) fn of_frame(&mut self, frame: &Frame) -> LabelId {
        match frame {
            Frame::Truncated => Self::TRUNCATED,
            Frame::Span(callsite) if callsite.is_label => self.intern(&kept(&callsite.name)),
            Frame::Span(callsite) => self.of_name(&full_name(callsite, None, self.names)),
            Frame::Fields(callsite, values) => {
                self.of_name(&full_name(callsite, Some(values), self.names))
            }
        }
    }

    pub(crate) fn of_name(&mut self, name: &str) -> LabelId {
        self.intern(&sanitise(name))
    }

    fn intern(&mut self, text: &str) -> LabelId {
        if let Some(&id) = self.by_text.get(text) {
            return id;
        }
        let id = LabelId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.by_text.insert(text, id);
        id
    }

    pub(crate) fn text(&self, id: LabelId) -> &str {
        &self.texts[id.index()]
    }

    /// For each label its rank in the order that siblings stand in: by text,
    /// after them what was truncated, last the states, in their order.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.texts.len()).collect();
        order.sort_by_key(|&i| match LabelId(i) {
            Self::TRUNCATED => (1, 0, ""),
            id if id.0 < Self::TRUNCATED.0 => (2, i, ""),
            id => (0, 0, self.text(id)),
        });
        let mut ranks = vec![0; order.len()];
        for (rank, label) in (0..).zip(order) {
            ranks[label as usize] = rank;
        }
        ranks
    }
}

impl LabelId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

fn full_name<'c>(
    callsite: &'c Callsite,
    values: Option<&FieldValues>,
    names: Names,
) -> Cow<'c, str> {
    let name = match values {
        Some(values) => format!("{}{values}", callsite.name).into(),
        None => Cow::Borrowed(&*callsite.name),
    };
    match names {
        Names::Name => name,
        Names::Target => format!("{}::{name}", callsite.target).into(),
        Names::Source => match place(callsite) {
            Some(place) => format!("{}::{name} ({place})", callsite.target).into(),
            None => format!("{}::{name}", callsite.target).into(),
        },
    }
}

/// `file:line` of a callsite, as far as it is known.
pub(crate) fn place(callsite: &Callsite) -> Option<String> {
    let file = callsite.file.as_deref()?;
    Some(callsite.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["execute tx", "foo::bar", "Vec<T>", "\"a\" & 'b'", "größe", "🔥", "a\\b", "#x"]
        {
            assert_eq!(sanitise(name), name);
        }
    }

    #[test]
    fn characters_in_the_way_are_written_as_their_code() {
        let cases = [
            ("", "[unnamed]"),
            ("[unnamed]", "\\u{5b}unnamed]"),
            ("[await]", "\\u{5b}await]"),
            ("[truncated]", "\\u{5b}truncated]"),
            ("[merged]", "\\u{5b}merged]"),
            ("a;b", "a\\u{3b}b"),
            ("a\nb\r\0", "a\\u{a}b\\u{d}\\u{0}"),
            (" a ", "\\u{20}a\\u{20}"),
            ("tx 42", "tx\\u{20}42"),
            ("tx 4.2", "tx\\u{20}4.2"),
            ("tx 4 2", "tx 4\\u{20}2"),
            ("foo_[k]", "foo\\u{5f}[k]"),
            ("# x", "\\u{23} x"),
            ("# 42", "\\u{23}\\u{20}42"),
            ("#", "\\u{23}"),
            ("-", "\\u{2d}"),
            ("--", "\\u{2d}-"),
            ("\\u{3b}", "\\u{5c}u{3b}"),
            ("\u{ffff}\u{a0}\u{202e}", "\\u{ffff}\\u{a0}\\u{202e}"),
        ];
        for (name, label) in cases {
            assert_eq!(sanitise(name), label, "{name:?}");
        }
    }

    #[test]
    fn a_label_is_read_back_as_the_name_that_it_was_made_of() {
        let names = ["execute tx", "a;b", "[await]", "\\u{3b}", "tx 42", "", "foo_[k]", "-", " a"];
        for name in names {
            assert_eq!(read(&sanitise(name)).as_deref(), Some(name), "{name}");
        }
    }

    #[test]
    fn a_label_that_no_name_makes_is_another_tools_and_stays_as_it_is() {
        let labels = [
            "vfs_read_[k]",
            "-",
            "--",
            "",
            "[await]",
            "# x",
            "tx 42",
            "\\u{",
            "\\u{61}",
            "\\u{d800}",
            "a\tb",
            "a\u{3000}b",
        ];
        for label in labels {
            assert_eq!(read(label), None, "{label}");
            let frame = Frame::Span(Arc::new(Callsite::from_label(label)));
            let mut labels = Labels::new(Names::Name);
            let id = labels.of_frame(&frame);
            assert_eq!(labels.text(id), label);
        }
        assert_eq!(kept("a;b\u{1}\u{ffff}"), "a\\u{3b}b\\u{1}\\u{ffff}");
    }

    #[test]
    fn a_long_text_is_not_cut_within_an_escape() {
        assert_eq!(shortened("abcdef", 2, 3), "abcdef");
        assert_eq!(shortened("abcdefg", 2, 3), "ab…efg");
        for before in 0..20 {
            let text = format!("{}{}", "x".repeat(before), "a\\u{3b}".repeat(60));
            let short = shortened(&text, 30, 89);
            assert!(short.chars().count() <= 120, "{short}");
            let (head, tail) = short.split_once('…').expect("a cut");
            assert!(text.starts_with(head) && text.ends_with(tail), "{short}");
            assert!(head.ends_with(['x', 'a', '}']), "{short}");
            assert!(tail.starts_with(['a', '\\']), "{short}");
        }
    }

    #[test]
    fn names_of_callsites_say_as_much_as_asked_for() {
        let callsite = Callsite::new("f", "a::b").at("src/b.rs", 7);
        assert_eq!(full_name(&callsite, None, Names::Name), "f");
        assert_eq!(full_name(&callsite, None, Names::Target), "a::b::f");
        assert_eq!(full_name(&callsite, None, Names::Source), "a::b::f (src/b.rs:7)");
        assert_eq!(full_name(&Callsite::new("f", "a"), None, Names::Source), "a::f");
        let values = FieldValues::Known(vec![("x".into(), "1".to_owned())]);
        assert_eq!(full_name(&callsite, Some(&values), Names::Name), "f{x=1}");
        assert_eq!(full_name(&callsite, Some(&values), Names::Source), "a::b::f{x=1} (src/b.rs:7)");
    }
}
