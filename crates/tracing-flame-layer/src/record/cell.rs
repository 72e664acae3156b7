//! What one thread has measured at one node.

use std::ptr::NonNull;

use super::{
    histogram::Histogram,
    paged::Paged,
    paths::PathId,
    sync::{AtomicU64, Ordering::Relaxed},
    ticks::{Ticks, share_of},
};

/// Counters that one thread writes and any thread may read, in ticks where they
/// are times.
///
/// One writer at a time, so adding needs no read-modify-write. Relaxed
/// throughout: each counter is read for its own value.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Spans created.
    pub(crate) calls: Counter,
    /// Spans entered for the first time.
    pub(crate) started: Counter,
    /// Spans entered again.
    pub(crate) reentered: Counter,
    /// Busy time in an operation that one thread had to itself: wall time too.
    pub(crate) alone: Counter,
    /// Busy time in an operation that shares its time out otherwise.
    pub(crate) beside: Counter,
    /// Shares of wall time while working in such an operation, in their unit.
    pub(crate) shared: Counter,
    /// Wall time while pending, in the unit of shares.
    pub(crate) awaited: Counter,
    /// Enter-to-exit time.
    pub(crate) entered: Counter,
    /// First enter to close.
    pub(crate) latency: Counter,
    pub(crate) max_latency: Counter,
    /// Calls that have ended, by latency.
    pub(crate) latencies: Histogram,
}

/// A number with one writer.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds; only the writer may call it.
    #[inline]
    pub(crate) fn add(&self, amount: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(amount), Relaxed);
    }

    /// Raises to `value` if that is more; only the writer may call it.
    #[inline]
    pub(crate) fn raise(&self, value: u64) {
        if value > self.0.load(Relaxed) {
            self.0.store(value, Relaxed);
        }
    }

    /// Back to nought. Beside a running writer the last raise may survive.
    pub(crate) fn clear(&self) {
        self.0.store(0, Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Cell {
    /// Counts a span that has ended, so many ticks after its first enter. A
    /// snapshot may have counted all but the `rest` of them.
    #[inline]
    pub(crate) fn end_call(&self, latency: u64, rest: u64) {
        self.latency.add(rest);
        self.latencies.add(latency);
        self.max_latency.raise(latency);
    }

    /// Whether anything was counted: `ticks`, which were read, or calls that ended
    /// here, whose time may all stand elsewhere.
    pub(crate) fn has_counted(&self, ticks: &Ticks) -> bool {
        !ticks.is_zero() || self.latencies.has_calls()
    }

    pub(crate) fn read(&self) -> Ticks {
        Ticks {
            calls: self.calls.get(),
            started: self.started.get(),
            enters: self.started.get().wrapping_add(self.reentered.get()),
            wall: share_of(self.alone.get()).wrapping_add(self.shared.get()),
            awaited: self.awaited.get(),
            busy: self.alone.get().wrapping_add(self.beside.get()),
            entered: self.entered.get(),
            latency: self.latency.get(),
        }
    }

    /// Adds what another cell has, and empties that one; only a moment without
    /// writers allows it.
    pub(crate) fn take_from(&self, other: &Self) {
        for (to, from) in [
            (&self.calls, &other.calls),
            (&self.started, &other.started),
            (&self.reentered, &other.reentered),
            (&self.alone, &other.alone),
            (&self.beside, &other.beside),
            (&self.shared, &other.shared),
            (&self.awaited, &other.awaited),
            (&self.entered, &other.entered),
            (&self.latency, &other.latency),
        ] {
            to.add(from.get());
            from.clear();
        }
        self.max_latency.raise(other.max_latency.get());
        other.max_latency.clear();
        self.latencies.take_from(&other.latencies);
    }
}

/// A thread's counters, by node.
#[derive(Debug)]
pub(crate) struct Cells(Paged<Cell>);

impl Cells {
    pub(crate) fn new() -> Self {
        Self(Paged::new())
    }

    /// The counters of a node, for their writer.
    #[inline]
    pub(crate) fn at(&self, node: PathId) -> Option<&Cell> {
        self.0.get_or_make(node.index())
    }

    /// The counters of a node, for as long as the table lives.
    pub(crate) fn pin(&self, node: PathId) -> Option<PinnedCell> {
        self.at(node).map(|cell| PinnedCell(NonNull::from(cell)))
    }

    /// The counters that were pinned.
    #[inline]
    pub(crate) fn pinned(&self, cell: PinnedCell) -> &Cell {
        // SAFETY: pins are made by `pin` alone, and a thread's state keeps only
        // those of its own record's table (`ThreadRecord::cells`), which neither
        // moves nor drops an entry before the record itself.
        unsafe { cell.0.as_ref() }
    }

    /// Every node's counters.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PathId, &Cell)> {
        self.0.iter().map(|(index, cell)| (PathId(index as u32), cell))
    }
}

/// Where a node's counters are, without another look-up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PinnedCell(NonNull<Cell>);

// SAFETY: a pin is an address; it is followed through its table only, and cells
// may be read and written from any thread.
unsafe impl Send for PinnedCell {}
