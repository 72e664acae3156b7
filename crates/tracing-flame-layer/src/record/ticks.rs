//! A cell's numbers, read.

use super::paths::{PathId, Paths};
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

/// The whole enter-to-exit time of each node: what is counted as such, and what is
/// within it and all nodes below.
pub(crate) fn entered(paths: &Paths, of: impl Fn(PathId) -> Ticks) -> Vec<u64> {
    let mut entered = vec![0_u64; paths.len()];
    // Children have larger numbers than their parents: theirs have been added.
    for index in (0..entered.len()).rev() {
        let node = PathId(index as u32);
        let ticks = of(node);
        let Some(below) = entered.get_mut(index) else { continue };
        let within = below.saturating_add(ticks.within);
        *below = ticks.entered.saturating_add(within);
        let parent = paths.node(node).and_then(|path| path.parent);
        if let Some(parent) = parent.and_then(|parent| entered.get_mut(parent.index())) {
            *parent = parent.saturating_add(within);
        }
    }
    entered
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
    /// Enter-to-exit time, but for what is counted by `within`.
    pub(crate) entered: u64,
    /// What the enter-to-exit times of spans that were their thread's own have
    /// besides those of their children: see [`entered`].
    pub(crate) within: u64,
    pub(crate) latency: u64,
}

impl Ticks {
    /// Whether nothing was measured.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn numbers(&self) -> [u64; 9] {
        let Self { calls, started, enters, wall, awaited, busy, entered, within, latency } = *self;
        [calls, started, enters, wall, awaited, busy, entered, within, latency]
    }

    pub(super) fn of_numbers(numbers: &mut Numbers<'_>) -> Self {
        let [calls, started, enters, wall, awaited, busy, entered, within, latency] =
            std::array::from_fn(|_| numbers.take());
        Self { calls, started, enters, wall, awaited, busy, entered, within, latency }
    }

    /// The sum of two parts measured on different threads or in different windows.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.started = self.started.saturating_add(other.started);
        self.enters = self.enters.saturating_add(other.enters);
        self.wall = self.wall.saturating_add(other.wall);
        self.awaited = self.awaited.saturating_add(other.awaited);
        self.busy = self.busy.saturating_add(other.busy);
        self.entered = self.entered.saturating_add(other.entered);
        self.within = self.within.saturating_add(other.within);
        self.latency = self.latency.saturating_add(other.latency);
    }

    /// What came after `earlier`.
    ///
    /// Saturating: the parts of a snapshot of running threads are read some
    /// microseconds apart, so a counter may seem to run backwards by as much.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            started: self.started.saturating_sub(earlier.started),
            enters: self.enters.saturating_sub(earlier.enters),
            wall: self.wall.saturating_sub(earlier.wall),
            awaited: self.awaited.saturating_sub(earlier.awaited),
            busy: self.busy.saturating_sub(earlier.busy),
            entered: self.entered.saturating_sub(earlier.entered),
            within: self.within.saturating_sub(earlier.within),
            latency: self.latency.saturating_sub(earlier.latency),
        }
    }
}
