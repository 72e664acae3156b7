//! How long the calls of a node took: how many took about so long.
//!
//! Each power of two of ticks is cut into eight buckets of one width, so that a
//! bucket is at most an eighth as wide as its smallest value is long:
//!
//! ```text
//! ticks   0 1 2 .. 15 | 16-17 18-19 .. 30-31 | 32-35 .. 60-63 | 64-71 ..
//! width      1        |          2           |       4        |    8
//! ```
//!
//! A call is told by the last value of its bucket. From 16 ticks on, a bucket of
//! width `2^k` begins at `8 * 2^k` or later, so for a call of `v` ticks the last
//! value is between `v` and `v + 2^k - 1 < v + v / 8`: never too short, and too
//! long by less than 12.5 %. Below 16 ticks it is exact.
//!
//! A node keeps the buckets from its shortest call's to its longest one's side by side, of
//! eight bytes each: spans of one stack take much the same time.

use crate::packed::Numbers;

/// The power of two that a power of two is cut into.
const CUT: u32 = 3;
/// A bucket's number, in ascending order of their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bucket(u32);

impl Bucket {
    /// The bucket of a value.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "a bit at or above `CUT` is set")]
    pub(crate) fn of(ticks: u64) -> Self {
        let shift = (63 - CUT) - (ticks | (1 << CUT)).leading_zeros();
        Self((shift << CUT).wrapping_add((ticks >> shift) as u32))
    }

    /// The largest value of the bucket.
    pub(crate) fn last(self) -> u64 {
        let (steps, within) = (self.0 >> CUT, u64::from(self.0) & ((1 << CUT) - 1));
        match steps.checked_sub(1) {
            None => within,
            // The very last bucket ends where 64 bits do.
            Some(shift) => (within.wrapping_add((1 << CUT) + 1) << shift).wrapping_sub(1),
        }
    }

    /// Its place among all buckets, of which there are 496.
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }
}

/// Calls that have ended, by how long they took.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// The number of the first bucket.
    first: u32,
    calls: Vec<u64>,
}

impl Histogram {
    /// Counts a call. Where there is no memory for its bucket, it is missing in the
    /// percentiles.
    #[inline]
    pub(crate) fn add(&mut self, ticks: u64) {
        let bucket = Bucket::of(ticks);
        let at = bucket.0.wrapping_sub(self.first) as usize;
        match self.calls.get_mut(at) {
            Some(calls) => *calls += 1,
            None => self.add_beside(bucket),
        }
    }

    /// Counts a call of a bucket that is not among those so far.
    #[cold]
    fn add_beside(&mut self, bucket: Bucket) {
        if self.calls.is_empty() {
            self.first = bucket.0;
        }
        let below = self.first.saturating_sub(bucket.0) as usize;
        let length = (bucket.0.saturating_sub(self.first) as usize + 1).max(self.calls.len());
        if self.calls.try_reserve(below + length - self.calls.len()).is_err() {
            return;
        }
        self.calls.resize(length, 0);
        self.calls.splice(0..0, std::iter::repeat_n(0, below));
        self.first -= below as u32;
        if let Some(calls) = self.calls.get_mut((bucket.0 - self.first) as usize) {
            *calls += 1;
        }
    }

    /// A copy, where there is memory for it.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        let mut calls = Vec::new();
        calls.try_reserve_exact(self.calls.len()).ok()?;
        calls.extend_from_slice(&self.calls);
        Some(Self { first: self.first, calls })
    }

    /// The calls so far, in the memory of others.
    pub(crate) fn counts_into(&self, counts: &mut Counts) {
        let all = (self.first..).map(Bucket).zip(self.calls.iter().copied());
        counts.clear();
        counts.0.extend(all.filter(|(_, calls)| *calls > 0));
    }

    #[cfg(test)]
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.counts_into(&mut counts);
        counts
    }
}

/// Calls by bucket, read: those that have some, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(Vec<(Bucket, u64)>);

impl Counts {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All calls together.
    pub(crate) fn calls(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, calls)| sum.saturating_add(*calls))
    }

    /// The highest bucket with a call.
    pub(crate) fn top(&self) -> Option<Bucket> {
        self.0.last().map(|(bucket, _)| *bucket)
    }

    /// No calls, in the same memory.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many buckets have calls, and each with them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        let buckets = self.0.iter().flat_map(|(bucket, calls)| [bucket.0.into(), *calls]);
        std::iter::once(self.0.len() as u64).chain(buckets)
    }

    pub(super) fn of_numbers(numbers: &mut Numbers<'_>) -> Self {
        let buckets = numbers.take();
        Self((0..buckets).map(|_| (Bucket(numbers.take() as u32), numbers.take())).collect())
    }

    /// Adds one call.
    pub(crate) fn add(&mut self, ticks: u64) {
        self.add_calls(Bucket::of(ticks), 1);
    }

    fn add_calls(&mut self, bucket: Bucket, calls: u64) {
        match self.0.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = known.saturating_add(calls);
                }
            }
            Err(at) => self.0.insert(at, (bucket, calls)),
        }
    }

    /// Both together.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
        } else if !other.0.is_empty() {
            self.0 = self.zip(other, u64::saturating_add);
        }
    }

    /// What came after `earlier`; saturating, as all of a snapshot.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.zip(earlier, u64::saturating_sub);
        counts.retain(|(_, calls)| *calls > 0);
        Self(counts)
    }

    fn zip(&self, other: &Self, each: impl Fn(u64, u64) -> u64) -> Vec<(Bucket, u64)> {
        let (mut ours, mut theirs) = (&self.0[..], &other.0[..]);
        let mut zipped = Vec::with_capacity(ours.len().max(theirs.len()));
        while let Some(bucket) = ours.first().into_iter().chain(theirs.first()).map(|c| c.0).min() {
            let next = |counts: &mut &[(Bucket, u64)]| match counts.split_first() {
                Some(((at, calls), rest)) if *at == bucket => {
                    *counts = rest;
                    *calls
                }
                _ => 0,
            };
            let (a, b) = (next(&mut ours), next(&mut theirs));
            zipped.push((bucket, each(a, b)));
        }
        zipped
    }

    /// Each bucket's largest value, and its calls.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(bucket, calls)| (bucket.last(), *calls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values at and around every place where a bucket may begin.
    fn telling() -> impl Iterator<Item = u64> {
        let eighths = (0..64).flat_map(|bit| (0..8).map(move |n| (1_u64 << bit) / 8 * n));
        let edges = (0..64).zip(std::iter::repeat(eighths.collect::<Vec<_>>()));
        edges.flat_map(|(bit, eighths)| {
            let starts = eighths.into_iter().map(move |e| (1_u64 << bit).wrapping_add(e));
            starts.flat_map(|v| [v.wrapping_sub(1), v, v.wrapping_add(1)])
        })
    }

    #[test]
    fn a_bucket_tells_a_value_never_too_short_and_less_than_an_eighth_too_long() {
        // Splitmix64: any values between the telling ones.
        let mut state = 1_u64;
        let any = std::iter::repeat_with(|| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed >> (state % 64)
        });
        for value in telling().chain(any.take(100_000)).chain([0, u64::MAX]) {
            let told = Bucket::of(value).last();
            assert!(told >= value, "{value} is told as {told}");
            let off = u128::from(told - value);
            assert!(off == 0 || off * 8 < u128::from(value), "{value} is told as {told}");
            if value < 16 {
                assert_eq!(told, value);
            }
        }
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let mut value = 0_u64;
        for number in 0_u32.. {
            assert_eq!(Bucket::of(value), Bucket(number));
            match Bucket(number).last().checked_add(1) {
                Some(next) => value = next,
                None => return assert_eq!(number, 495),
            }
        }
    }

    #[test]
    fn what_is_read_subtracts_and_adds_up_again() {
        let mut histogram = Histogram::default();
        [1_000, 5, 5].into_iter().for_each(|ticks| histogram.add(ticks));
        let earlier = histogram.counts();
        [5, 70, 1 << 40].into_iter().for_each(|ticks| histogram.add(ticks));
        let mut between = histogram.counts().since(&earlier);
        assert_eq!(between.iter().collect::<Vec<_>>(), [(5, 1), (71, 1), ((9 << 37) - 1, 1)]);
        between.merge(&earlier);
        assert_eq!(between, histogram.counts());
        assert_eq!(between.calls(), 6);
    }

    #[test]
    fn calls_are_counted_in_whatever_order_their_lengths_come() {
        let all: Vec<u64> = telling().step_by(7).collect();
        let (mut histogram, mut counts) = (Histogram::default(), Counts::default());
        // A walk that goes to and fro.
        for at in 0..all.len() {
            let ticks = all[at * 389 % all.len()];
            histogram.add(ticks);
            counts.add(ticks);
        }
        assert_eq!(histogram.counts(), counts);
        assert_eq!(counts.calls(), all.len() as u64);
    }
}
