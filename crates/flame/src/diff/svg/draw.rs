//! The picture with markers where labels belong.

use std::io;

use inferno::flamegraph::{
    Options as Drawing, TextTruncateDirection,
    color::{BackgroundColor, Color},
    from_lines,
};
use tracing_flame_layer::render::Names;

use super::{
    super::compare::{Compared, Pair},
    pick::Picked,
};

/// The height of a letter in pixels.
pub(super) const FONT_SIZE: usize = 12;
/// The largest sum of weights. inferno multiplies a change by 150 in an `isize`
/// to find its colour.
const MOST: u64 = 1 << 54;

/// Draws frames, each under its place in [`Picked::places`] in hexadecimal.
pub(super) fn draw(compared: &Compared, names: Names, picked: &Picked) -> io::Result<Vec<u8>> {
    let lines = lines(compared, picked);
    let mut drawing = Drawing::default();
    drawing.title = "Flamegraph difference".to_owned();
    drawing.subtitle = Some(
        "width = time after; red: more time of its own than before, blue: less, white: the same"
            .to_owned(),
    );
    drawing.name_type = "Frame:".to_owned();
    drawing.count_name = "ns".to_owned();
    drawing.bgcolors = Some(BackgroundColor::Flat(Color { r: 240, g: 240, b: 238 }));
    drawing.font_size = FONT_SIZE;
    // What is too narrow has been left out, and counted.
    drawing.min_width = 0.0;
    // A target's end says more than its start.
    drawing.text_truncate_direction = match names {
        Names::Name => TextTruncateDirection::Right,
        Names::Target | Names::Source => TextTruncateDirection::Left,
    };
    // Lines from last to first, unsorted: siblings stay together, in our order.
    drawing.flame_chart = true;
    let mut drawn = Vec::new();
    from_lines(&mut drawing, lines.iter().rev().map(String::as_str), &mut drawn)?;
    Ok(drawn)
}

/// A line for every frame, also where its own time is none: with that, inferno
/// gives the change in it to that frame and to no other.
fn lines(compared: &Compared, picked: &Picked) -> Vec<String> {
    let shift = shift(picked.bare());
    let mut path: Vec<String> = Vec::new();
    let frames = picked.places().iter().zip(picked.bare()).enumerate();
    let line = |(i, (&place, pair)): (usize, (&u32, &Pair))| {
        path.truncate(compared.frames[place as usize].depth as usize);
        path.push(format!("{i:x}"));
        let (before, after) = (pair.before >> shift, pair.after >> shift);
        format!("{} {} {after}", path.join(";"), before.min(MOST))
    };
    frames.map(line).collect()
}

/// By how many bits all weights are shortened so that their sum is not too
/// large: none for less than half a year.
fn shift(bare: &[Pair]) -> u32 {
    let sum: u128 = bare.iter().map(|pair| u128::from(pair.after)).sum();
    (128 - sum.leading_zeros()).saturating_sub(MOST.trailing_zeros())
}
