//! A page for one operation: its flamegraph, its course in time, its critical
//! path, and what was logged meanwhile.

mod against;
#[cfg(feature = "svg")]
mod chart;
#[cfg(any(feature = "html", feature = "svg"))]
mod counted;
mod critical;
mod file_name;
mod index;
#[cfg(feature = "svg")]
mod lines;
#[cfg(feature = "svg")]
mod page;
mod record;
#[cfg(feature = "svg")]
mod save;
mod sentence;
#[cfg(feature = "svg")]
mod strip;

use std::io::{self, Write};

#[cfg(feature = "svg")]
use super::Options;
use super::label::{TRUNCATED, sanitise};
use crate::profile::{Frame, Operation};
pub(in crate::render) use against::{Against, Item};
#[cfg(feature = "html")]
pub(in crate::render) use counted::lines as counted_lines;
pub(in crate::render) use critical::lines as critical_lines;
pub use index::{INDEX_MARK, Index, IndexEntry};
pub(in crate::render) use sentence::{told, what};

impl Operation {
    /// A name for a file about the operation, without an extension: its name, the
    /// values of its fields, how long it took.
    ///
    /// Whatever the values are it has at most 80 characters, all of them letters,
    /// digits, `_`, `-`, `+`, `=` or `.` of ASCII, and does not begin with a dot.
    /// Different operations may have one name.
    #[must_use]
    pub fn file_name(&self) -> String {
        file_name::of(self)
    }

    /// Writes the operation's page as SVG, to open in a browser.
    ///
    /// It has the flamegraph, as [`Profile::write_svg`](crate::Profile::write_svg)
    /// draws it by wall-clock time, with the frames of the critical path marked;
    /// what the critical path means; a flame chart, time from left to right, a lane
    /// for each thread; and the log lines that were kept. Drawn in memory, at most
    /// about 15 MB.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "svg")]
    pub fn write_svg(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        page::write(self, options, writer)
    }

    /// What is slow about it, in a sentence: how much longer it took than the typical one of
    /// its name ([`typical`](Self::typical)), which frames and states make up the most of that,
    /// what all the rest comes to, and what of it was on the critical path. Made by rule from
    /// what was measured; `None` where nothing is known of what is typical.
    ///
    /// ```text
    /// +212 ms over the typical 41.0 ms: `Tx::commit` blocked 171 ms (typical 12.0 ms, 75.0% of it),
    /// waiting for a CPU 30.1 ms (typical 0, 14.2% of it); the rest is as always; on the critical path
    /// ```
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        sentence::of(self)
    }

    /// Writes the operation as one line of JSON, without its end: when and how long, what is slow
    /// about it, for how long its spans were entered and what threads did, and what the system
    /// counted. Times are milliseconds. The keys are those of `docs/json.md`, "One slow
    /// operation a line".
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_record(&self, writer: impl Write) -> io::Result<()> {
        record::write(self, writer)
    }

    /// The operation in a few words: its name with its fields.
    pub(crate) fn headline(&self) -> String {
        let fields: Vec<String> =
            self.fields().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let fields =
            if fields.is_empty() { String::new() } else { format!("{{{}}}", fields.join(",")) };
        super::label::printable(&format!("{}{fields}", self.name()))
    }
}

/// What stands in a frame: the span's name, with its named field values, as a label.
pub(in crate::render) fn label(frame: &Frame) -> String {
    match (frame.callsite(), frame.fields()) {
        (Some(callsite), Some(values)) => sanitise(&format!("{}{values}", callsite.name)).into(),
        (Some(callsite), None) => sanitise(&callsite.name).into(),
        (None, _) => TRUNCATED.to_owned(),
    }
}
