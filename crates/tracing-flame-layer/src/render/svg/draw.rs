//! The picture with markers where names belong.

use std::io;

use inferno::flamegraph::{
    Options as Drawing, Palette, TextTruncateDirection, color,
    color::{BackgroundColor, BasicPalette, PaletteMap},
    from_lines,
};

use super::{
    super::{Names, Options, frames::Frames, summary},
    color as colors,
    pick::Picked,
};

/// The height of a letter in pixels.
pub(super) const FONT_SIZE: usize = 12;

/// Draws frames, each under its [`marker`].
pub(super) fn draw(frames: &Frames<'_>, options: &Options, picked: &Picked) -> io::Result<Vec<u8>> {
    let stacks = Stacks::of(frames, picked);
    let mut palette = palette(frames, picked);
    let mut drawing = Drawing::default();
    drawing.title = summary::title(options);
    drawing.subtitle = Some(summary::meaning(frames, options).to_owned());
    drawing.name_type = "Frame:".to_owned();
    drawing.count_name = "ns".to_owned();
    drawing.colors = Palette::Basic(BasicPalette::Hot);
    drawing.bgcolors = Some(BackgroundColor::Flat(color::Color { r: 250, g: 250, b: 248 }));
    drawing.palette_map = Some(&mut palette);
    drawing.font_size = FONT_SIZE;
    // What is too narrow has been left out, and counted.
    drawing.min_width = 0.0;
    // A target's end says more than its start.
    drawing.text_truncate_direction = match options.names {
        Names::Name => TextTruncateDirection::Right,
        Names::Target | Names::Source => TextTruncateDirection::Left,
    };
    // Lines from last to first, unsorted: siblings stay together, in our order.
    drawing.flame_chart = true;
    let mut drawn = Vec::new();
    from_lines(&mut drawing, stacks.last_to_first(), &mut drawn)?;
    Ok(drawn)
}

/// What stands for the frame at a place of [`Picked::places`].
fn marker(place: usize) -> String {
    format!("{place:x}")
}

/// The place that a marker stands for.
pub(super) fn place_of(marker: &str) -> Option<usize> {
    usize::from_str_radix(marker, 16).ok()
}

fn palette(frames: &Frames<'_>, picked: &Picked) -> PaletteMap {
    let mut palette = PaletteMap::default();
    for (i, &place) in picked.places().iter().enumerate() {
        let frame = &frames.all()[place as usize];
        palette.insert(marker(i), colors::of(frame.kind, frames.label(frame)));
    }
    palette.insert("", colors::ALL);
    palette
}

/// Folded stacks of markers, in one text.
struct Stacks {
    text: String,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Stacks {
    fn of(frames: &Frames<'_>, picked: &Picked) -> Self {
        let mut stacks = Self { text: String::new(), ends: Vec::new() };
        let mut path: Vec<String> = Vec::new();
        for (i, (&place, &nanos)) in picked.places().iter().zip(picked.bare_nanos()).enumerate() {
            path.truncate(frames.all()[place as usize].depth as usize);
            path.push(marker(i));
            if nanos > 0 {
                stacks.push(&path, nanos);
            }
        }
        stacks
    }

    fn push(&mut self, path: &[String], nanos: u64) {
        for (i, marker) in path.iter().enumerate() {
            if i > 0 {
                self.text.push(';');
            }
            self.text.push_str(marker);
        }
        self.text.push(' ');
        self.text.push_str(&nanos.to_string());
        self.ends.push(self.text.len());
    }

    fn last_to_first(&self) -> impl Iterator<Item = &str> {
        let start = |i: usize| if i == 0 { 0 } else { self.ends[i - 1] };
        (0..self.ends.len()).rev().map(move |i| &self.text[start(i)..self.ends[i]])
    }
}
