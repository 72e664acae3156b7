//! Labels in a table of their own, for formats that name each frame once and
//! refer to it by number.
//!
//! One label is one symbol, wherever it stands: what a reader adds up by symbol
//! is what other formats add up by name. A symbol knows its source where all its
//! spans come from one place; where they come from several, none would be right.

use std::collections::{HashMap, hash_map::Entry};

use super::frames::{Frames, Placed};

/// A place in a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'f> {
    pub(super) file: &'f str,
    /// Counted from 1.
    pub(super) line: Option<u32>,
}

/// A label and where it comes from.
#[derive(Debug)]
pub(super) struct Symbol<'f> {
    pub(super) label: &'f str,
    source: Source<'f>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source<'f> {
    Unknown,
    One(Place<'f>),
    Several,
}

/// Every label of some frames, once.
#[derive(Debug, Default)]
pub(super) struct Symbols<'f> {
    all: Vec<Symbol<'f>>,
    by_label: HashMap<&'f str, u32>,
}

impl<'f> Symbols<'f> {
    /// All symbols, in the order that they were first met.
    pub(super) fn all(&self) -> &[Symbol<'f>] {
        &self.all
    }

    /// Adds the symbols of frames, and returns the place of each one's.
    pub(super) fn add(&mut self, frames: &'f Frames<'_>) -> Vec<u32> {
        frames.all().iter().map(|frame| self.add_one(frames, frame)).collect()
    }

    fn add_one(&mut self, frames: &'f Frames<'_>, frame: &Placed) -> u32 {
        let place = self.of_label(frames.label(frame));
        let symbol = &mut self.all[place as usize];
        for callsite in frames.sources(frame) {
            symbol.meet(match &callsite.file {
                Some(file) => Source::One(Place { file, line: callsite.line }),
                // Somewhere, but not where the others are.
                None => Source::Several,
            });
        }
        place
    }

    fn of_label(&mut self, label: &'f str) -> u32 {
        match self.by_label.entry(label) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
                self.all.push(Symbol { label, source: Source::Unknown });
                *new.insert(place)
            }
        }
    }
}

impl<'f> Symbol<'f> {
    /// Where all spans of the label come from, if that is one place.
    pub(super) fn place(&self) -> Option<Place<'f>> {
        match self.source {
            Source::One(place) => Some(place),
            Source::Unknown | Source::Several => None,
        }
    }

    /// At most how many bytes its texts have.
    #[cfg(feature = "pprof")]
    pub(super) fn text_length(&self) -> usize {
        self.label.len() + self.place().map_or(0, |place| place.file.len())
    }

    fn meet(&mut self, source: Source<'f>) {
        self.source = match self.source {
            Source::Unknown => source,
            known if known == source => known,
            _ => Source::Several,
        };
    }
}
