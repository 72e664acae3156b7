//! Calls by how long they took.

/// Calls by their latency, in buckets.
///
/// Each bucket is told by a latency that none of its calls exceeds. The
/// recorder's buckets are narrow enough that such a latency is less than 12.5 %
/// too long (and, where a tick is shorter than a nanosecond, up to one
/// nanosecond more).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<(u64, u64)>,
}

impl Histogram {
    /// A histogram without calls.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Each bucket's longest latency in nanoseconds and its calls, in ascending
    /// order, buckets without calls left out.
    #[must_use]
    pub fn buckets(&self) -> &[(u64, u64)] {
        &self.buckets
    }

    /// How many calls there are.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, (_, calls)| sum.saturating_add(*calls))
    }

    /// A latency in nanoseconds that at least so many per cent of the calls do
    /// not exceed, the shortest that is known; `None` without calls. More than
    /// 100 per cent are taken for 100.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        let all: u128 = self.buckets.iter().map(|(_, calls)| u128::from(*calls)).sum();
        let wanted = all * u128::from(percent.min(100));
        let mut passed = 0_u128;
        let reached = self.buckets.iter().find(|(_, calls)| {
            passed += u128::from(*calls);
            passed * 100 >= wanted
        });
        reached.map(|(nanos, _)| *nanos)
    }

    /// Adds the calls of another.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.is_empty() {
            self.buckets.clone_from(&other.buckets);
        } else {
            let ours = std::mem::take(&mut self.buckets);
            *self = ours.into_iter().chain(other.buckets.iter().copied()).collect();
        }
    }
}

/// From buckets in any order, each its longest latency in nanoseconds and its
/// calls.
impl FromIterator<(u64, u64)> for Histogram {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(buckets: I) -> Self {
        let mut buckets: Vec<(u64, u64)> =
            buckets.into_iter().filter(|(_, calls)| *calls > 0).collect();
        buckets.sort_unstable();
        buckets.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        Self { buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_latency_that_so_many_calls_do_not_exceed() {
        let histogram: Histogram = [(30, 1), (10, 50), (20, 49)].into_iter().collect();
        let percentiles = [0, 1, 50, 51, 99, 100, 200].map(|p| histogram.percentile(p).unwrap());
        assert_eq!(percentiles, [10, 10, 10, 20, 20, 30, 30]);
        assert_eq!(Histogram::new().percentile(50), None);
    }

    #[test]
    fn merging_adds_calls_of_one_bucket() {
        let mut histogram: Histogram = [(10, 1), (20, 2), (10, u64::MAX)].into_iter().collect();
        histogram.merge(&[(15, 1), (20, 1), (5, 0)].into_iter().collect());
        assert_eq!(histogram.buckets(), [(10, u64::MAX), (15, 1), (20, 3)]);
        assert_eq!(histogram.percentile(100), Some(20));
    }
}
