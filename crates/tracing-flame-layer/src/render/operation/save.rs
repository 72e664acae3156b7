//! A link in a page by which its operation is saved for viewers of timelines.

use std::io::{self, Write};

use super::super::{TraceFormat, escaped::Escaped};
use crate::profile::Operation;

/// The height of the line in pixels, with what is above it.
const HEIGHT: usize = 32;

/// What the link saves; the page's script does that.
#[derive(Debug)]
pub(super) struct Save {
    /// Chrome's format, which is text.
    trace: String,
    name: String,
}

impl Save {
    pub(super) fn new(operation: &Operation) -> io::Result<Self> {
        let format = TraceFormat::Chrome;
        let mut bytes = Vec::new();
        operation.write_trace(format, &mut bytes)?;
        let trace = String::from_utf8(bytes).map_err(io::Error::other)?;
        Ok(Self { trace, name: format!("{}{format}", operation.file_name()) })
    }

    pub(super) fn height(&self) -> usize {
        HEIGHT
    }

    pub(super) fn write(&self, top: usize, writer: &mut impl Write) -> io::Result<()> {
        let Self { trace, name } = self;
        writeln!(
            writer,
            "<text class=\"save\" id=\"save\" x=\"10\" y=\"{}\" data-name=\"{name}\">Save for a \
             viewer of timelines, such as Perfetto or the Firefox Profiler</text>\n\
             <metadata id=\"trace\">{}</metadata>",
            top + HEIGHT - 10,
            Escaped(trace),
        )
    }
}
