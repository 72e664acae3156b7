//! A capture of an operation that one thread has to itself.
//!
//! That is a chain of open spans: the first so many are entered, the first so many
//! were ever entered, which is all but perhaps the last (see `record/state`). So
//! nothing is looked up: the time is that of the innermost entered span, or where
//! none is entered, that of the last one that ever was, which is awaited. Once the
//! operation has a record, [`Capture::hand_over`] moves what is known of the chain
//! to where open spans stand by key.

use super::{
    super::{operation::ThreadKey, paths::PathId, room::Room, spans::SpanKey, ticks::share_of},
    Capture, Entered, Known, LaneId, Place, Strand, Visit,
};

/// The lane of the thread that has the operation to itself.
const OWN_LANE: LaneId = 0;

/// The open spans, from the root down. Those that there was no memory for are the
/// last, and count; their time is that of the last one above.
#[derive(Debug, Default)]
pub(super) struct Chain {
    links: Vec<Link>,
    /// How many are open.
    open: usize,
    /// How many of them are entered.
    entered: usize,
    /// How many of them were ever entered.
    started: usize,
    /// Up to when time has been given out. No later step is before.
    pub(super) since: u64,
    /// Since when the last one that was ever entered has been awaited, if it is not
    /// entered.
    waits_since: u64,
    /// How many of them the operation's record knows.
    handed: usize,
}

/// An open span.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// Which of the operation's spans it is, in order of creation.
    span: u32,
    place: Place,
    /// Ticks at the first enter.
    started: u64,
    /// Ticks at the latest enter.
    entered: u64,
}

impl Chain {
    fn innermost(&self) -> Option<Link> {
        self.links.get(..self.entered.min(self.links.len()))?.last().copied()
    }

    /// The innermost entered one, where all are entered and there was memory for all.
    #[inline]
    fn only_entered(&self) -> Option<Link> {
        let all = self.links.len() == self.open && self.open == self.entered;
        self.links.last().copied().filter(|_| all)
    }

    fn awaited(&self) -> Option<Link> {
        let started = self.started.min(self.links.len());
        self.links.get(self.entered..started)?.last().copied()
    }

    pub(super) fn clear(&mut self, small: usize) {
        self.links.clear_beyond(small);
        (self.open, self.entered, self.started, self.handed) = (0, 0, 0, 0);
    }
}

impl Capture {
    /// The calling thread is about to begin an operation that it has to itself, not
    /// before `since`.
    pub(crate) fn begin_chain(&mut self, thread: ThreadKey, since: u64) {
        self.lane(thread);
        self.chain.since = since;
        self.make_note_room();
    }

    /// A span was created below the last one.
    #[inline]
    pub(super) fn chain_created(&mut self, node: PathId) {
        let (span, place) = self.count_created(node);
        let Chain { links, open, .. } = &mut self.chain;
        if links.len() == *open {
            let _ = links.try_push(Link { span, place, started: 0, entered: 0 });
        }
        *open = open.saturating_add(1);
    }

    /// The last span, which was not entered yet, has another node.
    pub(crate) fn chain_renamed(&mut self, node: PathId) {
        self.work_in();
        let place = self.tree.place(node);
        let Some(last) = self.chain.open.checked_sub(1) else { return };
        let Some(last) = self.chain.links.get_mut(last) else { return };
        let before = std::mem::replace(&mut last.place, place);
        self.move_call(before, place, node);
    }

    /// The next span is entered.
    #[inline]
    pub(super) fn chain_entered(&mut self, now: u64) {
        self.run_until(now);
        let Chain { links, entered, started, waits_since, .. } = &mut self.chain;
        let at = *entered;
        *entered = at.saturating_add(1);
        let first = at == *started;
        let awaited = *entered == *started;
        *started = (*started).max(*entered);
        let Some(link) = links.get_mut(at) else { return };
        link.entered = now;
        let (span, place) = (link.span, link.place);
        let ticks = &mut self.tree.at(place).ticks;
        ticks.enters = ticks.enters.wrapping_add(1);
        if first {
            link.started = now;
            ticks.started = ticks.started.wrapping_add(1);
            self.begun.get_or_insert(now);
        } else if awaited {
            self.strands.push(Strand { span, place, lane: None, from: *waits_since, to: now });
        }
    }

    /// The innermost entered span is exited.
    #[inline]
    pub(super) fn chain_exited(&mut self, now: u64) {
        self.run_until(now);
        if self.chain.entered == self.chain.started {
            self.chain.waits_since = now;
        }
        let Some(depth) = self.chain.entered.checked_sub(1) else { return };
        self.chain.entered = depth;
        let Some(Link { span, place, entered: from, .. }) = self.chain.links.get(depth).copied()
        else {
            return;
        };
        let ticks = &mut self.tree.at(place).ticks;
        ticks.entered = ticks.entered.wrapping_add(now.saturating_sub(from));
        let depth = u16::try_from(depth).unwrap_or(u16::MAX);
        self.visits.push(Visit { span, place, lane: OWN_LANE, depth, from, to: now });
    }

    /// The last span, which is not entered, closes.
    #[inline]
    pub(super) fn chain_closed(&mut self, now: u64) {
        if self.chain.entered == 0 {
            self.run_until(now);
        }
        self.ended = now;
        let Some(left) = self.chain.open.checked_sub(1) else { return };
        self.chain.open = left;
        let closed = self.chain.links.get(left).copied();
        self.chain.links.truncate(left);
        if self.chain.started <= left {
            return;
        }
        self.chain.started = left;
        let from = std::mem::replace(&mut self.chain.waits_since, now);
        let Some(Link { span, place, started, .. }) = closed else { return };
        self.strands.push(Strand { span, place, lane: None, from, to: now });
        let node = self.tree.at(place);
        let latency = now.saturating_sub(started);
        node.ticks.latency = node.ticks.latency.wrapping_add(latency);
        node.max_latency = node.max_latency.max(latency);
    }

    /// A span is created, entered, exited and closed, all below the innermost entered
    /// one. As the four steps, one by one; returns `false` where those are to be taken.
    #[inline]
    pub(super) fn chain_visited(&mut self, node: PathId, [from, to, closed]: [u64; 3]) -> bool {
        let Some(above) = self.chain.only_entered() else { return false };
        self.run_from(above, from);
        let (span, place) = self.count_created(node);
        let (worked, latency) = (to.saturating_sub(from), closed.saturating_sub(from));
        let node = self.tree.at(place);
        node.max_latency = node.max_latency.max(latency);
        let ticks = &mut node.ticks;
        ticks.started = ticks.started.wrapping_add(1);
        ticks.enters = ticks.enters.wrapping_add(1);
        ticks.busy = ticks.busy.wrapping_add(worked);
        ticks.wall = ticks.wall.wrapping_add(share_of(worked));
        ticks.entered = ticks.entered.wrapping_add(worked);
        ticks.latency = ticks.latency.wrapping_add(latency);
        let depth = u16::try_from(self.chain.entered).unwrap_or(u16::MAX);
        (self.chain.since, self.chain.waits_since, self.ended) = (to, closed, closed);
        self.strands.push(Strand { span, place, lane: Some(OWN_LANE), from, to });
        self.visits.push(Visit { span, place, lane: OWN_LANE, depth, from, to });
        self.strands.push(Strand { span, place, lane: None, from: to, to: closed });
        true
    }

    /// Gives the time until now out, and ends the strand of who worked.
    #[inline]
    fn run_until(&mut self, now: u64) {
        if let Some(innermost) = self.chain.innermost() {
            return self.run_from(innermost, now);
        }
        let since = std::mem::replace(&mut self.chain.since, now);
        if let Some(Link { place, .. }) = self.chain.awaited() {
            let ticks = &mut self.tree.at(place).ticks;
            ticks.awaited = ticks.awaited.wrapping_add(share_of(now.saturating_sub(since)));
        }
    }

    /// The same where a span is entered.
    #[inline]
    fn run_from(&mut self, Link { span, place, .. }: Link, now: u64) {
        let from = std::mem::replace(&mut self.chain.since, now);
        let passed = now.saturating_sub(from);
        let ticks = &mut self.tree.at(place).ticks;
        ticks.busy = ticks.busy.wrapping_add(passed);
        ticks.wall = ticks.wall.wrapping_add(share_of(passed));
        self.strands.push(Strand { span, place, lane: Some(OWN_LANE), from, to: now });
    }

    /// The operation gets a record, which gives time out from now on.
    pub(crate) fn end_chain(&mut self, now: u64) {
        self.end_notes();
        self.run_until(now);
        if self.begun.is_none() {
            // The thread was never in the operation.
            self.lanes_used = 0;
        }
    }

    /// The record knows the next span of the chain, from the root down, by a key.
    pub(crate) fn hand_over(&mut self, thread: ThreadKey, key: SpanKey) {
        let Chain { since, waits_since, entered, started, handed, .. } = self.chain;
        let Some(Link { span, place, entered: from, .. }) = self.chain.links.get(handed).copied()
        else {
            return;
        };
        let next = handed.saturating_add(1);
        let awaited = handed >= entered && next == started;
        self.know(key, Known { span, place, waits_since: awaited.then_some(waits_since) });
        if handed < entered
            && let Some((_, lane)) = self.lane(thread)
            && lane.stack.try_push(Entered { key, since: from }).is_some()
        {
            (lane.runs, lane.busy_since) = (Some((key, since)), since);
        }
        self.chain.handed = next;
    }
}
