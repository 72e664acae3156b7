//! A span is entered or exited.

use std::num::NonZeroU64;

use super::{
    biased::Own,
    find::Found,
    frames::{Frame, Kind},
    operation::ThreadKey,
    operations::OperationId,
    paths::PathId,
    recorder::{Recorder, count},
    spans::SpanKey,
    state::State,
    table::{Entry, Place},
    thread::{Local, Owned, ThreadRecord},
};

impl Recorder {
    /// A span is entered on this thread.
    pub(crate) fn enter(&self, local: &Local, id: NonZeroU64) {
        self.leave_queue(local, id.get());
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        let clock = || self.clock.ticks();
        let (record, state) = (&*local.record, &mut section.state);
        let entered = if state.lease.is_some() {
            self.enter_leased(record, state, id, clock)
        } else {
            state.enter_and_tell(id, clock, &record.cells)
                || self.take_fresh(record, state, id, clock)
                || state.enter_next_above_others(id, clock(), &record.cells)
        };
        if !entered && self.enter_other(local, section, id).is_none() {
            count(&self.trouble.lost);
        }
    }

    fn enter_other<'a>(
        &self,
        local: &'a Local,
        mut section: Own<'a, Owned>,
        id: NonZeroU64,
    ) -> Option<()> {
        loop {
            let found;
            (section, found) = self.find(local, section, id.get())?;
            let (record, state) = (&*local.record, &mut section.state);
            match found {
                None | Some(Found::Clear { .. }) => {
                    if state.has_parked() {
                        self.share_own(record, state);
                    }
                    return state.push(id.get(), Kind::Clear, None, 0, &record.cells);
                }
                Some(Found::Shared { operation, span, .. }) => {
                    self.share_own(record, state);
                    match self.enter_shared(record, state, id.get(), operation, span)? {
                        Ok(()) => return Some(()),
                        Err(lessee) => {
                            drop(section);
                            self.end_lease_of(lessee, operation);
                            section = local.section()?;
                        }
                    }
                }
                Some(Found::Own) => self.share_own(record, state),
                Some(Found::Fresh { node, followed }) => {
                    if self.enter_fresh(record, state, id, node, followed)? {
                        return Some(());
                    }
                }
            }
        }
    }

    /// Makes a root that nobody has entered this thread's own operation, and
    /// enters it. Returns whether no other thread was quicker.
    fn enter_fresh(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: NonZeroU64,
        node: PathId,
        followed: bool,
    ) -> Option<bool> {
        let cell = record.cells.pin(node)?;
        if !self.take(record, id.get()) {
            return Some(false);
        }
        self.share_own(record, state);
        let mut capture = if followed { self.captures.fetch(id.get()) } else { None };
        if self.park(record, state, id, cell, &mut capture).is_none() {
            self.give_back(capture);
            let place = Place::Clear { above: None };
            self.change(record, id.get(), Entry { place, node });
            return None;
        }
        if state.enter_next_above_others(id, self.clock.ticks(), &record.cells) {
            state.mark_taken();
        }
        Some(true)
    }

    /// Enters a span of an operation with a record, unless another thread has it or
    /// one above it on lease.
    fn enter_shared(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: u64,
        operation: OperationId,
        span: SpanKey,
    ) -> Option<Result<(), ThreadKey>> {
        let mut shared = self.operations.get(operation)?.lock();
        if let Some(lessee) = shared.lessee(span) {
            return Some(Err(lessee));
        }
        // Asked here, as another thread may have given it values meanwhile.
        let at = record.cells.pin(shared.node(span))?;
        let cell = record.cells.pinned(at);
        let now = state.turn(self.clock.ticks(), &record.cells);
        let begins = !shared.lives();
        let first = shared.enter(record.key, span, now, &record.cells)?;
        let kind = Kind::Shared { operation, span };
        if state.push(id, kind, Some(at), now, &record.cells).is_none() {
            // Nobody would see it exited.
            shared.exit(record.key, span, now, &record.cells);
            return None;
        }
        if begins {
            record.cells.begun().add(1);
        }
        if first { &cell.started } else { &cell.reentered }.add(1);
        Some(Ok(()))
    }

    /// A span is exited on this thread.
    pub(crate) fn exit(&self, local: &Local, id: NonZeroU64) {
        // Stamped first, so that what comes now is the span outside's.
        let now = self.clock.ticks();
        let Some(mut section) = local.section() else { return count(&self.trouble.reentered) };
        let (record, state) = (&*local.record, &mut section.state);
        // Where the clock reads backwards, it seems to stand still.
        let now = now.max(state.since());
        let exited = if state.lease.is_some() {
            self.exit_leased(record, state, id, now)
        } else {
            state.exit_and_tell(id, now, &record.cells)
        };
        if !exited {
            self.exit_other(local, section, id.get(), now);
        }
    }

    fn exit_other<'a>(&self, local: &'a Local, mut section: Own<'a, Owned>, id: u64, now: u64) {
        let record = &*local.record;
        let state = &mut section.state;
        if let Some(position) = state.position(id) {
            return self.exit_at(record, state, position, now);
        }
        let closed = state.remove_closed(id, &record.cells);
        let found = self.find_at_hand(record, state, id);
        drop(section);
        let recorded = match found {
            Some(Found::Clear { .. }) => false,
            Some(_) => true,
            None => !closed && self.is_elsewhere(record.key, id),
        };
        if recorded {
            count(&self.trouble.unmatched_exits);
            if self.is_entered_elsewhere(record.key, id) {
                count(&self.trouble.exited_elsewhere);
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
        let kind = |state: &State| state.stack().get(position).map(Frame::kind);
        let mut held = None;
        match kind(state) {
            None => return,
            // It takes no time.
            Some(Kind::Clear | Kind::Closed) => {
                return state.remove(position, state.since(), &record.cells);
            }
            Some(_) if state.lease.is_some() => held = self.end_lease(record, state, now),
            Some(Kind::Own) => self.share_own(record, state),
            Some(Kind::Shared { .. }) => {}
        }
        let now = state.turn(now, &record.cells);
        if let Some(Kind::Shared { operation, span }) = kind(state)
            && let Some(shared) = self.operations.get(operation)
        {
            // Two operations are never held at once.
            let held = held.filter(|(held, _)| *held == operation).map(|(_, held)| held);
            held.unwrap_or_else(|| shared.lock()).exit(record.key, span, now, &record.cells);
        }
        state.remove(position, now, &record.cells);
    }
}
