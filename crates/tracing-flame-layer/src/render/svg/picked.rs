//! Which frames of a profile are drawn, and how wide each is.
//!
//! An `[await]` that is no wait is in no picture, and no more is another state below one
//! in a thousand of it: its width stays bare on the frame below it.

use super::super::{
    boxes::{self, Candidate},
    frames::{Frames, Kind},
    state::State,
};

/// The frames to draw.
pub(super) struct Picked {
    drawn: boxes::Picked,
    bare_nanos: Vec<u64>,
}

impl Picked {
    pub(super) fn widest(frames: &Frames<'_>) -> Self {
        let all = frames.all();
        let candidate = |place: u32| {
            let frame = &all[place as usize];
            Candidate { depth: frame.depth, parent: frame.parent, total_nanos: frame.total_nanos }
        };
        let is_drawn = |&place: &u32| {
            let frame = &all[place as usize];
            frame.total_nanos > 0 && !frames.is_moment(frame)
        };
        let drawn = boxes::Picked::widest((0..).take(all.len()).filter(is_drawn), candidate);
        Self { bare_nanos: drawn.bare_nanos(candidate), drawn }
    }

    /// Places in [`Frames::all`], in drawing order.
    pub(super) fn places(&self) -> &[u32] {
        self.drawn.places()
    }

    /// The part of each one's width that no drawn child covers.
    pub(super) fn bare_nanos(&self) -> &[u64] {
        &self.bare_nanos
    }

    /// The states that are drawn.
    pub(super) fn states(&self, frames: &Frames<'_>) -> impl Iterator<Item = State> {
        let mut drawn = [false; State::ALL.len()];
        for &place in self.places() {
            if let Kind::State(state) = frames.all()[place as usize].kind {
                drawn[state.index()] = true;
            }
        }
        State::ALL.into_iter().filter(move |state| drawn[state.index()])
    }

    /// How many frames have time and are not drawn, and the most that one has.
    pub(super) fn left_out(&self) -> (usize, u64) {
        self.drawn.left_out()
    }
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
    fn a_frame_without_time_is_not_drawn_and_not_missed() {
        let profile = chain(&[5, 0, 3, 2, 0]);
        let frames = Frames::lay_out(&profile, &Options::default());
        let picked = Picked::widest(&frames);
        assert_eq!(picked.places(), [0, 1, 2, 3]);
        assert_eq!(picked.bare_nanos(), [5, 0, 3, 2]);
        assert_eq!(picked.left_out(), (0, 0));
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
    fn frames_that_are_too_deep_are_counted() {
        let profile = chain(&[1; 1_034]);
        let frames = Frames::lay_out(&profile, &Options::default());
        assert_eq!(Picked::widest(&frames).left_out(), (10, 10));
    }
}
