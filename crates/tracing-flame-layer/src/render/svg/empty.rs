//! The picture of a profile without time.

use std::io::{self, Write};

use super::{
    super::{Options, escaped::Escaped, frames::Frames, summary},
    notes,
    picked::Picked,
};

const WIDTH: usize = 1200;
/// Where the lines below begin.
const NOTES: usize = 104;

/// Writes a picture that says why it is empty.
pub(super) fn write(
    frames: &Frames<'_>,
    options: &Options,
    why: &str,
    writer: &mut impl Write,
) -> io::Result<()> {
    let notes = notes::of(frames, &Picked::widest(frames));
    let height = NOTES + notes.height();
    write!(
        writer,
        "<?xml version=\"1.0\" standalone=\"no\"?>\n\
         <svg version=\"1.1\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" xmlns=\"http://www.w3.org/2000/svg\" \
         font-family=\"monospace\" font-size=\"12\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fafaf8\"/>"
    )?;
    centred(writer, 24, "title", "17", &summary::title(options))?;
    centred(writer, 48, "subtitle", "12", summary::meaning(frames, options))?;
    centred(writer, 80, "empty", "14", why)?;
    notes.write(NOTES, writer)?;
    writer.write_all(b"</svg>\n")
}

fn centred(writer: &mut impl Write, y: usize, id: &str, size: &str, text: &str) -> io::Result<()> {
    let x = WIDTH / 2;
    write!(
        writer,
        "<text id=\"{id}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"{size}\">{}</text>",
        Escaped(text)
    )
}
