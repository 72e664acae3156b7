//! How long spans wait from their creation to their first enter.

/// Waits at a node, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waits {
    pub(crate) sum: u64,
    /// The longest, or an upper bound of it.
    pub(crate) max: u64,
}

impl Waits {
    /// Counts a wait that is over.
    pub(crate) fn add(&mut self, ticks: u64) {
        self.merge(&Self { sum: ticks, max: ticks });
    }

    /// What came after `earlier`. The longest is exact where it is the longest so
    /// far.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let sum = self.sum.saturating_sub(earlier.sum);
        let max = if self.max > earlier.max { self.max } else { self.max.min(sum) };
        Self { sum, max }
    }

    /// Adds another window.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_of_a_window_is_never_told_too_short() {
        let at = |sum, max| Waits { sum, max };
        assert_eq!(at(90, 50).since(&at(30, 20)), at(60, 50), "the longest so far");
        assert_eq!(at(50, 20).since(&at(30, 20)), at(20, 20));
        assert_eq!(at(35, 20).since(&at(30, 20)), at(5, 5), "no longer than all together");
    }
}
