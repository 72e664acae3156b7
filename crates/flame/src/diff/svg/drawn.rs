//! The boxes of a difference.

use tracing_flame_layer::render::boxes::{Boxes, Fill, Look, Words};

use super::{
    super::compare::{Compared, Frame, Pair},
    picked::Picked,
    tooltip,
};

/// The largest sum of weights. inferno multiplies a change by 150 in an `isize`
/// to find its colour.
const MOST: u64 = 1 << 54;

/// Frames as they are drawn.
pub(super) struct Drawn<'d> {
    compared: &'d Compared,
    picked: &'d Picked,
    shift: u32,
}

impl<'d> Drawn<'d> {
    pub(super) fn new(compared: &'d Compared, picked: &'d Picked) -> Self {
        Self { compared, picked, shift: shift(picked.bare()) }
    }

    fn frame(&self, place: usize) -> &Frame {
        &self.compared.frames[self.picked.places()[place] as usize]
    }
}

/// By how many bits all weights are shortened so that their sum is not too
/// large: none for less than half a year.
fn shift(bare: &[Pair]) -> u32 {
    let sum: u128 = bare.iter().map(|pair| u128::from(pair.after)).sum();
    (128 - sum.leading_zeros()).saturating_sub(MOST.trailing_zeros())
}

impl Boxes for Drawn<'_> {
    fn count(&self) -> usize {
        self.picked.places().len()
    }

    fn total_nanos(&self) -> u64 {
        self.compared.all.after
    }

    fn tooltip_of_all(&self) -> String {
        tooltip::of_all(self.compared)
    }

    fn look(&self, place: usize) -> Look {
        let Pair { before, after } = self.picked.bare()[place];
        Look {
            depth: self.frame(place).depth,
            bare_nanos: after >> self.shift,
            fill: Fill::Before((before >> self.shift).min(MOST)),
        }
    }

    fn words(&self, place: usize) -> Words<'_> {
        let frame = self.frame(place);
        Words {
            label: &frame.label,
            tooltip: tooltip::of(self.compared, frame),
            total_nanos: frame.total.after,
            is_critical: false,
        }
    }
}
