//! A profile's flamegraph as SVG.

pub(super) mod color;
mod drawn;
mod empty;
mod notes;
mod picked;
mod tooltip;

use std::io::{self, Write};

use super::{
    Options,
    boxes::{Below, Nothing, Picture, Rgb},
    frames::Frames,
    summary,
};
use drawn::Drawn;
use picked::Picked;

pub(super) fn write(frames: &Frames<'_>, options: &Options, writer: impl Write) -> io::Result<()> {
    write_above(frames, options, &Nothing, writer)
}

/// Writes a picture with more below it; that is left out where there is nothing
/// to draw above.
pub(super) fn write_above(
    frames: &Frames<'_>,
    options: &Options,
    below: &dyn Below,
    mut writer: impl Write,
) -> io::Result<()> {
    if let Some(why) = summary::emptiness(frames, options) {
        empty::write(frames, options, why, &mut writer)?;
    } else {
        let picked = Picked::widest(frames);
        let picture = Picture {
            title: summary::title(options),
            subtitle: match below.subtitle() {
                Some(text) => text.into(),
                None => summary::meaning(frames, options).into(),
            },
            background: Rgb { r: 250, g: 250, b: 248 },
            names: options.names,
            notes: notes::of(frames, &picked),
        };
        picture.write_above(&Drawn::new(frames, &picked, below), below, &mut writer)?;
    }
    writer.flush()
}
