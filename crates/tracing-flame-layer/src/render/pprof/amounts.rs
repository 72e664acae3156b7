//! What is counted at a frame.

use std::ops::{AddAssign, SubAssign};

use super::super::frames::Frames;

/// Calls and nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) calls: u64,
    pub(super) nanos: u64,
}

impl Amount {
    pub(super) fn is_zero(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.nanos += other.nanos;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.calls -= other.calls;
        self.nanos -= other.nanos;
    }
}

/// The amounts of every frame, by its place.
#[derive(Debug)]
pub(super) struct Amounts {
    pub(super) own: Vec<Amount>,
    pub(super) total: Vec<Amount>,
}

/// What a reader's sums may come to: its numbers have a sign.
const MOST: u64 = i64::MAX as u64;

impl Amounts {
    pub(super) fn of(frames: &Frames<'_>) -> Self {
        let mut left = Amount { calls: MOST, nanos: MOST };
        let own: Vec<Amount> = frames
            .all()
            .iter()
            .map(|frame| {
                let calls = frames.calls(frame).min(left.calls);
                let own = Amount { calls, nanos: frame.self_nanos.min(left.nanos) };
                left -= own;
                own
            })
            .collect();
        let mut total = own.clone();
        for (place, frame) in frames.all().iter().enumerate().rev() {
            if let Some(parent) = frame.parent {
                let above = total[place];
                total[parent as usize] += above;
            }
        }
        Self { own, total }
    }
}
