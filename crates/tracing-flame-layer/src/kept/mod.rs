//! Operations by themselves: which are kept.
//!
//! ```text
//! capture    what is kept of one           longest    its longest stretches
//! tree       its call tree                 classes    trees of those of about one latency
//! counted    what the system counted       heatmap    when they ended
//! ```
//!
//! A named operation that begins while time is taken is followed by a [`Capture`]. When it
//! ends it competes: for a place among the slowest, and for being slower than what was asked
//! for; its tree is added to that of its class of latency, and it is counted in the heatmap. A
//! loser's capture follows the next operation, so memory stays as it is.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "times do not run backwards here, and counts are of what there is"
)]

mod capture;
mod classes;
mod counted;
mod heatmap;
mod longest;
mod tree;

use std::time::Duration;

use tracing::Level;

pub(crate) use self::{
    capture::{Capture, Piece},
    classes::Classes,
    counted::Counted,
    heatmap::Columns,
    longest::Budget,
    tree::Place,
};
use crate::{
    Clock,
    platform::try_box,
    tally::{Bucket, Class, NodeId},
};

/// How many operations are followed at once.
const MOST_FOLLOWED: usize = 4_096;
/// Bytes that stretches may take, of all operations together.
const STRETCHES: usize = 64 << 20;
/// How many captures wait for an operation to follow.
const MOST_SPARE: usize = 64;
/// How many slow operations wait to be taken.
const MOST_WAITING: usize = 256;

/// From which duration on an operation is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slow {
    /// From this one on.
    From(Duration),
    /// From the 99th percentile of the latest on.
    P99,
}

/// Which operations are wanted by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// So many of the slowest.
    pub(crate) slowest: usize,
    pub(crate) slow: Option<Slow>,
    /// Trees by classes of latency.
    pub(crate) classes: bool,
    /// With what was logged in them, down to this level.
    pub(crate) log: Option<Level>,
}

impl Wanted {
    /// Whether operations are wanted by themselves at all.
    pub(crate) fn any(&self) -> bool {
        self.slowest > 0 || self.slow.is_some() || self.classes
    }

    /// Whether it is wanted what happened in them when.
    pub(crate) fn has_charts(&self) -> bool {
        self.slowest > 0 || self.slow.is_some()
    }

    /// Whether events of a level are kept.
    pub(crate) fn wants_log(&self, level: Level) -> bool {
        self.any() && self.log.is_some_and(|finest| level <= finest)
    }
}

/// An operation that has ended and is kept.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Which of those that were kept it is.
    pub(crate) number: u64,
    pub(crate) capture: Box<Capture>,
    /// Ticks from its first enter to its last close.
    pub(crate) duration: u64,
    is_slowest: bool,
    /// It was slow, and nobody has taken it yet.
    is_waiting: bool,
}

/// How many operations are missing, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Too many were open at once, or there was no memory.
    pub(crate) not_followed: u64,
    /// Slow ones that came faster than they were taken.
    pub(crate) not_taken: u64,
}

/// The operations that are kept, and captures for those to come.
#[derive(Debug)]
pub(crate) struct Kept {
    wanted: Wanted,
    /// What a tick is: it is not asked for the time.
    unit: Clock,
    pub(crate) budget: Budget,
    /// Whether time is taken.
    pub(crate) is_taking: bool,
    /// Boxed, as operations have them.
    #[expect(clippy::vec_box, reason = "a box that is there needs no memory")]
    spare: Vec<Box<Capture>>,
    pub(crate) followed: usize,
    /// In the order of their ends.
    ended: Vec<Ended>,
    rolling: Rolling,
    pub(crate) classes: Classes,
    pub(crate) counted: Counted,
    pub(crate) heatmap: Columns,
    numbered: u64,
    pub(crate) missing: Missing,
}

impl Kept {
    /// What the system counts for operations goes to `counted`.
    pub(crate) fn new(wanted: Wanted, counted: Counted, unit: Clock) -> Self {
        Self {
            wanted,
            unit,
            budget: Budget::new(STRETCHES),
            is_taking: false,
            spare: Vec::new(),
            followed: 0,
            ended: Vec::new(),
            rolling: Rolling::new(),
            classes: Classes::default(),
            counted,
            heatmap: Columns::default(),
            numbered: 0,
            missing: Missing::default(),
        }
    }

    /// Whether operations are wanted by themselves at all.
    #[inline]
    pub(crate) fn wants(&self) -> bool {
        self.wanted.any()
    }

    /// What follows an operation that begins now, if anything does.
    pub(crate) fn begin(&mut self) -> Option<Box<Capture>> {
        if !self.wanted.any() || !self.is_taking {
            return None;
        }
        let capture = if self.followed < MOST_FOLLOWED { self.spare() } else { None };
        match capture {
            Some(_) => self.followed += 1,
            None => {
                self.missing.not_followed += 1;
                self.classes.left_out += u64::from(self.wanted.classes);
            }
        }
        capture
    }

    fn spare(&mut self) -> Option<Box<Capture>> {
        let capture = self.spare.pop();
        capture.or_else(|| try_box(Capture::new()))
    }

    /// Takes back a capture of an operation that did not begin, or is recorded no further.
    pub(crate) fn give_back(&mut self, capture: Box<Capture>) {
        self.followed = self.followed.saturating_sub(1);
        self.recycle(capture);
    }

    fn recycle(&mut self, mut capture: Box<Capture>) {
        if self.spare.len() < MOST_SPARE && self.spare.try_reserve(1).is_ok() {
            capture.clear(&mut self.budget);
            self.spare.push(capture);
        } else {
            capture.shrink(&mut self.budget);
        }
    }

    /// The operation of that root, which a capture followed, has ended now.
    // A function by itself, which the instructions bench counts.
    #[inline(never)]
    pub(crate) fn end(&mut self, capture: Box<Capture>, root: NodeId, now: u64) {
        let duration = capture.duration().filter(|_| self.is_taking);
        let Some(duration) = duration else { return self.give_back(capture) };
        self.followed = self.followed.saturating_sub(1);
        if self.wanted.classes {
            let nanos = self.unit.nanos(duration);
            if self.classes.add(&capture.tree, nanos).is_some() {
                self.heatmap.add(root, self.unit.nanos(now), nanos);
                // Where there is no room it is missing in the percentiles of its class alone.
                let _ = self.counted.add(root, Class::of(nanos), &capture.tree);
            }
        }
        let mut is_waiting = self.is_slow(duration);
        if is_waiting && self.ended.iter().filter(|ended| ended.is_waiting).count() >= MOST_WAITING
        {
            self.missing.not_taken += 1;
            is_waiting = false;
        }
        let slower = |ended: &&Ended| ended.is_slowest && ended.duration >= duration;
        let is_slowest = self.ended.iter().filter(slower).count() < self.wanted.slowest;
        if !is_slowest && !is_waiting {
            return self.recycle(capture);
        }
        if self.ended.try_reserve(1).is_err() {
            self.missing.not_followed += 1;
            return self.recycle(capture);
        }
        self.numbered += 1;
        let number = self.numbered;
        self.ended.push(Ended { number, capture, duration, is_slowest, is_waiting });
        self.drop_loser();
    }

    /// Of one too many among the slowest the least slow goes, and of several such the
    /// latest.
    fn drop_loser(&mut self) {
        let slowest = || self.ended.iter().enumerate().filter(|(_, ended)| ended.is_slowest);
        if slowest().count() > self.wanted.slowest
            && let Some((at, _)) = slowest().rev().min_by_key(|(_, ended)| ended.duration)
            && let Some(loser) = self.ended.get_mut(at)
        {
            loser.is_slowest = false;
            if !loser.is_waiting {
                let Ended { capture, .. } = self.ended.remove(at);
                self.recycle(capture);
            }
        }
    }

    fn is_slow(&mut self, duration: u64) -> bool {
        match self.wanted.slow {
            None => false,
            Some(Slow::P99) => self.rolling.is_long(duration),
            Some(Slow::From(least)) => u128::from(self.unit.nanos(duration)) >= least.as_nanos(),
        }
    }

    /// The slowest operations so far, the slowest first.
    pub(crate) fn slowest(&self) -> Vec<&Ended> {
        let mut slowest: Vec<_> = self.ended.iter().filter(|ended| ended.is_slowest).collect();
        // Stable: of several that took as long the earliest comes first.
        slowest.sort_by_key(|ended| std::cmp::Reverse(ended.duration));
        slowest
    }

    /// What `take` makes of the slow operations since this was asked last, in the order of
    /// their ends.
    pub(crate) fn take_slow<T>(&mut self, mut take: impl FnMut(&Ended) -> T) -> Vec<T> {
        let mut taken = Vec::new();
        for ended in self.ended.iter_mut().filter(|ended| ended.is_waiting) {
            taken.push(take(ended));
            ended.is_waiting = false;
        }
        let (kept, others) =
            std::mem::take(&mut self.ended).into_iter().partition(|e| e.is_slowest);
        self.ended = kept;
        others.into_iter().for_each(|ended: Ended| self.recycle(ended.capture));
        taken
    }
}

/// Durations of different length that are told apart.
const BUCKETS: usize = 496;
/// How many durations count in full; older ones count by halves.
const LATEST: u32 = 4_096;
/// How many durations there must be before any is called long.
const LEAST: u32 = 100;

/// The latest durations, by the recorder's buckets, and their 99th percentile.
#[derive(Debug)]
pub(crate) struct Rolling {
    counts: Vec<u32>,
    all: u32,
}

impl Rolling {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; BUCKETS], all: 0 }
    }

    /// Whether a duration is longer than 99 of 100 of those before it, as far as
    /// buckets tell; then adds it to them.
    pub(crate) fn is_long(&mut self, ticks: u64) -> bool {
        let bucket = Bucket::of(ticks);
        let (bucket, long) = (bucket.number(), self.all >= LEAST && self.is_above(bucket.number()));
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
            self.all = self.all.saturating_add(1);
        }
        if self.all >= LATEST {
            self.forget_half();
        }
        long
    }

    /// Whether at most one in a hundred is in this bucket or above it.
    fn is_above(&self, bucket: usize) -> bool {
        let above = self.counts.get(bucket..).unwrap_or_default();
        let above = above.iter().fold(0_u64, |sum, count| sum.saturating_add(u64::from(*count)));
        above.saturating_mul(100) <= u64::from(self.all)
    }

    fn forget_half(&mut self) {
        self.counts.iter_mut().for_each(|count| *count /= 2);
        self.all = self.counts.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_is_long_once_there_are_enough() {
        let mut rolling = Rolling::new();
        let mut long = |range: std::ops::Range<u64>| -> Vec<u64> {
            range
                .map(|i| 1_000 + 100_000 * u64::from(i % 200 == 99))
                .filter(|t| rolling.is_long(*t))
                .collect()
        };
        assert_eq!(long(0..100), [0; 0], "too few are known");
        assert_eq!(long(100..2_000), [101_000; 9]);
    }

    #[test]
    fn what_is_usual_changes_with_time() {
        let mut rolling = Rolling::new();
        (0..10_000).for_each(|_| _ = rolling.is_long(1_000));
        assert!(rolling.is_long(50_000));
        let long = (0..20_000).filter(|_| rolling.is_long(50_000)).count();
        assert!((1..100).contains(&long), "{long}");
        assert!(!rolling.is_long(50_000));
    }
}
