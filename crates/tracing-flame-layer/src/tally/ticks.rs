//! A node's numbers.

use crate::packed::Numbers;

/// Bits of a share below the tick. Where `n` share, what is not given out yet is
/// less than `n / 64` of a tick; a counter wraps after 2⁵⁸ ticks, 3 years at 3 GHz.
const FRACTION: u32 = 6;

/// Whole ticks in the unit of shares.
#[inline]
pub(crate) fn share_of(ticks: u64) -> u64 {
    ticks << FRACTION
}

/// Shares in ticks, to the nearest one.
pub(crate) fn ticks_of(share: u64) -> u64 {
    share.saturating_add(1 << (FRACTION - 1)) >> FRACTION
}

/// What was measured at a node, times in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub(crate) calls: u64,
    pub(crate) started: u64,
    pub(crate) enters: u64,
    /// In the unit of shares.
    pub(crate) wall: u64,
    /// In the unit of shares.
    pub(crate) awaited: u64,
    pub(crate) busy: u64,
    pub(crate) entered: u64,
    pub(crate) latency: u64,
}

impl Ticks {
    /// Whether nothing was measured.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn numbers(&self) -> [u64; 8] {
        let Self { calls, started, enters, wall, awaited, busy, entered, latency } = *self;
        [calls, started, enters, wall, awaited, busy, entered, latency]
    }

    pub(super) fn of_numbers(numbers: &mut Numbers<'_>) -> Self {
        let [calls, started, enters, wall, awaited, busy, entered, latency] =
            std::array::from_fn(|_| numbers.take());
        Self { calls, started, enters, wall, awaited, busy, entered, latency }
    }

    /// Adds what was measured elsewhere at the same node.
    #[inline]
    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.started += other.started;
        self.enters += other.enters;
        self.wall += other.wall;
        self.awaited += other.awaited;
        self.busy += other.busy;
        self.entered += other.entered;
        self.latency += other.latency;
    }

    /// The sum of two parts measured in different windows.
    pub(crate) fn merge(&mut self, other: &Self) {
        *self = self.each(other, u64::saturating_add);
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        self.each(earlier, u64::saturating_sub)
    }

    fn each(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            calls: of(self.calls, other.calls),
            started: of(self.started, other.started),
            enters: of(self.enters, other.enters),
            wall: of(self.wall, other.wall),
            awaited: of(self.awaited, other.awaited),
            busy: of(self.busy, other.busy),
            entered: of(self.entered, other.entered),
            latency: of(self.latency, other.latency),
        }
    }
}
