//! What all threads of one layer share.

use std::collections::HashSet;

use tracing::Metadata;

use super::{
    operation::ThreadKey,
    operations::Operations,
    overflow::Overflow,
    paths::{Bounds, PathId, Paths},
    queue::Queue,
    role::Roles,
    sync::{AtomicBool, AtomicU64, Mutex, Ordering::Relaxed, RwLock},
    table::Entry,
    thread::{Local, ThreadRecord},
    threads::Threads,
};
use crate::{Clock, profile::Troubles};

/// Everything recorded through one layer.
///
/// Locks are taken in this order, each kind at most once at a time: the threads'
/// lists, a thread's section, an operation, a shard of the overflow.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) clock: Clock,
    pub(crate) roles: Roles,
    /// Whether nothing is said about any span.
    pub(super) plain: bool,
    pub(crate) paths: Paths,
    pub(crate) operations: Operations,
    pub(crate) threads: Threads,
    pub(crate) trouble: TroubleCounts,
    /// Whether the layer is part of a subscriber.
    pub(crate) installed: AtomicBool,
    pub(super) overflow: Overflow,
    /// How long spans wait for their first enter, where that is measured.
    pub(crate) queue: Option<Queue>,
    /// Roots of which some spans were named operations by a field of theirs.
    pub(super) named_roots: RwLock<HashSet<PathId>>,
    /// What snapshots bill for operations with a record. Held by a snapshot.
    pub(super) billed: Mutex<super::cell::Cells>,
}

/// An open span, and the thread that created it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) owner: ThreadKey,
    pub(super) entry: Entry,
}

impl Recorder {
    pub(crate) fn new(clock: Clock, roles: Roles, bounds: Bounds) -> Self {
        Self {
            clock,
            plain: roles.are_empty(),
            roles,
            paths: Paths::new(bounds),
            operations: Operations::new(),
            threads: Threads::new(),
            trouble: TroubleCounts::default(),
            installed: AtomicBool::new(false),
            overflow: Overflow::new(),
            queue: None,
            named_roots: RwLock::default(),
            billed: Mutex::new(super::cell::Cells::new()),
        }
    }

    /// The same, and how long spans wait for their first enter is measured. The
    /// short ways through creating and entering a span do not.
    #[must_use]
    pub(crate) fn with_queue(self) -> Self {
        let clock = self.clock.without_counter();
        Self { clock, plain: false, queue: Some(Queue::new()), ..self }
    }

    /// Forgets the longest latencies and waits, so that a window has its own.
    pub(crate) fn clear_maxima(&self) {
        self.threads.clear_maxima();
        if let Some(queue) = &self.queue {
            queue.clear_maxima();
        }
    }

    /// A span is about to be entered, perhaps for the first time.
    pub(super) fn leave_queue(&self, local: &Local, id: u64) {
        let Some(queue) = &self.queue else { return };
        if let Some(created) = queue.leave(id)
            && let Some(found) = self.find(local, id)
        {
            queue.count(found.entry.node, self.clock.ticks().saturating_sub(created));
        }
    }

    /// Whether the user named spans of a root operations.
    pub(crate) fn has_operations(&self, root: PathId, metadata: &Metadata<'_>) -> bool {
        self.roles.are_operations(metadata) || self.named_roots.read().contains(&root)
    }

    /// Remembers that a span of a root was named an operation by a field.
    pub(super) fn name_root(&self, root: PathId) {
        if !self.named_roots.read().contains(&root) {
            self.named_roots.write().insert(root);
        }
    }

    /// What is known of an open span.
    pub(super) fn find(&self, local: &Local, id: u64) -> Option<Found> {
        let here = |record: &ThreadRecord| {
            let entry = record.table.find(id)?.entry();
            Some(Found { owner: record.key, entry })
        };
        here(&local.record)
            .or_else(|| here(self.threads.guess(id)?))
            .or_else(|| {
                let (owner, entry) = self.overflow.get(id)?;
                Some(Found { owner, entry })
            })
            .or_else(|| self.threads.records().find_map(|record| here(record)))
    }

    /// Whether a layer knows of a span at all.
    pub(crate) fn knows(&self, local: &Local, id: u64) -> bool {
        self.find(local, id).is_some()
    }

    /// Adds a span that this thread created.
    #[inline]
    pub(super) fn add(&self, local: &Local, id: u64, entry: Entry) {
        let record = &local.record;
        local.settle(id, &self.threads);
        if !record.table.slot(id).fill(id, entry) {
            self.overflow.set(id, record.key, entry);
        }
    }

    /// Changes what a span is; the caller is in its thread's section.
    pub(super) fn change(&self, record: &ThreadRecord, id: u64, entry: Entry) {
        match record.table.find(id) {
            Some(slot) => slot.set(entry),
            None => self.overflow.set(id, record.key, entry),
        }
    }

    /// Forgets a span that closes.
    pub(super) fn forget(&self, found: Found, id: u64) {
        match self.threads.record(found.owner).and_then(|record| record.table.find(id)) {
            Some(slot) => slot.clear(),
            None => self.overflow.remove(id),
        }
    }

    /// What a span is in the section of its thread, where it stands still.
    pub(super) fn place(&self, record: &ThreadRecord, id: u64) -> Option<Entry> {
        match record.table.find(id) {
            Some(slot) => Some(slot.entry()),
            None => self.overflow.get(id).map(|(_, entry)| entry),
        }
    }
}

/// Counts behind [`Troubles`]. Relaxed: each is read for itself.
#[derive(Debug, Default)]
pub(crate) struct TroubleCounts {
    pub(crate) unmatched_exits: AtomicU64,
    pub(crate) closed_while_entered: AtomicU64,
    pub(crate) exited_by_thread_end: AtomicU64,
    pub(crate) truncated: AtomicU64,
    pub(crate) merged_values: AtomicU64,
    pub(crate) late_values: AtomicU64,
    pub(crate) reentered: AtomicU64,
}

impl TroubleCounts {
    pub(crate) fn read(&self) -> Troubles {
        Troubles {
            unmatched_exits: self.unmatched_exits.load(Relaxed),
            closed_while_entered: self.closed_while_entered.load(Relaxed),
            exited_by_thread_end: self.exited_by_thread_end.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            merged_values: self.merged_values.load(Relaxed),
            late_values: self.late_values.load(Relaxed),
            reentered: self.reentered.load(Relaxed),
        }
    }
}

#[cold]
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
