//! An explanation as JSON, for programs.

use std::io::{self, Write};

use super::{Explanation, finding::Finding};
use crate::{
    profile::Callsite,
    render::{
        json::{
            escape,
            line::{Line, array},
        },
        summary::AUTHOR,
    },
};

/// What the text calls itself.
const FORMAT: &str = "tracing-flame-layer explanation";
/// It grows when a reader of the version before would misread the text.
const VERSION: u64 = 1;

pub(super) fn write(explanation: &Explanation, writer: &mut impl Write) -> io::Result<()> {
    let Explanation { title, recorded, findings, unknown } = explanation;
    let mut line = Line::begin(writer)?;
    line.string("format", FORMAT)?;
    line.number("version", VERSION)?;
    line.string("generator", AUTHOR)?;
    line.string("title", title)?;
    line.key("recorded")?;
    texts(line.writer(), recorded)?;
    line.key("findings")?;
    array(line.writer(), "", findings, finding)?;
    line.key("unknown")?;
    texts(line.writer(), unknown)?;
    line.end()?;
    writeln!(writer)
}

fn finding<W: Write>(writer: &mut W, finding: &Finding) -> io::Result<()> {
    let Finding { rule, what, frame, state, nanos, of_nanos, stack, places, figures, numbers } =
        finding;
    let mut line = Line::begin(writer)?;
    line.string("rule", rule.name())?;
    line.string("what", what)?;
    or_null(&mut line, "frame", frame.as_deref())?;
    or_null(&mut line, "state", *state)?;
    line.number("nanos", nanos)?;
    line.number("of_nanos", of_nanos)?;
    line.key("stack")?;
    texts(line.writer(), stack)?;
    line.key("places")?;
    array(line.writer(), "  ", places, place)?;
    line.key("figures")?;
    texts(line.writer(), figures)?;
    line.key("numbers")?;
    let mut object = Line::begin(line.writer())?;
    numbers.iter().try_for_each(|(name, number)| object.number(name, number))?;
    object.end()?;
    line.string("how", rule.how())?;
    line.end()
}

fn or_null<W: Write>(line: &mut Line<'_, W>, key: &str, text: Option<&str>) -> io::Result<()> {
    match text {
        Some(text) => line.string(key, text),
        None => line.null(key),
    }
}

fn place<W: Write>(writer: &mut W, callsite: &Callsite) -> io::Result<()> {
    let mut line = Line::begin(writer)?;
    line.string("name", &callsite.name)?;
    line.string("target", &callsite.target)?;
    or_null(&mut line, "file", callsite.file.as_deref())?;
    match callsite.line {
        Some(number) => line.number("line", number)?,
        None => line.null("line")?,
    }
    line.end()
}

fn texts<W: Write>(writer: &mut W, texts: &[String]) -> io::Result<()> {
    array(writer, "  ", texts, |writer, text| escape::string(writer, text))
}
