//! What is drawn of a recording, and of a single operation.

use std::io;

use tracing_flame_layer::{
    Flame, Profile,
    profile::Operation,
    render::{Format, Options},
};

/// Writes a profile; a report has the slowest operations of that time in it.
pub(crate) fn write(
    profile: &Profile,
    flame: &Flame,
    format: Format,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    #[cfg(feature = "html")]
    if format == Format::Html {
        let slowest = slowest_in(profile, flame);
        let report = tracing_flame_layer::render::Report::new(profile);
        return report.operations(&slowest).write(writer, options);
    }
    #[cfg(not(feature = "html"))]
    let _ = flame;
    profile.write(format, writer, options)
}

/// Those of the slowest operations that lived in a profile's window.
#[cfg(feature = "html")]
pub(crate) fn slowest_in(profile: &Profile, flame: &Flame) -> Vec<Operation> {
    let window = profile.window();
    let lived = |operation: &Operation| {
        let life = std::time::Duration::from_nanos(operation.nanos());
        operation.start().checked_add(life).is_none_or(|end| end >= window.start)
    };
    let mut slowest = flame.slowest();
    slowest.retain(lived);
    slowest
}

/// What the name of an operation's picture ends in.
#[cfg(feature = "svg")]
pub(crate) const EXTENSION: &str = ".svg";
#[cfg(all(feature = "html", not(feature = "svg")))]
pub(crate) const EXTENSION: &str = ".html";
#[cfg(not(any(feature = "html", feature = "svg")))]
pub(crate) const EXTENSION: &str = ".txt";

/// Draws an operation.
#[cfg(feature = "svg")]
pub(crate) fn draw(
    operation: &Operation,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    operation.write_svg(writer, options)
}

/// Without SVG, its report.
#[cfg(all(feature = "html", not(feature = "svg")))]
pub(crate) fn draw(
    operation: &Operation,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    operation.write_html(writer, options)
}

/// Without pictures, the table.
#[cfg(not(any(feature = "html", feature = "svg")))]
pub(crate) fn draw(
    operation: &Operation,
    writer: &mut dyn io::Write,
    options: &Options,
) -> io::Result<()> {
    // It is one operation, whatever class it is of.
    let options = options.clone().classes(None);
    operation.profile().write_table(writer, &options)
}
