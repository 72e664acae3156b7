//! One thread: its state, its counters, and where its open spans stand.

use std::{cell::Cell, marker::PhantomData, sync::Arc};

use super::{
    biased::{Biased, Own},
    cell::{Cells, Counter},
    children::Children,
    operation::{Bill, ThreadKey},
    paths::PathId,
    state::State,
    table::Table,
    threads::{Threads, home},
};

/// What a thread and those that look at it share. Kept for a later thread once
/// the thread has ended.
#[derive(Debug)]
pub(crate) struct ThreadRecord {
    pub(crate) key: ThreadKey,
    pub(crate) state: Biased<Owned>,
    pub(crate) table: Table,
    /// Written by the thread, in its section.
    pub(crate) cells: Cells,
    /// Written by snapshots, one at a time: what was running when they looked.
    pub(crate) billed: Cells,
    /// Operations that came to life on this thread.
    pub(crate) begun: Counter,
}

/// What is reached in the thread's section only.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    pub(crate) state: State,
    pub(crate) children: Children,
}

impl ThreadRecord {
    pub(crate) fn new(key: ThreadKey) -> Self {
        Self {
            key,
            state: Biased::new(Owned::default()),
            table: Table::new(),
            cells: Cells::new(),
            billed: Cells::new(),
            begun: Counter::default(),
        }
    }
}

/// A thread's claim to be the owner of its record. There is one a record; it
/// stays on its thread.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) record: Arc<ThreadRecord>,
    /// The home of the id that was settled last.
    settled: Cell<usize>,
    not_sync: PhantomData<Cell<()>>,
}

impl Local {
    /// Claims a record, which nobody else has claimed.
    pub(super) fn claim(record: Arc<ThreadRecord>) -> Self {
        Self { record, settled: Cell::new(usize::MAX), not_sync: PhantomData }
    }

    /// Whether other threads can find out who made an id.
    #[inline]
    pub(crate) fn is_settled(&self, id: u64) -> bool {
        self.settled.get() == home(id)
    }

    /// Lets other threads find out who made an id.
    pub(crate) fn settle(&self, id: u64, threads: &Threads) {
        if !self.is_settled(id) {
            self.settled.set(home(id));
            threads.settle(id, self.record.key);
        }
    }

    /// The thread's section where it is free; `None` too within itself.
    #[inline]
    pub(crate) fn section_at_once(&self) -> Option<Own<'_, Owned>> {
        // SAFETY: as in `section`.
        unsafe { self.record.state.own_at_once() }
    }

    /// The thread's section; `None` within itself.
    #[inline]
    pub(crate) fn section(&self) -> Option<Own<'_, Owned>> {
        // SAFETY: `Threads` hands a record to one `Local` at a time, through a
        // lock, and a `Local` cannot be shared between threads.
        unsafe { self.record.state.own() }
    }
}

impl Bill for Cells {
    fn shared(&self, node: PathId, share: u64) {
        if let (true, Some(cell)) = (share > 0, self.at(node)) {
            cell.shared.add(share);
        }
    }

    fn awaited(&self, node: PathId, share: u64) {
        if let (true, Some(cell)) = (share > 0, self.at(node)) {
            cell.awaited.add(share);
        }
    }

    fn latency(&self, node: PathId, ticks: u64) {
        if let (true, Some(cell)) = (ticks > 0, self.at(node)) {
            cell.latency.add(ticks);
        }
    }
}
