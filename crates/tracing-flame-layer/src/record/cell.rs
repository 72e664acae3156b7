//! What one thread has measured at one node.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters that one thread writes and any thread may read.
///
/// One writer, so adding needs no read-modify-write. Relaxed throughout: each
/// counter is read for its own value; where a reader needs two to agree, the
/// [stack](super::stack) says when they do.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) calls: Counter,
    pub(crate) started: Counter,
    pub(crate) enters: Counter,
    pub(crate) wall: Counter,
    pub(crate) awaited: Counter,
    pub(crate) busy: Counter,
    pub(crate) entered: Counter,
    pub(crate) latency: Counter,
    pub(crate) max_latency: Counter,
}

/// A number with one writer.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds; only the owner may call it.
    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    /// Raises to `value` if that is more; only the owner may call it.
    #[inline]
    pub(crate) fn raise(&self, value: u64) {
        if value > self.0.load(Relaxed) {
            self.0.store(value, Relaxed);
        }
    }

    /// Back to nought. Beside a running owner the last raise may survive.
    pub(crate) fn clear(&self) {
        self.0.store(0, Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The same numbers as plain values, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticks {
    pub(crate) calls: u64,
    pub(crate) started: u64,
    pub(crate) enters: u64,
    pub(crate) wall: u64,
    pub(crate) awaited: u64,
    pub(crate) busy: u64,
    pub(crate) entered: u64,
    pub(crate) latency: u64,
    pub(crate) max_latency: u64,
}

impl Cell {
    pub(crate) fn read(&self) -> Ticks {
        Ticks {
            calls: self.calls.get(),
            started: self.started.get(),
            enters: self.enters.get(),
            wall: self.wall.get(),
            awaited: self.awaited.get(),
            busy: self.busy.get(),
            entered: self.entered.get(),
            latency: self.latency.get(),
            max_latency: self.max_latency.get(),
        }
    }

    /// Adds what another thread had measured; only the owner may call it.
    pub(crate) fn absorb(&self, other: &Ticks) {
        self.calls.add(other.calls);
        self.started.add(other.started);
        self.enters.add(other.enters);
        self.wall.add(other.wall);
        self.awaited.add(other.awaited);
        self.busy.add(other.busy);
        self.entered.add(other.entered);
        self.latency.add(other.latency);
        self.max_latency.raise(other.max_latency);
    }
}

impl Ticks {
    /// Whether nothing was measured.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything but the maximum was measured.
    pub(crate) fn has_gained(&self) -> bool {
        !Self { max_latency: 0, ..*self }.is_zero()
    }

    /// The sum of two parts measured on different threads or in different windows.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.started += other.started;
        self.enters += other.enters;
        self.wall += other.wall;
        self.awaited += other.awaited;
        self.busy += other.busy;
        self.entered += other.entered;
        self.latency += other.latency;
        self.max_latency = self.max_latency.max(other.max_latency);
    }

    /// What came after `earlier`. The maximum cannot be subtracted and stays.
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
            latency: self.latency.saturating_sub(earlier.latency),
            max_latency: self.max_latency,
        }
    }
}
