//! What all threads of one layer share.

use std::{collections::HashSet, sync::Arc};

use tracing::Metadata;

use super::{
    captures::{Captures, Wanted},
    find::Found,
    operations::Operations,
    overflow::Overflow,
    paths::{Bounds, PathId, Paths},
    pooled::Pooled,
    queue::Queue,
    role::Roles,
    snapshot::Snapshot,
    sync::{AtomicBool, AtomicU64, Mutex, Ordering::Relaxed, RwLock},
    thread::{Local, Lock},
    threads::Threads,
};
use crate::{Clock, profile::Troubles};

/// Everything recorded through one layer.
///
/// Locks are taken in this order, each kind at most once at a time: the threads'
/// lists, a thread's section, an operation, a shard of the overflow or what
/// is kept of captures.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Tells it from any other of this process.
    pub(super) number: u64,
    pub(crate) clock: Clock,
    pub(crate) roles: Roles,
    pub(crate) paths: Paths,
    pub(crate) operations: Operations,
    pub(crate) captures: Captures,
    pub(crate) threads: Threads,
    pub(crate) trouble: TroubleCounts,
    /// Whether the layer is part of a subscriber.
    pub(crate) installed: AtomicBool,
    /// Whether a span that is recorded was created.
    pub(super) met: AtomicBool,
    /// Whether nothing is recorded any more.
    finished: AtomicBool,
    pub(super) overflow: Overflow,
    /// How long spans wait for their first enter, where that is measured.
    pub(crate) queue: Option<Queue>,
    /// Roots of which some spans were named operations by a field of theirs.
    pub(super) named_roots: RwLock<HashSet<PathId>>,
    /// What snapshots bill for operations with a record. Held by a snapshot.
    pub(super) billed: Mutex<super::cell::Cells>,
    /// What was recorded in the end. Set and read under the lock of `billed`.
    pub(super) last: std::sync::OnceLock<Snapshot>,
}

impl Recorder {
    pub(crate) fn new(clock: Clock, roles: Roles, bounds: Bounds, wanted: Wanted) -> Self {
        // Of the standard library in models too, which may not keep theirs.
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        // Relaxed: only uniqueness matters.
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let lock = Lock { key: number, quick: clock.reads_counter() };
        let pooled = Arc::new(Pooled::new());
        Self {
            number,
            clock,
            roles,
            paths: Paths::new(bounds),
            operations: Operations::new(),
            captures: Captures::new(wanted),
            threads: Threads::new(lock, Arc::clone(&pooled)),
            trouble: TroubleCounts::default(),
            installed: AtomicBool::new(false),
            met: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            overflow: Overflow::new(),
            queue: None,
            named_roots: RwLock::default(),
            billed: Mutex::new(super::cell::Cells::new(pooled)),
            last: std::sync::OnceLock::new(),
        }
    }

    /// The same, and how long spans wait for their first enter is measured. The
    /// short ways through creating and entering a span do not.
    #[must_use]
    pub(crate) fn with_queue(self) -> Self {
        let lock = Lock { key: self.number, quick: false };
        let threads = Threads::new(lock, Arc::clone(&self.threads.pooled));
        Self { threads, queue: Some(Queue::new()), ..self }
    }

    /// Records nothing any more: every snapshot from now on is the same one.
    pub(crate) fn finish(&self) {
        // Relaxed: what is recorded meanwhile is recorded or not.
        self.finished.store(true, Relaxed);
        // While no thread begins: one that does later sees that this is finished.
        self.threads.read(|_| {
            self.threads.records().for_each(|record| record.state.slow_down());
        });
        Snapshot::take_last(self);
    }

    /// Whether a span that is recorded was created.
    pub(crate) fn has_met_spans(&self) -> bool {
        // Relaxed: a flag, read for itself.
        self.met.load(Relaxed)
    }

    /// Whether nothing is recorded any more.
    #[inline]
    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Relaxed)
    }

    /// Forgets the longest latencies and waits, so that a window has its own.
    pub(crate) fn clear_maxima(&self) {
        self.threads.clear_maxima();
        if let Some(queue) = &self.queue {
            queue.clear_maxima();
        }
    }

    /// A span is about to be entered, perhaps for the first time.
    pub(super) fn leave_queue(&self, local: &Local, id: u64) -> Option<()> {
        let created = self.queue.as_ref()?.leave(id)?;
        let waited = self.clock.ticks().saturating_sub(created);
        let (section, found) = self.find(local, local.section()?, id)?;
        let node = match found? {
            Found::Own => local.record.cells.pinned(section.state.own(id)?.cell).node(),
            Found::Fresh { node, .. } | Found::Shared { node, .. } => node,
            Found::Clear { .. } => return None,
        };
        self.queue.as_ref()?.count(node, waited);
        Some(())
    }

    /// Whether the user named spans of a root operations.
    pub(crate) fn has_operations(&self, root: PathId, metadata: &Metadata<'_>) -> bool {
        self.roles.are_operations(metadata) || self.named_roots.read().contains(&root)
    }

    /// Remembers that a span of a root was named an operation by a field.
    pub(super) fn name_root(&self, root: PathId) {
        if !self.named_roots.read().contains(&root) {
            let mut named = self.named_roots.write();
            if named.try_reserve(1).is_ok() {
                named.insert(root);
            }
        }
    }
}

/// Counts behind [`Troubles`]. Relaxed: each is read for itself.
#[derive(Debug, Default)]
pub(crate) struct TroubleCounts {
    pub(crate) unmatched_exits: AtomicU64,
    pub(crate) exited_elsewhere: AtomicU64,
    pub(crate) closed_while_entered: AtomicU64,
    pub(crate) exited_by_thread_end: AtomicU64,
    pub(crate) truncated: AtomicU64,
    pub(crate) merged_values: AtomicU64,
    pub(crate) late_values: AtomicU64,
    pub(crate) reentered: AtomicU64,
    pub(crate) lost: AtomicU64,
}

impl TroubleCounts {
    pub(crate) fn read(&self) -> Troubles {
        Troubles {
            unmatched_exits: self.unmatched_exits.load(Relaxed),
            exited_elsewhere: self.exited_elsewhere.load(Relaxed),
            closed_while_entered: self.closed_while_entered.load(Relaxed),
            exited_by_thread_end: self.exited_by_thread_end.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            merged_values: self.merged_values.load(Relaxed),
            late_values: self.late_values.load(Relaxed),
            reentered: self.reentered.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }
}

#[cold]
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
