//! One thread: its state, its counters, and where its open spans stand.

use std::{cell::Cell, marker::PhantomData, sync::Arc};

use super::{
    biased::{Biased, Door, Own},
    cell::Cells,
    children::Children,
    counted::Counted,
    operation::{Bill, ThreadKey},
    paths::PathId,
    pooled::Pooled,
    state::State,
    sync::{AtomicBool, Ordering::Relaxed},
    table::Table,
    threads::{Threads, home},
};

/// What a thread and those that look at it share. Kept for a later thread once
/// the thread has ended.
///
/// Far enough from the next one that no two share a line of the cache.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct ThreadRecord {
    /// First, so that its door's address is the record's.
    pub(crate) state: Biased<Owned>,
    pub(crate) key: ThreadKey,
    pub(crate) table: Table,
    /// Whether the thread has a lease, as far as it knows: another one may have ended
    /// it.
    leases: AtomicBool,
    /// Whether a capture follows the thread's own operation, as far as the thread
    /// knows: another one may have taken it.
    follows: AtomicBool,
    /// Written by the thread, in its section.
    pub(crate) cells: Cells,
    /// Written by snapshots, one at a time: what was running when they looked.
    pub(crate) billed: Cells,
}

/// What is reached in the thread's section only.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) state: State,
    pub(crate) children: Children,
    /// The home of the id that was settled last.
    settled: usize,
}

impl Owned {
    /// Lets other threads guess who made an id.
    #[inline]
    pub(crate) fn settle(&mut self, id: u64, maker: ThreadKey, threads: &Threads) {
        if self.settled != home(id) {
            self.settled = home(id);
            threads.settle(id, maker);
        }
    }
}

/// No id's home.
const NOWHERE: usize = usize::MAX;

impl ThreadRecord {
    /// `None` where there is no memory.
    pub(crate) fn try_new(key: ThreadKey, lock: Lock, pooled: &Arc<Pooled>) -> Option<Self> {
        let cells = Cells::try_new(pooled)?;
        let (state, children) = (State::try_new(&cells)?, Children::try_new()?);
        let owned = Owned { state, children, settled: NOWHERE };
        Some(Self {
            state: Biased::new(owned, lock.key, lock.quick),
            key,
            leases: AtomicBool::new(false),
            follows: AtomicBool::new(false),
            table: Table::try_new()?,
            cells,
            billed: Cells::try_new(pooled)?,
        })
    }

    /// Remembers whether the thread has a lease; whoever holds the section calls it,
    /// and the thread alone to say that it has.
    pub(super) fn set_has_lease(&self, leases: bool) {
        // Relaxed: a thread that still reads of a lease takes the longer way once.
        self.leases.store(leases, Relaxed);
    }

    /// Whether the thread has a lease, as far as it knows.
    pub(super) fn has_lease(&self) -> bool {
        self.leases.load(Relaxed)
    }

    /// Remembers whether the thread's own operation is followed; whoever holds the
    /// section calls it, and the thread alone to say that it is.
    pub(crate) fn follows(&self, follows: bool) {
        // Relaxed: who reads too much of it walks in at the door that is not as quick.
        self.follows.store(follows, Relaxed);
    }

    /// Whether the thread's own operation is followed, as far as it knows.
    pub(crate) fn is_following(&self) -> bool {
        self.follows.load(Relaxed)
    }

    /// The record behind a door and its section, where the calling thread can walk
    /// in at once with a recorder's number.
    ///
    /// # Safety
    ///
    /// The door is of nothing; or it is the first field of a record that the
    /// calling thread has claimed and is not inside, and the pointer is good for all
    /// of that.
    #[inline]
    pub(super) unsafe fn own_at_once<'a>(
        door: *const Door,
        number: &u64,
    ) -> Option<(&'a Self, Own<'a, Owned>)> {
        // SAFETY: the door is there, in a record or not.
        if !unsafe { &*door }.walk_in(number) {
            return None;
        }
        // SAFETY: nothing has no key, so it is a record, of which the door is the
        // first field, and its owner has walked in.
        unsafe {
            let record = &*door.cast::<Self>();
            Some((record, record.state.walked_in()))
        }
    }
}

/// How the records of a recorder are locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock {
    /// The recorder's number.
    pub(crate) key: u64,
    /// Whether threads may walk in at once.
    pub(crate) quick: bool,
}

/// A thread's claim to be the owner of its record. There is one a record; it
/// stays on its thread.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) record: Counted<ThreadRecord>,
    not_sync: PhantomData<Cell<()>>,
}

impl Local {
    /// Claims a record, which nobody else has claimed.
    pub(super) fn claim(record: Counted<ThreadRecord>) -> Self {
        let local = Self { record, not_sync: PhantomData };
        if let Some(mut own) = local.section() {
            own.settled = NOWHERE;
        }
        local
    }

    /// The thread's section; `None` within itself.
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
