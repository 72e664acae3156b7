//! The boxes of a profile.

use super::{
    super::{
        boxes::{Below, Boxes, Fill, Look, Words},
        frames::Frames,
        human::Nanos,
    },
    color,
    picked::Picked,
    tooltip::{self, Tooltips},
};

/// Frames as they are drawn.
pub(super) struct Drawn<'d> {
    frames: &'d Frames<'d>,
    picked: &'d Picked,
    tooltips: Tooltips<'d, 'd>,
    below: &'d dyn Below,
}

impl<'d> Drawn<'d> {
    pub(super) fn new(frames: &'d Frames<'d>, picked: &'d Picked, below: &'d dyn Below) -> Self {
        Self { frames, picked, tooltips: Tooltips::new(frames), below }
    }
}

impl Boxes for Drawn<'_> {
    fn count(&self) -> usize {
        self.picked.places().len()
    }

    fn total_nanos(&self) -> u64 {
        self.frames.total_nanos()
    }

    fn tooltip_of_all(&self) -> String {
        tooltip::of_all(self.frames)
    }

    fn look(&self, place: usize) -> Look {
        let frame = &self.frames.all()[self.picked.places()[place] as usize];
        let color = color::of(frame.kind, self.frames.label(frame));
        Look {
            depth: frame.depth,
            bare_nanos: self.picked.bare_nanos()[place],
            fill: Fill::Color(color),
        }
    }

    fn words(&self, place: usize) -> Words<'_> {
        let place = self.picked.places()[place];
        let frame = &self.frames.all()[place as usize];
        let critical = self.below.critical_nanos(place);
        let mut tooltip = self.tooltips.of(place);
        if critical > 0 && tooltip.pop() == Some(')') {
            tooltip.push_str(&format!(";\n{} of it on the critical path)", Nanos(critical)));
        }
        Words {
            label: self.frames.label(frame),
            tooltip,
            total_nanos: frame.total_nanos,
            is_critical: critical > 0,
        }
    }
}
