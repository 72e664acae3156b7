//! A span is entered or exited.

use super::{
    biased::Own,
    operations::OperationId,
    recorder::{Recorder, count},
    spans::SpanKey,
    state::{At, Kind, State},
    table::{Entry, Place},
    thread::{Local, Owned, ThreadRecord},
};

impl Recorder {
    /// A span is entered on this thread.
    #[inline]
    pub(crate) fn enter(&self, local: &Local, id: u64) {
        if let Some(counter) = self.clock.counter()
            && let Some(mut section) = local.section_at_once()
        {
            if section.state.is_next(id) {
                enter_next(&local.record, &mut section.state, || counter.ticks());
            } else {
                self.enter_other(local, section, id);
            }
        } else {
            self.enter_slowly(local, id);
        }
    }

    /// The same with any clock, and a section to wait for.
    #[cold]
    fn enter_slowly(&self, local: &Local, id: u64) {
        self.leave_queue(local, id);
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        if section.state.is_next(id) {
            enter_next(&local.record, &mut section.state, || self.clock.ticks());
        } else {
            self.enter_other(local, section, id);
        }
    }

    #[cold]
    fn enter_other<'a>(&self, local: &'a Local, mut section: Own<'a, Owned>, id: u64) {
        loop {
            let record = &*local.record;
            let state = &mut section.state;
            let found = self.find(local, id);
            match found.map(|found| (found.entry.place, found)) {
                None | Some((Place::Clear { .. }, _)) => {
                    if state.has_parked() {
                        self.share_own(record, state);
                    }
                    return state.push_clear(id);
                }
                Some((Place::Shared { operation, span }, found)) => {
                    self.share_own(record, state);
                    self.enter_shared(record, state, id, operation, span, found.entry);
                    return;
                }
                Some((Place::Fresh, found)) if found.owner == record.key => {
                    self.share_own(record, state);
                    let node = found.entry.node;
                    let Some(cell) = record.cells.pin(node) else { return };
                    self.change(record, id, Entry { place: Place::Alone, node });
                    state.park_new(id, At { node, cell });
                    return enter_next(record, state, || self.clock.ticks());
                }
                Some((Place::Alone, found)) if found.owner == record.key => {
                    self.share_own(record, state);
                }
                Some((Place::Fresh | Place::Alone, found)) => {
                    drop(section);
                    self.share_of(found.owner, id);
                    match local.section() {
                        Some(again) => section = again,
                        None => return,
                    }
                }
            }
        }
    }

    fn enter_shared(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: u64,
        operation: OperationId,
        span: SpanKey,
        entry: Entry,
    ) -> Option<()> {
        let at = At { node: entry.node, cell: record.cells.pin(entry.node)? };
        let cell = record.cells.pinned(at.cell);
        let mut shared = self.operations.get(operation)?.lock();
        let now = state.turn(self.clock.ticks(), &record.cells);
        if !shared.lives() {
            record.begun.add(1);
        }
        if shared.enter(record.key, span, now, &record.cells) {
            cell.started.add(1);
        } else {
            cell.reentered.add(1);
        }
        drop(shared);
        state.push_shared(id, Kind::Shared { operation, span }, at, now);
        Some(())
    }

    /// A span is exited on this thread.
    #[inline]
    pub(crate) fn exit(&self, local: &Local, id: u64) {
        // Stamped first, so that what comes now is the span outside's.
        if let Some(now) = self.clock.counter().map(super::super::clock::Counter::ticks)
            && let Some(mut section) = local.section_at_once()
        {
            if section.state.is_top_alone(id) {
                section.state.exit_top(now, &local.record.cells);
            } else {
                self.exit_other(local, section, id, now);
            }
        } else {
            self.exit_slowly(local, id);
        }
    }

    /// The same with any clock, and a section to wait for.
    #[cold]
    fn exit_slowly(&self, local: &Local, id: u64) {
        let now = self.clock.ticks();
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        if section.state.is_top_alone(id) {
            section.state.exit_top(now, &local.record.cells);
        } else {
            self.exit_other(local, section, id, now);
        }
    }

    #[cold]
    fn exit_other<'a>(&self, local: &'a Local, mut section: Own<'a, Owned>, id: u64, now: u64) {
        let state = &mut section.state;
        match state.position(id) {
            Some(position) => self.exit_at(&local.record, state, position, now),
            None => {
                state.remove_closed(id, &local.record.cells);
                let recorded = |place| !matches!(place, Place::Clear { .. });
                if self.find(local, id).is_some_and(|found| recorded(found.entry.place)) {
                    count(&self.trouble.unmatched_exits);
                }
            }
        }
    }

    /// Exits whatever stands at a position of the stack.
    pub(super) fn exit_at(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        position: usize,
        now: u64,
    ) {
        if state.stack().get(position).is_some_and(|frame| frame.kind == Kind::Alone) {
            self.share_own(record, state);
        }
        let Some(frame) = state.stack().get(position).copied() else { return };
        let now = match frame.kind {
            Kind::Clear | Kind::Closed => state.since(),
            Kind::Alone | Kind::Shared { .. } => state.turn(now, &record.cells),
        };
        if let Kind::Shared { operation, span } = frame.kind
            && let Some(operation) = self.operations.get(operation)
        {
            operation.lock().exit(record.key, span, now, &record.cells);
        }
        state.remove(position, now, &record.cells);
    }
}

/// Enters the own operation's next span, new or polled again.
#[inline]
fn enter_next(record: &ThreadRecord, state: &mut State, clock: impl FnOnce() -> u64) {
    // Stamped last, so that what came before is the span outside's.
    if state.enter_next(clock, &record.cells) {
        record.begun.add(1);
    }
}
