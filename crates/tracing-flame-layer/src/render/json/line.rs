//! Objects on one line, and arrays of one item a line.

use std::{
    fmt::Display,
    io::{self, Write},
};

use super::escape;

/// An object that is being written on one line.
pub(in crate::render) struct Line<'w, W> {
    writer: &'w mut W,
    separator: &'static str,
}

impl<'w, W: Write> Line<'w, W> {
    pub(in crate::render) fn begin(writer: &'w mut W) -> io::Result<Self> {
        writer.write_all(b"{")?;
        Ok(Self { writer, separator: "" })
    }

    pub(in crate::render) fn key(&mut self, key: &str) -> io::Result<()> {
        write!(self.writer, "{}\"{key}\": ", self.separator)?;
        self.separator = ", ";
        Ok(())
    }

    /// A number or a truth, which its type prints as JSON does.
    pub(in crate::render) fn number(&mut self, key: &str, number: impl Display) -> io::Result<()> {
        self.key(key)?;
        write!(self.writer, "{number}")
    }

    pub(in crate::render) fn string(&mut self, key: &str, text: &str) -> io::Result<()> {
        self.key(key)?;
        escape::string(self.writer, text)
    }

    /// A text under a key that is not one of ours.
    pub(in crate::render) fn string_of_any(&mut self, key: &str, text: &str) -> io::Result<()> {
        self.writer.write_all(self.separator.as_bytes())?;
        self.separator = ", ";
        escape::string(self.writer, key)?;
        self.writer.write_all(b": ")?;
        escape::string(self.writer, text)
    }

    /// A number under a key that is not one of ours.
    pub(in crate::render) fn number_of_any(
        &mut self,
        key: &str,
        number: impl Display,
    ) -> io::Result<()> {
        self.writer.write_all(self.separator.as_bytes())?;
        self.separator = ", ";
        escape::string(self.writer, key)?;
        write!(self.writer, ": {number}")
    }

    pub(in crate::render) fn null(&mut self, key: &str) -> io::Result<()> {
        self.key(key)?;
        self.writer.write_all(b"null")
    }

    /// Where the value of the last key goes.
    pub(in crate::render) fn writer(&mut self) -> &mut W {
        self.writer
    }

    pub(in crate::render) fn end(self) -> io::Result<()> {
        self.writer.write_all(b"}")
    }
}

/// Writes items, each on a line that is indented by two more than `indent`.
pub(in crate::render) fn array<W: Write, T>(
    writer: &mut W,
    indent: &str,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut W, T) -> io::Result<()>,
) -> io::Result<()> {
    writer.write_all(b"[")?;
    let mut comma = "";
    for value in items {
        write!(writer, "{comma}\n{indent}  ")?;
        item(writer, value)?;
        comma = ",";
    }
    if !comma.is_empty() {
        write!(writer, "\n{indent}")?;
    }
    writer.write_all(b"]")
}
