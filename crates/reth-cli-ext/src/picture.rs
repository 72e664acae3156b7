//! The picture of a single operation.

use std::io;

use tracing_flame_layer::{profile::Operation, render::Options};

/// What its name ends in.
#[cfg(feature = "svg")]
pub(crate) const EXTENSION: &str = ".svg";
#[cfg(not(feature = "svg"))]
pub(crate) const EXTENSION: &str = ".txt";

/// Writes it.
#[cfg(feature = "svg")]
pub(crate) fn draw(
    operation: &Operation,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    operation.write_svg(writer, options)
}

/// Without pictures, the table.
#[cfg(not(feature = "svg"))]
pub(crate) fn draw(
    operation: &Operation,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    operation.profile().write_table(writer, options)
}
