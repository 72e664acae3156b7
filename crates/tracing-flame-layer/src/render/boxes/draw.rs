//! The picture with markers where names belong.

use std::io;

use inferno::flamegraph::{
    Options as Drawing, Palette, TextTruncateDirection,
    color::{BackgroundColor, BasicPalette, PaletteMap},
    from_lines,
};

use super::{super::Names, Boxes, Fill, Look, Picture, Rgb};

/// The height of a letter in pixels.
pub(super) const FONT_SIZE: usize = 12;
/// The colour of everything together.
const ALL: Rgb = Rgb { r: 208, g: 208, b: 204 };

/// Draws boxes, each under its [`marker`].
pub(super) fn draw(picture: &Picture, boxes: &dyn Boxes) -> io::Result<Vec<u8>> {
    let stacks = Stacks::of(boxes);
    let mut palette = palette(boxes);
    let mut drawing = Drawing::default();
    drawing.title.clone_from(&picture.title);
    drawing.subtitle = Some(picture.subtitle.to_string());
    drawing.name_type = "Frame:".to_owned();
    drawing.count_name = "ns".to_owned();
    drawing.colors = Palette::Basic(BasicPalette::Hot);
    drawing.bgcolors = Some(BackgroundColor::Flat(picture.background));
    drawing.palette_map = Some(&mut palette);
    drawing.font_size = FONT_SIZE;
    // What is too narrow has been left out, and counted.
    drawing.min_width = 0.0;
    // A target's end says more than its start.
    drawing.text_truncate_direction = match picture.names {
        Names::Name => TextTruncateDirection::Right,
        Names::Target | Names::Source => TextTruncateDirection::Left,
    };
    // Lines from last to first, unsorted: siblings stay together, in our order.
    drawing.flame_chart = true;
    let mut drawn = Vec::new();
    from_lines(&mut drawing, stacks.last_to_first(), &mut drawn)?;
    Ok(drawn)
}

/// What stands for the box at a place.
fn marker(place: usize) -> String {
    format!("{place:x}")
}

/// The place that a marker stands for.
pub(super) fn place_of(marker: &str) -> Option<usize> {
    usize::from_str_radix(marker, 16).ok()
}

fn palette(boxes: &dyn Boxes) -> PaletteMap {
    let mut palette = PaletteMap::default();
    for place in 0..boxes.count() {
        if let Fill::Color(color) = boxes.look(place).fill {
            palette.insert(marker(place), color);
        }
    }
    palette.insert("", ALL);
    palette
}

/// Folded stacks of markers, in one text.
#[derive(Default)]
struct Stacks {
    text: String,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Stacks {
    fn of(boxes: &dyn Boxes) -> Self {
        let mut stacks = Self::default();
        let mut path: Vec<String> = Vec::new();
        for place in 0..boxes.count() {
            let Look { depth, bare_nanos, fill } = boxes.look(place);
            path.truncate(depth as usize);
            path.push(marker(place));
            match fill {
                // Also where nothing is bare: inferno gives a line's change to the box that
                // it is of, and to no other.
                Fill::Before(before) => stacks.push(&path, &format!("{before} {bare_nanos}")),
                Fill::Color(_) if bare_nanos == 0 => {}
                Fill::Color(_) => stacks.push(&path, &bare_nanos.to_string()),
            }
        }
        stacks
    }

    fn push(&mut self, path: &[String], weights: &str) {
        for (i, marker) in path.iter().enumerate() {
            if i > 0 {
                self.text.push(';');
            }
            self.text.push_str(marker);
        }
        self.text.push(' ');
        self.text.push_str(weights);
        self.ends.push(self.text.len());
    }

    fn last_to_first(&self) -> impl Iterator<Item = &str> {
        let start = |i: usize| if i == 0 { 0 } else { self.ends[i - 1] };
        (0..self.ends.len()).rev().map(move |i| &self.text[start(i)..self.ends[i]])
    }
}
