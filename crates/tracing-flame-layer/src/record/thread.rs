//! One thread as other threads see it.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::{
    cell::Cell,
    operation::{Bill, ThreadKey},
    paged::Paged,
    paths::PathId,
    stack::SharedStack,
    sync::{AtomicBool, Ordering::Relaxed},
};

/// A span that another thread closed while it was entered on this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Eviction {
    pub(crate) id: u64,
    /// Ticks at the close.
    pub(crate) at: u64,
}

/// What a thread shares with snapshots and with threads that close its spans.
#[derive(Debug)]
pub(crate) struct ThreadRecord {
    pub(crate) key: ThreadKey,
    pub(crate) name: Arc<str>,
    pub(crate) stack: SharedStack,
    pub(crate) cells: Cells,
    evictions: Mutex<Vec<Eviction>>,
    evicted: AtomicBool,
}

impl ThreadRecord {
    pub(crate) fn new(key: ThreadKey, name: Arc<str>) -> Self {
        Self {
            key,
            name,
            stack: SharedStack::new(),
            cells: Cells::new(),
            evictions: Mutex::default(),
            evicted: AtomicBool::new(false),
        }
    }

    /// Whether a span of this thread was closed by another one.
    ///
    /// Relaxed: whoever evicts holds the operation's lock, and so does a thread
    /// that must not miss it; everywhere else a late look does no harm.
    #[inline]
    pub(crate) fn is_evicted(&self) -> bool {
        self.evicted.load(Relaxed)
    }

    /// Tells the thread that a span it has entered is closed.
    pub(crate) fn evict(&self, eviction: Eviction) {
        let mut evictions = self.evictions.lock();
        evictions.push(eviction);
        self.evicted.store(true, Relaxed);
    }

    /// The evictions that the thread has yet to see; it waits while they are held.
    pub(crate) fn evictions(&self) -> MutexGuard<'_, Vec<Eviction>> {
        self.evictions.lock()
    }

    /// Hands the evictions over to the thread itself.
    pub(crate) fn take_evictions(&self, mut each: impl FnMut(Eviction)) {
        let mut evictions = self.evictions.lock();
        for eviction in evictions.drain(..) {
            each(eviction);
        }
        self.evicted.store(false, Relaxed);
    }
}

/// A thread's counters, by node.
#[derive(Debug)]
pub(crate) struct Cells(Paged<Cell>);

impl Cells {
    pub(crate) fn new() -> Self {
        Self(Paged::new())
    }

    /// The counters of a node, for their owner.
    #[inline]
    pub(crate) fn at(&self, node: PathId) -> Option<&Cell> {
        self.0.get_or_make(node.index())
    }

    /// The counters of a node, for a reader; `None` where nothing was counted.
    pub(crate) fn read(&self, node: PathId) -> Option<&Cell> {
        self.0.get(node.index())
    }

    /// Every node's counters.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PathId, &Cell)> {
        self.0.iter().map(|(index, cell)| (PathId(index as u32), cell))
    }
}

impl Bill for Cells {
    fn wall(&self, node: PathId, ticks: u64) {
        if let (true, Some(cell)) = (ticks > 0, self.at(node)) {
            cell.wall.add(ticks);
        }
    }

    fn awaited(&self, node: PathId, ticks: u64) {
        if let (true, Some(cell)) = (ticks > 0, self.at(node)) {
            cell.awaited.add(ticks);
        }
    }
}
