//! Writing a profile: one file a format, each over an injected writer.

use std::io::{self, Write};

mod format;
mod options;

pub use format::{Format, UnknownFormat};
pub use options::{Names, Options, Weight};

use crate::Profile;

impl Profile {
    /// Writes folded stacks: `frame;frame;frame nanoseconds`, one line a stack.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_folded(&self, _writer: impl Write, _options: &Options) -> io::Result<()> {
        Ok(())
    }

    /// Writes a flamegraph as SVG.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    #[cfg(feature = "svg")]
    pub fn write_svg(&self, _writer: impl Write, _options: &Options) -> io::Result<()> {
        Ok(())
    }

    /// Writes a text table, sorted by self time.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write_table(&self, _writer: impl Write, _options: &Options) -> io::Result<()> {
        Ok(())
    }
}
