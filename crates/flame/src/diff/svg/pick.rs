//! Which frames are drawn: all that have time after, or of very many the widest,
//! as in the layer's own pictures.

use std::cmp::Reverse;

use super::super::compare::{Compared, Pair};

/// How many frames are drawn at most.
const MOST_FRAMES: usize = 20_000;
/// How many frames are drawn above one another at most.
const MOST_DEPTH: u32 = 1_024;

/// The frames to draw. Where one is drawn, so are all below it.
pub(super) struct Picked {
    places: Vec<u32>,
    /// The time of each that no drawn child has, before as if as many operations
    /// had run as after.
    bare: Vec<Pair>,
    /// How many have time after and are not drawn.
    pub(super) left_out: usize,
    /// How many have time before and none after.
    pub(super) gone: usize,
}

impl Picked {
    pub(super) fn widest(compared: &Compared) -> Self {
        let frames = &compared.frames;
        let total = |place: u32| frames[place as usize].total;
        let all = (0..).take(frames.len());
        let gone = all.clone().filter(|&p| total(p).after == 0 && total(p).before > 0).count();
        let mut places: Vec<u32> = all.filter(|&place| total(place).after > 0).collect();
        let count = places.len();
        places.retain(|&place| frames[place as usize].depth < MOST_DEPTH);
        if places.len() > MOST_FRAMES {
            // A parent is at least as wide as its child, and stands before it.
            places.select_nth_unstable_by_key(MOST_FRAMES, |&p| (Reverse(total(p).after), p));
            places.truncate(MOST_FRAMES);
            places.sort_unstable();
        }
        let bare = bare(compared, &places);
        Self { left_out: count - places.len(), places, bare, gone }
    }

    /// Places in [`Compared::frames`], in drawing order.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    pub(super) fn bare(&self) -> &[Pair] {
        &self.bare
    }
}

fn bare(compared: &Compared, places: &[u32]) -> Vec<Pair> {
    let frame = |place: u32| &compared.frames[place as usize];
    let mut bare: Vec<Pair> = places.iter().map(|&place| frame(place).total).collect();
    for &place in places {
        let below = frame(place).parent.and_then(|parent| places.binary_search(&parent).ok());
        if let Some(below) = below {
            let Pair { before, after } = frame(place).total;
            bare[below].before = bare[below].before.saturating_sub(before);
            bare[below].after = bare[below].after.saturating_sub(after);
        }
    }
    // What children had that are gone is not the frame's own.
    for (place, gone) in gone_children(compared) {
        if let Ok(below) = places.binary_search(&place) {
            bare[below].before = bare[below].before.saturating_sub(gone);
        }
    }
    for (pair, &place) in bare.iter_mut().zip(places) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let scaled = frame(place).per.before_scaled(*pair).round() as u64;
        let per = frame(place).per;
        pair.before = if per.before == per.after { pair.before } else { scaled };
    }
    bare
}

/// The frame below each that is gone, and the time that it had.
fn gone_children(compared: &Compared) -> impl Iterator<Item = (u32, u64)> {
    let gone = compared.frames.iter().filter(|frame| frame.total.after == 0);
    gone.filter_map(|frame| Some((frame.parent?, frame.total.before)))
}
