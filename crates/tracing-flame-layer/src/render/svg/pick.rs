//! Which frames are drawn.
//!
//! A browser shows tens of thousands of boxes, not millions, and most of those
//! would be thinner than a pixel at any zoom. There is no least width: a small
//! picture shows every frame that has time, however narrow, to be zoomed into.
//! A large one shows the widest, and says how many it leaves out. An `[await]` that is
//! no wait is in neither, and no more is another state below one in a thousand of the
//! picture: its width stays bare on the frame below it.

use std::cmp::Reverse;

use super::super::{
    frames::{Frames, Kind},
    state::State,
};

/// How many frames are drawn at most: about 10 MB of SVG.
const MOST_FRAMES: usize = 20_000;
/// How many frames are drawn above one another at most: as many as a layer
/// records at most, in a picture of 16,000 pixels.
const MOST_DEPTH: u32 = 1_024;

/// The frames to draw. Where one is drawn, so are all below it.
pub(super) struct Picked {
    /// Places in [`Frames::all`], in drawing order.
    places: Vec<u32>,
    /// The part of each one's width that no drawn child covers.
    bare_nanos: Vec<u64>,
    left_out: u64,
    widest_left_out_nanos: u64,
}

impl Picked {
    pub(super) fn widest(frames: &Frames<'_>) -> Self {
        Self::within(frames, MOST_FRAMES)
    }

    fn within(frames: &Frames<'_>, most: usize) -> Self {
        let all = frames.all();
        let total = |place: u32| all[place as usize].total_nanos;
        let (mut places, too_deep): (Vec<u32>, Vec<u32>) = (0..)
            .take(all.len())
            .filter(|&place| total(place) > 0 && !frames.is_moment(&all[place as usize]))
            .partition(|&place| all[place as usize].depth < MOST_DEPTH);
        let mut left_out = too_deep;
        if places.len() > most {
            // A parent is at least as wide as its child, and stands before it.
            places.select_nth_unstable_by_key(most, |&place| (Reverse(total(place)), place));
            left_out.extend(places.drain(most..));
            places.sort_unstable();
        }
        Self {
            bare_nanos: bare(frames, &places),
            places,
            left_out: left_out.len() as u64,
            widest_left_out_nanos: left_out.into_iter().map(total).max().unwrap_or(0),
        }
    }

    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    pub(super) fn bare_nanos(&self) -> &[u64] {
        &self.bare_nanos
    }

    /// The states that are drawn.
    pub(super) fn states(&self, frames: &Frames<'_>) -> impl Iterator<Item = State> {
        let mut drawn = [false; State::ALL.len()];
        for &place in &self.places {
            if let Kind::State(state) = frames.all()[place as usize].kind {
                drawn[state.index()] = true;
            }
        }
        State::ALL.into_iter().filter(move |state| drawn[state.index()])
    }

    /// How many frames have time and are not drawn, and the most that one has.
    pub(super) fn left_out(&self) -> (u64, u64) {
        (self.left_out, self.widest_left_out_nanos)
    }
}

fn bare(frames: &Frames<'_>, places: &[u32]) -> Vec<u64> {
    let all = frames.all();
    let mut bare: Vec<u64> = places.iter().map(|&p| all[p as usize].total_nanos).collect();
    for &place in places {
        let frame = &all[place as usize];
        let below = frame.parent.and_then(|parent| places.binary_search(&parent).ok());
        if let Some(below) = below {
            bare[below] -= frame.total_nanos;
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::{
        Profile,
        profile::{Callsite, Frame, Measures, Window},
        render::Options,
    };

    fn chain(lengths: &[u64]) -> Profile {
        let mut profile = Profile::new(Window { start: UNIX_EPOCH, length: Duration::ZERO });
        let mut parent = None;
        for (i, &wall_nanos) in lengths.iter().enumerate() {
            let frame = Frame::Span(Arc::new(Callsite::new(format!("f{i}"), "t")));
            let measures = Measures { wall_nanos, enters: 1, ..Measures::default() };
            parent = Some(profile.push(parent, frame, measures));
        }
        profile
    }

    #[test]
    fn the_widest_are_drawn_and_the_rest_counted() {
        let profile = chain(&[5, 0, 3, 2, 0]);
        let frames = Frames::lay_out(&profile, &Options::default());
        let picked = Picked::within(&frames, 3);
        assert_eq!(picked.places(), [0, 1, 2]);
        assert_eq!(picked.bare_nanos(), [5, 0, 5]);
        assert_eq!(picked.left_out(), (1, 2), "a frame without time is not missed");
    }

    #[test]
    fn an_await_below_one_in_a_thousand_of_its_parent_is_not_drawn_and_not_missed() {
        for (await_nanos, places) in [(1, vec![0, 1]), (2, vec![0, 1, 2])] {
            let mut profile = chain(&[0, 999]);
            let frame = Frame::Span(Arc::new(Callsite::new("waits", "t")));
            let waits = Measures { wall_nanos: 1_998, await_nanos, ..Measures::default() };
            profile.push(None, frame, Measures { enters: 1, ..waits });
            let frames = Frames::lay_out(&profile, &Options::default());
            let picked = Picked::widest(&frames);
            assert_eq!(picked.places().len(), places.len() + 1, "{await_nanos}");
            assert_eq!(picked.left_out(), (0, 0));
            assert_eq!(picked.states(&frames).count(), usize::from(await_nanos == 2));
            assert_eq!(picked.bare_nanos().iter().sum::<u64>(), frames.total_nanos());
        }
    }

    #[test]
    fn frames_beyond_the_greatest_depth_are_counted() {
        let profile = chain(&[1; MOST_DEPTH as usize + 10]);
        let frames = Frames::lay_out(&profile, &Options::default());
        let picked = Picked::widest(&frames);
        assert_eq!(picked.places().len(), MOST_DEPTH as usize);
        assert_eq!(picked.left_out(), (10, 10));
        assert_eq!(picked.bare_nanos().last(), Some(&11));
    }
}
