//! What all threads of one layer share, and what each callback does.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use tracing::Metadata;

use super::{
    local::Local,
    open_spans::{OpenSpan, OpenSpans, Place},
    operation::Closed,
    operations::Operations,
    paths::{Bounds, Paths},
    role::Roles,
    thread::{Cells, Eviction},
    threads::Threads,
};
use crate::{Clock, profile::Troubles};

/// Everything recorded through one layer.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) clock: Clock,
    pub(crate) roles: Roles,
    pub(crate) paths: Paths,
    pub(crate) operations: Operations,
    pub(crate) threads: Threads,
    /// What snapshots bill for shares that are still running.
    pub(crate) billed_by_snapshots: Mutex<Cells>,
    pub(crate) trouble: TroubleCounts,
    open: OpenSpans,
}

/// Counts behind [`Troubles`]. Relaxed: each is read for itself.
#[derive(Debug, Default)]
pub(crate) struct TroubleCounts {
    pub(crate) unmatched_exits: AtomicU64,
    pub(crate) closed_while_entered: AtomicU64,
    pub(crate) exited_by_thread_end: AtomicU64,
    pub(crate) truncated: AtomicU64,
    pub(crate) reentered: AtomicU64,
}

impl TroubleCounts {
    pub(crate) fn read(&self) -> Troubles {
        Troubles {
            unmatched_exits: self.unmatched_exits.load(Relaxed),
            closed_while_entered: self.closed_while_entered.load(Relaxed),
            exited_by_thread_end: self.exited_by_thread_end.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            reentered: self.reentered.load(Relaxed),
        }
    }
}

#[cold]
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Recorder {
    pub(crate) fn new(clock: Clock, roles: Roles, bounds: Bounds) -> Self {
        Self {
            clock,
            roles,
            paths: Paths::new(bounds),
            operations: Operations::new(),
            threads: Threads::new(),
            billed_by_snapshots: Mutex::new(Cells::new()),
            trouble: TroubleCounts::default(),
            open: OpenSpans::new(),
        }
    }

    /// What is known of an open span.
    pub(crate) fn look_up(&self, local: &Local, id: u64) -> Option<OpenSpan> {
        local.look_up(id, &self.open)
    }

    /// A span is created below `parent`, a span of ours.
    pub(crate) fn create(
        &self,
        local: &mut Local,
        id: u64,
        metadata: &'static Metadata<'static>,
        parent: Option<OpenSpan>,
    ) {
        let role = self.roles.of(metadata);
        let above = parent.and_then(OpenSpan::place);
        let span = if role.skip {
            Some(OpenSpan::Skipped { above })
        } else {
            let above = above.filter(|_| !role.operation);
            self.record(local, metadata, above, role.idle).map(OpenSpan::Recorded)
        };
        if let Some(span) = span {
            local.remember(id, span);
            self.open.insert(id, span);
        }
    }

    /// Gives a new span its node and its operation.
    fn record(
        &self,
        local: &mut Local,
        metadata: &'static Metadata<'static>,
        above: Option<Place>,
        idle: bool,
    ) -> Option<Place> {
        let node = local.child(above.map(|place| place.node), metadata, &self.paths)?;
        if self.paths.is_truncated(node) {
            count(&self.trouble.truncated);
        }
        let operation = match above {
            Some(place) => place.operation,
            None => self.operations.begin()?,
        };
        let parent = above.map(|place| place.span);
        let span = self.operations.get(operation)?.lock().create(node, parent, idle)?;
        local.record.cells.at(node)?.calls.add(1);
        Some(Place { operation, span, node })
    }

    /// A span is entered on this thread.
    pub(crate) fn enter(&self, local: &mut Local, id: u64) {
        let Some(OpenSpan::Recorded(place)) = self.look_up(local, id) else { return };
        let Some(operation) = self.operations.get(place.operation) else { return };
        local.read_evictions();
        let now = {
            let mut operation = operation.lock();
            // Stamped last, so that what came before is the span outside's.
            let now = self.clock.ticks();
            let begins = !operation.lives();
            let record = &local.record;
            if operation.enter(record.key, place.span, now, &record.cells)
                && let Some(cell) = record.cells.at(place.node)
            {
                cell.started.add(1);
            }
            if begins {
                self.operations.count();
            }
            now
        };
        local.push(id, place, now);
    }

    /// A span is exited on this thread.
    pub(crate) fn exit(&self, local: &mut Local, id: u64) {
        // Stamped first, so that what comes now is the span outside's.
        let now = self.clock.ticks();
        local.read_evictions();
        match local.innermost(id) {
            Some(position) => self.exit_at(local, position, now),
            None => {
                if let Some(OpenSpan::Recorded(_)) = self.look_up(local, id) {
                    count(&self.trouble.unmatched_exits);
                }
            }
        }
    }

    fn exit_at(&self, local: &mut Local, position: usize, now: u64) {
        let Some(place) = local.place_at(position) else { return };
        let Some(operation) = self.operations.get(place.operation) else { return };
        {
            let mut operation = operation.lock();
            if local.record.is_evicted() {
                // Closed by another thread since we looked: it has exited already.
                drop(operation);
                return local.read_evictions();
            }
            operation.exit(local.record.key, place.span, now, &local.record.cells);
        }
        local.remove(position, now);
    }

    /// A span closes; this thread dropped its last handle.
    pub(crate) fn close(&self, local: &mut Local, id: u64) {
        local.forget(id);
        let Some(OpenSpan::Recorded(place)) = self.open.remove(id) else { return };
        local.read_evictions();
        let now = self.clock.ticks();
        let Some(closed) = self.close_in_operation(local, place, Eviction { id, at: now }) else {
            return;
        };
        if let (Some(latency), Some(cell)) = (closed.latency, local.record.cells.at(closed.node)) {
            cell.latency.add(latency);
            cell.max_latency.raise(latency);
        }
        if closed.last {
            self.operations.end(place.operation);
        }
    }

    fn close_in_operation(
        &self,
        local: &mut Local,
        place: Place,
        eviction: Eviction,
    ) -> Option<Closed> {
        let record = std::sync::Arc::clone(&local.record);
        let mut operation = self.operations.get(place.operation)?.lock();
        let closed = operation.close(place.span, eviction.at, &record.cells, |thread| {
            count(&self.trouble.closed_while_entered);
            // Under the operation's lock: whoever exits a span there sees it.
            if thread == record.key {
                local.evict(eviction);
            } else {
                self.threads.evict(thread, eviction);
            }
        });
        Some(closed)
    }

    /// A thread ends: what it has entered, it exits.
    pub(crate) fn end_thread(&self, local: &mut Local) {
        local.read_evictions();
        let now = self.clock.ticks();
        while let Some(position) = local.depth().checked_sub(1) {
            count(&self.trouble.exited_by_thread_end);
            self.exit_at(local, position, now);
        }
        self.threads.retire(&local.record);
    }

    /// A thread's own side, made at its first callback.
    pub(crate) fn new_local(&self) -> Local {
        Local::new(self.threads.begin())
    }
}
