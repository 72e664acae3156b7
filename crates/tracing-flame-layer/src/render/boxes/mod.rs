//! Boxes on one another as SVG, drawn by inferno: a profile's flamegraph, and a
//! difference, which `flame` draws. No part of the interface; it may change at any
//! time.
//!
//! inferno knows names and counts, and merges and sorts by name. Frames know more:
//! a unit that suits each, calls, sources, what was before. So inferno is given a
//! marker for each box instead of its frame's name, in drawing order, and lays out,
//! draws, zooms and searches; afterwards each marker is replaced by what the frame
//! has to say. With that no name reaches inferno's parser, no two frames merge or
//! split, and colours go by frame.
//!
//! inferno logs through `log`, which may end up in the subscriber being
//! recorded. It does so about lines that it cannot parse and input without
//! counts; it is given neither, so it says nothing.

mod below;
mod draw;
mod notes;
mod picked;
mod rewrite;

use std::{
    borrow::Cow,
    io::{self, Write},
};

pub use inferno::flamegraph::color::Color as Rgb;

use super::Names;
pub(super) use below::{Below, Nothing};
pub use notes::{Note, Notes};
pub use picked::{Candidate, Picked};

/// What is drawn, by its places from 0 up: depth first, each box before those on it.
pub trait Boxes {
    /// How many there are.
    fn count(&self) -> usize;

    /// How wide all are together.
    fn total_nanos(&self) -> u64;

    /// The tooltip of all together.
    fn tooltip_of_all(&self) -> String;

    /// How a box looks.
    fn look(&self, place: usize) -> Look;

    /// What a box says.
    fn words(&self, place: usize) -> Words<'_>;
}

/// How a box looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How many others it stands on.
    pub depth: u32,
    /// The part of its width that no box on it covers.
    pub bare_nanos: u64,
    /// What it is filled with.
    pub fill: Fill,
}

/// What a box is filled with.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    /// This colour.
    Color(Rgb),
    /// Red or blue, by how many bare nanoseconds there were before.
    Before(u64),
}

/// What a box says.
#[derive(Clone, Debug)]
pub struct Words<'b> {
    /// What is written in it, as far as there is room.
    pub label: &'b str,
    /// What is shown under the pointer: `label (facts)`, no bracket in the facts, as
    /// inferno's script takes what it finds before the last one for the label.
    pub tooltip: String,
    /// How wide it is.
    pub total_nanos: u64,
    /// Whether the critical path goes through it.
    pub is_critical: bool,
}

/// What stands around boxes, and how they are shown.
#[derive(Debug)]
pub struct Picture {
    /// The headline, on one line.
    pub title: String,
    /// What a width means.
    pub subtitle: Cow<'static, str>,
    /// What is behind the boxes.
    pub background: Rgb,
    /// What labels are: of names the start says most, of targets the end.
    pub names: Names,
    /// The lines below.
    pub notes: Notes,
}

impl Picture {
    /// Draws boxes that have a width, in memory, and writes them.
    ///
    /// # Errors
    ///
    /// Whatever the writer returns.
    pub fn write(&self, boxes: &dyn Boxes, writer: &mut dyn Write) -> io::Result<()> {
        self.write_above(boxes, &Nothing, writer)
    }

    /// Writes boxes with more below them and the notes.
    pub(super) fn write_above(
        &self,
        boxes: &dyn Boxes,
        below: &dyn Below,
        writer: &mut dyn Write,
    ) -> io::Result<()> {
        let drawn = draw::draw(self, boxes)?;
        rewrite::write(&drawn, self, boxes, below, writer)
    }
}
