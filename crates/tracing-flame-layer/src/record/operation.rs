//! One operation's life, and how each instant of it is given out.
//!
//! The rules are those of `docs/semantics.md`: threads that work share the
//! instant; else spans that are pending do; else it is the root's `[await]`.
//!
//! Nobody is billed at every instant. Two virtual clocks run instead: `work`
//! advances by `dt / n` while `n` threads share, `wait` by `dt / m` while `m`
//! pending leaves do. A thread's or a leaf's share is the clock when it ceases
//! to share less the clock when it began to, so only beginning and ceasing cost
//! anything. The remainder of a division is carried to the next one.
//!
//! A thread that works is waiting, and shares nothing, while another works
//! strictly below it. Each span therefore counts the threads that work strictly
//! below it; moving to a child or back to the parent changes one such count.

#[cfg(all(test, not(loom)))]
mod tests;

use super::{
    paths::PathId,
    shared_clock::SharedClock,
    slots::{Slot, Slots},
    spans::{SpanKey, Spans},
    sync::sized,
    ticks::share_of,
};

/// Spans, and threads, for which an operation that ended keeps memory. One that had many
/// would otherwise have it for good, and in time all would have been such.
const KEPT: usize = sized(16, 1);

/// Where an operation's shares are written, in the unit of shares: the calling
/// thread's own cells.
pub(crate) trait Bill {
    /// Adds to a node's shares of working.
    fn shared(&self, node: PathId, share: u64);
    /// Adds to a node's `[await]`.
    fn awaited(&self, node: PathId, share: u64);
    /// Adds ticks to a node's latency.
    fn latency(&self, node: PathId, ticks: u64);
    /// A thread exits a span.
    fn exited(&self, _thread: ThreadKey, _span: SpanKey, _now: u64) {}
    /// A thread works at a span from now on and waits for nobody, or ceases to.
    fn runs(&self, _thread: ThreadKey, _span: Option<SpanKey>, _now: u64) {}
    /// A span is pending from now on with no descendant pending or worked at, or
    /// ceases to be.
    fn waits(&self, _span: SpanKey, _waits: bool, _now: u64) {}
}

/// A thread's place among the records of one recorder; a later thread may take
/// it once the thread has ended, and so has exited everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ThreadKey(pub(crate) u32);

/// The spans of one operation, the threads in them, and the clocks they share.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    pub(super) spans: Spans,
    pub(super) slots: Slots,
    /// The root's node: what rule 3 bills.
    root: Option<PathId>,
    /// Whether a span has been entered: an operation lives from then on.
    lives: bool,
    /// Ticks up to which everything has been given out.
    pub(super) settled: u64,
    pub(super) work: SharedClock,
    wait: SharedClock,
    /// Threads that have a [lease](super::lease).
    pub(super) leases: u32,
}

/// A span of an operation that a thread had to itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adopted {
    pub(crate) node: PathId,
    /// Ticks at the first enter, where it was entered.
    pub(crate) started: Option<u64>,
    /// Up to when its latency has been counted.
    pub(crate) counted: u64,
    /// Whether it is entered now.
    pub(crate) entered: bool,
}

/// What closing a span told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) node: PathId,
    /// First enter to close, where it was ever entered.
    pub(crate) latency: Option<u64>,
    /// What of it was not counted yet.
    pub(crate) rest: u64,
    /// Whether it was the operation's last span.
    pub(crate) last: bool,
}

impl Operation {
    /// Ticks at the last event, or at the last one before a clock ran backwards.
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }

    /// Whether a span of the operation has been entered yet.
    pub(crate) fn lives(&self) -> bool {
        self.lives
    }

    /// The open spans that have been entered, each with its node and the ticks
    /// at its first enter.
    pub(crate) fn started(&self) -> impl Iterator<Item = (PathId, u64)> {
        self.spans.iter().filter_map(|span| Some((span.node, span.started?)))
    }

    /// Adds a span that was created; the first one is the operation's root.
    pub(crate) fn create(
        &mut self,
        node: PathId,
        parent: Option<SpanKey>,
        idle: bool,
    ) -> Option<SpanKey> {
        let span = self.spans.insert(node, parent, idle)?;
        self.root.get_or_insert(node);
        if let Some(parent) = parent {
            let parent = &mut self.spans[parent];
            parent.has_children = true;
            parent.children = parent.children.saturating_add(1);
        }
        Some(span)
    }

    /// Where a span counts.
    pub(crate) fn node(&self, span: SpanKey) -> PathId {
        self.spans[span].node
    }

    /// Whether a span was entered, or has children.
    pub(crate) fn is_settled(&self, span: SpanKey) -> bool {
        self.spans[span].started.is_some() || self.spans[span].has_children
    }

    /// Gives a span another node. Returns `false` where it is too late: the span
    /// was entered, or has children.
    pub(crate) fn rename(&mut self, span: SpanKey, node: PathId) -> bool {
        if self.is_settled(span) {
            return false;
        }
        let state = &mut self.spans[span];
        state.node = node;
        if state.parent.is_none() {
            self.root = Some(node);
        }
        true
    }

    /// A thread enters a span. Returns whether it is the span's first enter; `None`
    /// where there is no memory, and nothing has happened then.
    pub(crate) fn enter(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        bill: &impl Bill,
    ) -> Option<bool> {
        let at = self.slots.attach(thread)?;
        if !self.lives {
            self.lives = true;
            self.settled = now;
        }
        self.settle(now, bill);
        let first = self.spans[span].started.is_none();
        if first {
            self.spans[span].started = Some(self.settled);
            self.spans[span].counted = self.settled;
        }
        self.set_entered(span, |entered| entered.saturating_add(1), bill);
        let from = self.slots[at].top();
        self.slots[at].stack.push(span);
        self.relocate(at, from, Some(span), bill);
        Some(first)
    }

    /// A thread exits the innermost occurrence of a span on its stack.
    pub(crate) fn exit(&mut self, thread: ThreadKey, span: SpanKey, now: u64, bill: &impl Bill) {
        self.settle(now, bill);
        if let Some(at) = self.slots.find(thread) {
            self.leave(at, span, bill);
        }
    }

    /// A thread that is still in a span, other than `but`.
    pub(crate) fn other_thread_in(&self, span: SpanKey, but: ThreadKey) -> Option<ThreadKey> {
        let inside = |slot: &Slot| slot.thread != but && slot.stack.contains(&span);
        self.slots.position(inside).map(|at| self.slots[at].thread)
    }

    /// A thread exits every occurrence of a span, which is closing. Returns
    /// whether there was one.
    pub(crate) fn evict(
        &mut self,
        thread: ThreadKey,
        span: SpanKey,
        now: u64,
        bill: &impl Bill,
    ) -> bool {
        self.settle(now, bill);
        let mut left = false;
        while self.slots.find(thread).is_some_and(|at| self.leave(at, span, bill)) {
            left = true;
        }
        left
    }

    /// A span closes; no thread is in it any more.
    pub(crate) fn close(&mut self, span: SpanKey, now: u64, bill: &impl Bill) -> Closed {
        self.settle(now, bill);
        self.set_pending(span, false, bill);
        let state = self.spans.remove(span);
        let latency = state.started.map(|started| self.settled.saturating_sub(started));
        let rest = self.settled.saturating_sub(state.counted);
        let last = state.open && self.spans.is_empty();
        if last {
            self.reset();
        }
        Closed { node: state.node, latency, rest, last }
    }

    /// Begins as one that a thread had to itself until `since`.
    pub(crate) fn begin(&mut self, since: u64) {
        self.settled = since;
    }

    /// Takes over the next span of such an operation's chain, from the root down;
    /// those that are entered come first. `None` where there is no memory.
    pub(crate) fn adopt(
        &mut self,
        thread: ThreadKey,
        adopted: Adopted,
        parent: Option<SpanKey>,
        bill: &impl Bill,
    ) -> Option<SpanKey> {
        let since = self.settled;
        let span = self.create(adopted.node, parent, false)?;
        if adopted.started.is_some() {
            if self.enter(thread, span, since, bill).is_none() {
                self.remove_new(span);
                return None;
            }
            self.spans[span].started = adopted.started;
            self.spans[span].counted = adopted.counted;
        }
        if let (false, Some(at)) = (adopted.entered, self.slots.find(thread)) {
            self.leave(at, span, bill);
        }
        Some(span)
    }

    /// Forgets a span that was just created. Returns whether it was the last one.
    pub(crate) fn remove_new(&mut self, span: SpanKey) -> bool {
        self.spans.remove(span);
        let last = self.spans.is_empty();
        if last {
            self.reset();
        }
        last
    }

    /// Whether no span is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Gives out all time up to `now`, and bills every share that is running.
    pub(crate) fn bill_all(&mut self, now: u64, bill: &impl Bill) {
        self.settle(now, bill);
        for at in 0..self.slots.len() {
            self.bill_slot(at, bill);
        }
        let clock = self.wait.clock;
        for span in self.spans.iter_mut() {
            if span.started.is_some() {
                bill.latency(span.node, self.settled.saturating_sub(span.counted));
                span.counted = self.settled;
            }
            if let Some(joined) = &mut span.leaf_since {
                bill.awaited(span.node, clock.wrapping_sub(*joined));
                *joined = clock;
            }
        }
    }

    /// Gives out the time since the last change. A clock that reads backwards
    /// gives out nothing.
    pub(super) fn settle(&mut self, now: u64, bill: &impl Bill) {
        let Some(ticks) = now.checked_sub(self.settled) else { return };
        self.settled = now;
        if ticks == 0 || !self.lives {
            return;
        }
        // Whoever is due now, what was given out too early comes first.
        let share = self.work.pay(share_of(ticks));
        if self.work.count > 0 {
            self.work.advance(share);
        } else if self.wait.count > 0 {
            self.wait.advance(share);
        } else if let Some(root) = self.root {
            bill.awaited(root, share);
        }
    }

    /// Takes the innermost occurrence of a span off a thread's stack.
    fn leave(&mut self, at: usize, span: SpanKey, bill: &impl Bill) -> bool {
        let stack = &mut self.slots[at].stack;
        let Some(position) = stack.iter().rposition(|s| *s == span) else { return false };
        let from = stack.last().copied();
        stack.remove(position);
        let to = stack.last().copied();
        bill.exited(self.slots[at].thread, span, self.settled);
        self.relocate(at, from, to, bill);
        self.set_entered(span, |entered| entered.saturating_sub(1), bill);
        if to.is_none() {
            self.slots.detach(at);
        }
        true
    }

    /// A thread's innermost span of this operation changes.
    fn relocate(
        &mut self,
        at: usize,
        from: Option<SpanKey>,
        to: Option<SpanKey>,
        bill: &impl Bill,
    ) {
        if from == to {
            return;
        }
        self.bill_slot_to(at, from, bill);
        self.set_active(at, false);
        let from = from.filter(|s| !self.spans[*s].idle);
        let to = to.filter(|s| !self.spans[*s].idle);
        match (from, to) {
            (Some(from), Some(to)) if self.spans[to].parent == Some(from) => {
                self.worker_below(from, 1, at, bill);
            }
            (Some(from), Some(to)) if self.spans[from].parent == Some(to) => {
                self.worker_below(to, -1, at, bill);
            }
            _ => {
                self.workers_above(to, 1, at, bill);
                self.workers_above(from, -1, at, bill);
            }
        }
        let shares = to.is_some_and(|to| self.spans[to].workers_below == 0);
        self.set_active(at, shares);
        bill.runs(self.slots[at].thread, to.filter(|_| shares), self.settled);
    }

    /// Counts a thread in or out at every proper ancestor of a span.
    fn workers_above(&mut self, span: Option<SpanKey>, by: i32, mover: usize, bill: &impl Bill) {
        let mut above = span.and_then(|s| self.spans[s].parent);
        while let Some(ancestor) = above {
            self.worker_below(ancestor, by, mover, bill);
            above = self.spans[ancestor].parent;
        }
    }

    /// Counts a thread in or out below a span, and freezes or thaws the other
    /// threads that are in it.
    fn worker_below(&mut self, span: SpanKey, by: i32, mover: usize, bill: &impl Bill) {
        let state = &mut self.spans[span];
        let before = state.workers_below;
        state.workers_below = before.saturating_add_signed(by);
        let frozen = state.workers_below > 0;
        if (before > 0) == frozen {
            return;
        }
        if state.leaf_since.is_some() {
            bill.waits(span, !frozen, self.settled);
        }
        if state.idle || state.entered == 0 {
            return;
        }
        for at in 0..self.slots.len() {
            if at != mover && self.slots[at].top() == Some(span) {
                self.bill_slot(at, bill);
                self.set_active(at, !frozen);
                bill.runs(self.slots[at].thread, Some(span).filter(|_| !frozen), self.settled);
            }
        }
    }

    fn set_active(&mut self, at: usize, active: bool) {
        let (slot, clock) = (&mut self.slots[at], self.work.clock);
        match (slot.active_since.is_some(), active) {
            (false, true) => {
                slot.active_since = Some(clock);
                self.work.count = self.work.count.saturating_add(1);
            }
            (true, false) => {
                let ahead = slot.active_since.take().and_then(|since| since.checked_sub(clock));
                self.work.debt = self.work.debt.saturating_add(ahead.unwrap_or_default());
                self.work.count = self.work.count.saturating_sub(1);
            }
            _ => {}
        }
    }

    pub(super) fn bill_slot(&mut self, at: usize, bill: &impl Bill) {
        let top = self.slots[at].top();
        self.bill_slot_to(at, top, bill);
    }

    fn bill_slot_to(&mut self, at: usize, span: Option<SpanKey>, bill: &impl Bill) {
        let clock = self.work.clock;
        if let (Slot { active_since: Some(since), leased: false, .. }, Some(span)) =
            (&mut self.slots[at], span)
            && let Some(share) = clock.checked_sub(*since)
        {
            bill.shared(self.spans[span].node, share);
            *since = clock;
        }
    }

    /// Changes how many times a span is entered; entered nowhere, it is pending.
    fn set_entered(&mut self, span: SpanKey, change: impl FnOnce(u32) -> u32, bill: &impl Bill) {
        let state = &mut self.spans[span];
        state.entered = change(state.entered);
        let pending = state.entered == 0 && state.started.is_some();
        self.set_pending(span, pending, bill);
    }

    fn set_pending(&mut self, span: SpanKey, pending: bool, bill: &impl Bill) {
        if self.spans[span].pending == pending {
            return;
        }
        self.spans[span].pending = pending;
        if self.spans[span].pending_below > 0 {
            return;
        }
        self.set_leaf(span, pending, bill);
        let mut above = self.spans[span].parent;
        while let Some(ancestor) = above {
            let state = &mut self.spans[ancestor];
            let before = state.pending_below;
            state.pending_below = before.saturating_add_signed(if pending { 1 } else { -1 });
            if before > 0 && state.pending_below > 0 {
                return;
            }
            if state.pending {
                return self.set_leaf(ancestor, !pending, bill);
            }
            above = state.parent;
        }
    }

    /// A span begins or ceases to share the waiting.
    fn set_leaf(&mut self, span: SpanKey, leaf: bool, bill: &impl Bill) {
        let clock = self.wait.clock;
        let state = &mut self.spans[span];
        bill.waits(span, leaf && state.workers_below == 0, self.settled);
        if leaf {
            state.leaf_since = Some(clock);
            self.wait.count = self.wait.count.saturating_add(1);
        } else if let Some(joined) = state.leaf_since.take() {
            bill.awaited(state.node, clock.wrapping_sub(joined));
            self.wait.count = self.wait.count.saturating_sub(1);
        }
    }

    /// Back to new, some of its memory kept for the next operation.
    fn reset(&mut self) {
        self.spans.clear_beyond(KEPT);
        self.slots.clear_beyond(KEPT);
        self.root = None;
        self.lives = false;
        self.leases = 0;
        self.work = SharedClock::default();
        self.wait = SharedClock::default();
    }
}
