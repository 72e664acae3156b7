//! A span closes, or a thread ends.

use std::num::NonZeroU64;

use super::{
    biased::Own,
    find::Found,
    operation::ThreadKey,
    operations::OperationId,
    recorder::{Recorder, count},
    spans::SpanKey,
    state::State,
    thread::{Local, Owned, ThreadRecord},
};

impl Recorder {
    /// A span closes, now or when the clock was read already; this thread dropped
    /// its last handle.
    pub(crate) fn close(&self, local: &Local, id: NonZeroU64, read: Option<NonZeroU64>) {
        let now = read.map_or_else(|| self.clock.ticks(), NonZeroU64::get);
        if let Some(queue) = &self.queue {
            queue.leave(id.get());
        }
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        let (record, state) = (&*local.record, &mut section.state);
        if state.lease.is_some() {
            if !state.close_leased(id, now, &record.cells) {
                self.close_beside_lease(local, section, id.get(), now);
            }
        } else if state.close_and_tell(id, now, &record.cells) {
            self.end_followed(local, section);
        } else if state.is_followed() || !self.close_taken(record, state, id, now) {
            self.close_other(local, section, id.get(), now);
        }
    }

    /// Closes a span while the thread has a lease, which ends if the thread is in the
    /// span, or the span is one of the chain.
    fn close_beside_lease<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: u64,
        now: u64,
    ) {
        let state = &mut section.state;
        if state.owns(id) || state.position(id).is_some() {
            drop(self.end_lease(&local.record, state, now));
        }
        self.close_other(local, section, id, now);
    }

    /// If the thread's own operation was followed and has ended, so has following.
    fn end_followed<'a>(&self, local: &'a Local, mut section: Own<'a, Owned>) {
        if let Some(capture) = section.state.unfollow_ended() {
            local.record.follows(false);
            drop(section);
            self.captures.end(capture, &self.clock);
        }
    }

    fn close_other<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: u64,
        now: u64,
    ) -> Option<()> {
        loop {
            let found;
            (section, found) = self.find(local, section, id)?;
            let (record, state) = (&*local.record, &mut section.state);
            match found? {
                Found::Clear { .. } | Found::Fresh { followed: false, .. } => {
                    state.close_frames(id, state.since(), &record.cells);
                    self.forget(record, id);
                    return Some(());
                }
                Found::Fresh { followed: true, .. } => {
                    self.forget(record, id);
                    self.give_back(self.captures.fetch(id));
                    return Some(());
                }
                Found::Own => match state.close_leaf(id, now, &record.cells) {
                    Some(is_taken) => {
                        if is_taken {
                            self.forget(record, id);
                        }
                        self.end_followed(local, section);
                        return Some(());
                    }
                    None => self.share_own(record, state),
                },
                Found::Shared { operation, span, .. } => {
                    self.close_shared(local, section, id, operation, span, now);
                    self.forget(record, id);
                    return Some(());
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
                let capture = if closed.last { state.take_capture() } else { None };
                drop(state);
                match (record.cells.pin(closed.node), closed.latency) {
                    (Some(cell), Some(latency)) => {
                        record.cells.end_call(cell, latency, closed.rest);
                    }
                    (None, Some(_)) => count(&self.trouble.lost),
                    (_, None) => {}
                }
                if closed.last {
                    self.operations.end(operation);
                }
                if let Some(capture) = capture {
                    drop(section);
                    self.captures.end(capture, &self.clock);
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
        drop(self.end_lease(record, &mut section.state, now));
        let Some(mut shared) = self.operations.get(operation).map(|o| o.lock()) else { return };
        if shared.evict(thread, span, now, &record.cells) {
            count(&self.trouble.closed_while_entered);
            section.state.close_frames(id, now, &record.cells);
        }
    }

    /// A thread ends: what it has entered, it exits. What it created and is still open
    /// stays where it is found.
    pub(crate) fn end_thread(&self, local: &Local) {
        if let Some(mut section) = local.section() {
            let now = self.clock.ticks();
            self.leave_all(&local.record, &mut section.state, now);
        }
        self.threads.retire(&local.record);
    }

    fn leave_all(&self, record: &ThreadRecord, state: &mut State, now: u64) {
        while let Some(position) = state.stack().len().checked_sub(1) {
            if state.stack().get(position).is_some_and(|frame| frame.counters().is_some()) {
                count(&self.trouble.exited_by_thread_end);
            }
            self.exit_at(record, state, position, now);
        }
        self.share_own(record, state);
    }
}
