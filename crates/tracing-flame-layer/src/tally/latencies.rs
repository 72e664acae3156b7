//! How long the calls of a node took, as a snapshot reads it.

use super::histogram::{Bucket, Counts, Histogram};
use crate::packed::Numbers;

/// Latencies of calls, from the first enter to the close, in ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Latencies {
    ended: Counts,
    /// Of those that ended, all together.
    pub(crate) sum_ended: u64,
    max_ended: u64,
    /// Calls open at the snapshot, with their latency so far.
    open: Counts,
    max_open: u64,
    /// Calls open when the window began.
    pub(crate) open_before: u64,
    /// The longest of those that ended was subtracted, and is known by its
    /// bucket only.
    is_bound: bool,
}

impl Latencies {
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        let few =
            [self.sum_ended, self.max_ended, self.is_bound.into(), self.max_open, self.open_before];
        few.into_iter().chain(self.ended.numbers()).chain(self.open.numbers())
    }

    pub(super) fn of_numbers(numbers: &mut Numbers<'_>) -> Self {
        let [sum_ended, max_ended, is_bound, max_open, open_before] =
            std::array::from_fn(|_| numbers.take());
        let (ended, open) = (Counts::of_numbers(numbers), Counts::of_numbers(numbers));
        Self { ended, sum_ended, max_ended, open, max_open, open_before, is_bound: is_bound > 0 }
    }

    /// Calls that have ended, their sum and the longest of them, and calls that are open with
    /// what they took so far, in the memory of others.
    pub(crate) fn set(
        &mut self,
        ended: &Histogram,
        (sum_ended, max_ended): (u64, u64),
        open: impl Iterator<Item = u64>,
    ) {
        let Self { ended: counts, open: open_counts, .. } = self;
        ended.counts_into(counts);
        open_counts.clear();
        (self.sum_ended, self.max_ended, self.max_open) = (sum_ended, max_ended, 0);
        open.for_each(|latency| self.add_open(latency));
    }

    /// Calls that have ended, and the longest of them.
    #[cfg(test)]
    pub(crate) fn of_ended(ended: &Histogram, max_ended: u64) -> Self {
        let mut latencies = Self::default();
        latencies.set(ended, (0, max_ended), std::iter::empty());
        latencies
    }

    /// Adds a call that is still open.
    pub(crate) fn add_open(&mut self, latency: u64) {
        self.open.add(latency);
        self.max_open = self.max_open.max(latency);
    }

    /// Whether there is no call.
    pub(crate) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.open.is_empty()
    }

    /// The longest latency, and whether it is only known to be no longer.
    pub(crate) fn max(&self) -> (u64, bool) {
        let is_bound = self.is_bound && self.max_ended > self.max_open;
        (self.max_ended.max(self.max_open), is_bound)
    }

    /// All calls: those that ended, and those still open.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.ended.clone();
        counts.merge(&self.open);
        counts
    }

    /// What came after `earlier`. The longest call of the window is known where
    /// it is the longest so far, else by its bucket; the latter too where the
    /// longest ones were `cleared` meanwhile.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self, cleared: bool) -> Self {
        let ended = self.ended.since(&earlier.ended);
        let is_longest = earlier.max_ended == 0 || self.max_ended > earlier.max_ended;
        let top = ended.top().map_or(0, Bucket::last);
        Self {
            max_ended: match (is_longest, cleared) {
                (_, true) => top,
                (true, false) => self.max_ended,
                (false, false) => top.min(self.max_ended),
            },
            is_bound: cleared || !is_longest || self.is_bound,
            sum_ended: self.sum_ended.saturating_sub(earlier.sum_ended),
            ended,
            open: self.open.clone(),
            max_open: self.max_open,
            open_before: earlier.open.calls().saturating_add(
                // Of stretches that began after `earlier`.
                self.open_before.saturating_sub(earlier.open_before),
            ),
        }
    }

    /// Forgets the calls that were still open.
    pub(crate) fn forget_open(&mut self) {
        self.open = Counts::default();
        self.max_open = 0;
    }

    /// Adds a later window of the same node. Calls that were open at the end of
    /// the earlier one have ended since, or are open at the end of the later.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.ended.merge(&later.ended);
        self.sum_ended = self.sum_ended.saturating_add(later.sum_ended);
        self.open.clone_from(&later.open);
        if self.max_open > self.max_ended {
            (self.max_ended, self.is_bound) = (self.max_open, false);
        }
        if later.max_ended > self.max_ended {
            (self.max_ended, self.is_bound) = (later.max_ended, later.is_bound);
        }
        self.max_open = later.max_open;
        self.open_before = self.open_before.saturating_add(later.open_before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls that have ended.
    #[derive(Default)]
    struct Calls(Histogram, u64);

    impl Calls {
        fn end(&mut self, ticks: u64) {
            self.0.add(ticks);
            self.1 = self.1.max(ticks);
        }

        fn read(&self) -> Latencies {
            Latencies::of_ended(&self.0, self.1)
        }
    }

    fn ended(ticks: u64) -> Calls {
        let mut calls = Calls::default();
        calls.end(ticks);
        calls
    }

    #[test]
    fn the_longest_call_of_all_time_is_exact_in_its_window() {
        let mut calls = ended(100);
        let earlier = calls.read();
        calls.end(1_001);
        assert_eq!(calls.read().since(&earlier, false).max(), (1_001, false));
    }

    #[test]
    fn a_shorter_one_of_a_later_window_is_known_by_its_bucket() {
        let mut calls = ended(5_000);
        let earlier = calls.read();
        [900, 1_001].into_iter().for_each(|ticks| calls.end(ticks));
        assert_eq!(calls.read().since(&earlier, false).max(), (1_023, true));
    }

    #[test]
    fn a_call_that_is_open_and_longer_is_exact_again() {
        let mut calls = ended(5_000);
        let earlier = calls.read();
        calls.end(1_001);
        let mut later = calls.read();
        later.add_open(2_000);
        let window = later.since(&earlier, false);
        assert_eq!(window.max(), (2_000, false));
        assert_eq!(window.counts().calls(), 2);
    }

    #[test]
    fn a_call_open_through_two_windows_is_one_call() {
        let mut first = Latencies::default();
        first.add_open(10);
        let mut second = Latencies::default();
        second.add_open(30);
        let window = second.since(&first, false);
        assert_eq!(window.open_before, 1);
        first.merge(&window);
        assert_eq!(first.counts().iter().collect::<Vec<_>>(), [(31, 1)]);
        assert_eq!(first.max(), (30, false));
    }
}
