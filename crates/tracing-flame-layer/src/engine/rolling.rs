//! A percentile of the latest durations.

use crate::tally::Bucket;

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
