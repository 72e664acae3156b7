//! A span closes, or a thread ends.

use super::{
    biased::Own,
    operation::ThreadKey,
    operations::OperationId,
    recorder::{Recorder, count},
    spans::SpanKey,
    state::State,
    table::Place,
    thread::{Local, Owned, ThreadRecord},
};

impl Recorder {
    /// A span closes; this thread dropped its last handle.
    #[inline]
    pub(crate) fn close(&self, local: &Local, id: u64) {
        let record = &*local.record;
        if let Some(counter) = self.clock.counter()
            && let Some(mut section) = local.section_at_once()
        {
            match record.table.find(id) {
                Some(slot) if section.state.is_leaf(id) => {
                    slot.clear();
                    section.state.close_leaf(|| counter.ticks(), &record.cells);
                }
                _ => self.close_other(local, section, id),
            }
        } else {
            self.close_slowly(local, id);
        }
    }

    /// The same with any clock, and a section to wait for.
    #[cold]
    fn close_slowly(&self, local: &Local, id: u64) {
        if let Some(queue) = &self.queue {
            queue.leave(id);
        }
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        match local.record.table.find(id) {
            Some(slot) if section.state.is_leaf(id) => {
                slot.clear();
                section.state.close_leaf(|| self.clock.ticks(), &local.record.cells);
            }
            _ => self.close_other(local, section, id),
        }
    }

    #[cold]
    fn close_other<'a>(&self, local: &'a Local, mut section: Own<'a, Owned>, id: u64) {
        let now = self.clock.ticks();
        loop {
            let Some(found) = self.find(local, id) else { return };
            match found.entry.place {
                Place::Clear { .. } | Place::Fresh => {
                    let since = section.state.since();
                    section.state.close_frames(id, since, &local.record.cells);
                    return self.forget(found, id);
                }
                Place::Alone if found.owner == local.record.key => {
                    self.share_own(&local.record, &mut section.state);
                }
                Place::Alone => {
                    drop(section);
                    self.share_of(found.owner, id);
                    match local.section() {
                        Some(again) => section = again,
                        None => return,
                    }
                }
                Place::Shared { operation, span } => {
                    self.close_shared(local, section, id, operation, span, now);
                    return self.forget(found, id);
                }
            }
        }
    }

    fn close_shared<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: u64,
        operation: OperationId,
        span: SpanKey,
        now: u64,
    ) -> Option<()> {
        let record = &*local.record;
        let shared = self.operations.get(operation)?;
        loop {
            let mut state = shared.lock();
            let Some(other) = state.other_thread_in(span, record.key) else {
                if state.evict(record.key, span, now, &record.cells) {
                    count(&self.trouble.closed_while_entered);
                    section.state.close_frames(id, now, &record.cells);
                }
                let closed = state.close(span, now, &record.cells);
                drop(state);
                let cell = record.cells.at(closed.node)?;
                if let Some(latency) = closed.latency {
                    cell.end_call(latency, closed.rest);
                }
                if closed.last {
                    self.operations.end(operation);
                }
                return Some(());
            };
            drop(state);
            drop(section);
            self.evict(other, id, operation, span, now);
            section = local.section()?;
        }
    }

    /// Another thread exits a span that closes.
    #[cold]
    fn evict(&self, thread: ThreadKey, id: u64, operation: OperationId, span: SpanKey, now: u64) {
        let Some(record) = self.threads.record(thread) else { return };
        let mut section = record.state.lock();
        let Some(mut shared) = self.operations.get(operation).map(|o| o.lock()) else { return };
        if shared.evict(thread, span, now, &record.cells) {
            count(&self.trouble.closed_while_entered);
            section.state.close_frames(id, now, &record.cells);
        }
    }

    /// A thread ends: what it has entered, it exits; what it created and is
    /// still open moves to where it can be found without it.
    pub(crate) fn end_thread(&self, local: &Local) {
        if let Some(mut section) = local.section() {
            let now = self.clock.ticks();
            self.leave_all(&local.record, &mut section.state, now);
            self.move_out(&local.record, &mut section.state);
        }
        self.threads.retire(&local.record);
    }

    fn leave_all(&self, record: &ThreadRecord, state: &mut State, now: u64) {
        while let Some(position) = state.stack().len().checked_sub(1) {
            if state.stack()[position].at.is_some() {
                count(&self.trouble.exited_by_thread_end);
            }
            self.exit_at(record, state, position, now);
        }
        self.share_own(record, state);
    }

    fn move_out(&self, record: &ThreadRecord, state: &mut State) {
        let open: Vec<u64> = record.table.ids().collect();
        for id in open {
            self.share(record, state, id);
            if let (Some(slot), Some(entry)) = (record.table.find(id), self.place(record, id)) {
                // Added before it goes, so that it is found at every moment.
                self.overflow.set(id, record.key, entry);
                slot.clear();
            }
        }
    }
}
