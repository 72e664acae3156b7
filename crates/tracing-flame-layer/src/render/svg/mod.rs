//! A flamegraph as SVG, drawn by inferno.
//!
//! inferno knows names and counts, and merges and sorts by name. Frames here
//! know more: a unit that suits each, calls, sources. So inferno is given a
//! marker for each frame instead of its name, in drawing order, and lays out,
//! draws, zooms and searches; afterwards each marker is replaced by what the
//! frame has to say. With that no name reaches inferno's parser, no two frames
//! merge or split, and colours go by frame.
//!
//! inferno logs through `log`, which may end up in the subscriber being
//! recorded. It does so about lines that it cannot parse and input without
//! counts; it is given neither, so it says nothing.

mod below;
pub(super) mod color;
mod draw;
mod empty;
mod footer;
mod pick;
mod rewrite;
mod tooltip;

use std::io::{self, Write};

use super::{Options, frames::Frames, summary};
pub(super) use below::Below;
use below::Nothing;
use pick::Picked;

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
        let drawn = draw::draw(frames, options, &picked)?;
        rewrite::write(&drawn, frames, options, &picked, below, &mut writer)?;
    }
    writer.flush()
}
