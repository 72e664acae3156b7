//! Writing a profile: one file a format, each over an injected writer.

use std::io::{self, Write};

mod folded;
mod format;
mod frames;
mod human;
mod label;
mod merge;
mod options;
mod order;
mod summary;
#[cfg(feature = "svg")]
mod svg;
mod table;

pub use format::{Format, UnknownFormat};
pub use options::{Names, Options, Weight};

use crate::Profile;
use frames::Frames;

impl Profile {
    /// Writes folded stacks: `frame;frame;frame nanoseconds`, one line a stack.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_folded(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        folded::write(&Frames::lay_out(self, options), writer)
    }

    /// Writes a flamegraph as SVG.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "svg")]
    pub fn write_svg(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        svg::write(&Frames::lay_out(self, options), options, writer)
    }

    /// Writes a text table, sorted by self time.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_table(&self, writer: impl Write, options: &Options) -> io::Result<()> {
        table::write(&Frames::lay_out(self, options), options, writer)
    }
}
