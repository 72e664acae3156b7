//! Which frames are drawn as boxes.
//!
//! A browser shows tens of thousands of boxes, not millions, and most of those
//! would be thinner than a pixel at any zoom. There is no least width: a small
//! picture shows every frame that has time, however narrow, to be zoomed into.
//! A large one shows the widest, and says how many it leaves out.

use std::cmp::Reverse;

/// How many boxes are drawn at most: about 10 MB of SVG.
const MOST_BOXES: usize = 20_000;
/// How many boxes are drawn above one another at most: as many as a layer
/// records at most, in a picture of 16,000 pixels.
const MOST_DEPTH: u32 = 1_024;

/// What is asked of a frame that may be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// How many frames it stands on.
    pub depth: u32,
    /// The place of the one below it, which is lower than its own.
    pub parent: Option<u32>,
    /// How wide it is; no wider than its parent.
    pub total_nanos: u64,
}

/// The frames to draw. Where one is drawn, so are all below it.
#[derive(Debug)]
pub struct Picked {
    places: Vec<u32>,
    left_out: usize,
    widest_left_out_nanos: u64,
}

impl Picked {
    /// The widest of the frames at these places, which ascend.
    pub fn widest(places: impl Iterator<Item = u32>, candidate: impl Fn(u32) -> Candidate) -> Self {
        Self::within(MOST_BOXES, places, candidate)
    }

    fn within(
        most: usize,
        places: impl Iterator<Item = u32>,
        candidate: impl Fn(u32) -> Candidate,
    ) -> Self {
        let total = |&place: &u32| candidate(place).total_nanos;
        let (mut places, mut left_out): (Vec<u32>, Vec<u32>) =
            places.partition(|&place| candidate(place).depth < MOST_DEPTH);
        if places.len() > most {
            // A parent is at least as wide as its child, and stands before it.
            places.select_nth_unstable_by_key(most, |place| (Reverse(total(place)), *place));
            left_out.extend(places.drain(most..));
            places.sort_unstable();
        }
        Self {
            places,
            left_out: left_out.len(),
            widest_left_out_nanos: left_out.iter().map(total).max().unwrap_or(0),
        }
    }

    /// The places of those that are drawn, in drawing order.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// How many are not drawn, and the most that one of them has.
    #[must_use]
    pub fn left_out(&self) -> (usize, u64) {
        (self.left_out, self.widest_left_out_nanos)
    }

    /// The part of each one's width that no drawn child covers, in drawing order.
    pub fn bare_nanos(&self, candidate: impl Fn(u32) -> Candidate) -> Vec<u64> {
        let total = |&place: &u32| candidate(place).total_nanos;
        let mut bare: Vec<u64> = self.places.iter().map(total).collect();
        for &place in &self.places {
            let Candidate { parent, total_nanos, .. } = candidate(place);
            if let Some(below) = parent.and_then(|p| self.places.binary_search(&p).ok()) {
                bare[below] = bare[below].saturating_sub(total_nanos);
            }
        }
        bare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One on another, this wide.
    fn tower(totals: &[u64]) -> impl Fn(u32) -> Candidate {
        |place| Candidate {
            depth: place,
            parent: place.checked_sub(1),
            total_nanos: totals[place as usize],
        }
    }

    #[test]
    fn the_widest_are_drawn_and_the_rest_counted() {
        let tower = tower(&[10, 5, 5, 2]);
        let picked = Picked::within(3, 0..4, &tower);
        assert_eq!((picked.places(), picked.left_out()), (&[0, 1, 2][..], (1, 2)));
        assert_eq!(picked.bare_nanos(tower), [5, 0, 5]);
    }

    #[test]
    fn what_is_too_deep_is_counted() {
        let totals: Vec<u64> = (1..=u64::from(MOST_DEPTH) + 10).rev().collect();
        let tower = tower(&totals);
        let picked = Picked::widest((0..).take(totals.len()), &tower);
        assert_eq!(picked.places().len(), MOST_DEPTH as usize);
        assert_eq!(picked.left_out(), (10, 10));
        assert_eq!(picked.bare_nanos(tower).last(), Some(&11));
    }
}
