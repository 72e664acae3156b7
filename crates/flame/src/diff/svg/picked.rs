//! Which frames are drawn: all that have time after, or of very many the widest.

use tracing_flame_layer::render::boxes::{self, Candidate};

use super::super::compare::{Compared, Pair};

/// The frames to draw. Where one is drawn, so are all below it.
pub(super) struct Picked {
    drawn: boxes::Picked,
    /// The time of each that no drawn child has, before as if as many operations
    /// had run as after.
    bare: Vec<Pair>,
    /// How many have time before and none after.
    pub(super) gone: usize,
}

impl Picked {
    pub(super) fn widest(compared: &Compared) -> Self {
        let frames = &compared.frames;
        let total = |place: u32| frames[place as usize].total;
        let all = (0..).take(frames.len());
        let gone = all.clone().filter(|&p| total(p).after == 0 && total(p).before > 0).count();
        let after = |place| candidate(compared, place, |pair| pair.after);
        let drawn = boxes::Picked::widest(all.filter(|&place| total(place).after > 0), after);
        Self { bare: bare(compared, &drawn), drawn, gone }
    }

    /// Places in [`Compared::frames`], in drawing order.
    pub(super) fn places(&self) -> &[u32] {
        self.drawn.places()
    }

    pub(super) fn bare(&self) -> &[Pair] {
        &self.bare
    }

    /// How many have time after and are not drawn.
    pub(super) fn left_out(&self) -> usize {
        self.drawn.left_out().0
    }
}

/// A frame, as wide as it was on one side.
fn candidate(compared: &Compared, place: u32, side: impl Fn(Pair) -> u64) -> Candidate {
    let frame = &compared.frames[place as usize];
    Candidate { depth: frame.depth, parent: frame.parent, total_nanos: side(frame.total) }
}

fn bare(compared: &Compared, drawn: &boxes::Picked) -> Vec<Pair> {
    let places = drawn.places();
    let before = drawn.bare_nanos(|place| candidate(compared, place, |pair| pair.before));
    let after = drawn.bare_nanos(|place| candidate(compared, place, |pair| pair.after));
    let pairs = before.into_iter().zip(after);
    let mut bare: Vec<Pair> = pairs.map(|(before, after)| Pair { before, after }).collect();
    // What children had that are gone is not the frame's own.
    for (place, gone) in gone_children(compared) {
        if let Ok(below) = places.binary_search(&place) {
            bare[below].before = bare[below].before.saturating_sub(gone);
        }
    }
    for (pair, &place) in bare.iter_mut().zip(places) {
        let per = compared.frames[place as usize].per;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let scaled = per.before_scaled(*pair).round() as u64;
        pair.before = if per.before == per.after { pair.before } else { scaled };
    }
    bare
}

/// The frame below each that is gone, and the time that it had.
fn gone_children(compared: &Compared) -> impl Iterator<Item = (u32, u64)> {
    let gone = compared.frames.iter().filter(|frame| frame.total.after == 0);
    gone.filter_map(|frame| Some((frame.parent?, frame.total.before)))
}
