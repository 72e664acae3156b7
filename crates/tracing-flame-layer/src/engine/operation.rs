//! One operation's life, and how each instant of it is given out.
//!
//! The rules are those of `docs/semantics.md`: threads that work share the instant; else
//! spans that are pending do; else it is the root's `[await]`.
//!
//! Nobody is given time at every instant. Two virtual clocks run instead: `running`
//! advances by `dt / n` while `n` threads share, `waiting` by `dt / m` while `m` pending
//! leaves do. The share of a thread, or of a leaf, is the clock when it ceases to share
//! less the clock when it began to, so only beginning and ceasing cost anything. The
//! remainder of a division is carried to the next one.
//!
//! A third clock, `tentative`, is that of pending leaves that are held. It stands still while
//! every open span is, as nothing is given out then, and catches up if one goes on.
//!
//! A thread that works is waiting, and shares nothing, while another works strictly below
//! it. Each span therefore counts the threads that work strictly below it; moving to a
//! child or back to the parent changes one such count. An operation that one thread is in
//! counts none, as nobody could wait for another.

mod give;
mod held;
mod pending;

use super::{
    orphans::Standing,
    slab::{Key, Slab},
    span::{NEVER, Span, SpanKey, UNLISTED},
    thread::ThreadKey,
    tree::{NodeId, Tree},
};
use crate::{
    kept::{Budget, Capture, Piece},
    room::Room,
    tally::Telling,
};

pub(crate) type OperationKey = Key<Operation>;

/// Spans, and threads, for which an operation that ended keeps memory. One that had many
/// would otherwise have it for good, and in time all would have been such.
const KEPT: usize = 16;

/// A thread that has spans of the operation entered.
#[derive(Debug)]
struct Participant {
    thread: ThreadKey,
    /// Its innermost span of the operation.
    top: Option<SpanKey>,
    /// How many it has entered.
    depth: u32,
    /// The running clock when its share began; [`NEVER`] while it has none.
    since: u64,
    /// Since when it is told no more what the thread does, and its share since then.
    told: u64,
    untold: u64,
}

impl Participant {
    /// What its thread does is told no more up to then.
    fn begin_tail(&mut self, now: u64) {
        (self.told, self.untold) = (now, 0);
    }
}

/// What an operation's time is written to, and what its spans are.
pub(crate) struct Books<'e> {
    pub(crate) spans: &'e mut Slab<Span>,
    pub(crate) tree: &'e mut Tree,
    pub(crate) budget: &'e mut Budget,
}

/// An operation of which a span is open.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    /// Where time goes that nobody has: the root's node.
    pub(crate) root: NodeId,
    /// A span has been entered: it lives from then on.
    pub(crate) lives: bool,
    /// When that was.
    pub(crate) begun: u64,
    /// How it stands to the others, once it lives.
    pub(crate) standing: Standing,
    /// Its root was made where no span was current, and nobody said what it is below.
    pub(crate) has_no_parent: bool,
    /// How many spans are open.
    pub(crate) open: u32,
    /// How many of those are held.
    held: u32,
    /// Up to when everything has been given out, and what a division left.
    pub(crate) settled: u64,
    rest: u64,
    running: u64,
    runners: u64,
    waiting: u64,
    waiters: u64,
    tentative: u64,
    held_waiters: u64,
    participants: Vec<Participant>,
    /// Spans that may have begun or ceased to be pending.
    listed: Vec<SpanKey>,
    /// Whether spans count the threads that work below them.
    counts_workers: bool,
    /// The thread that has, or had, a chain below its innermost span of the operation.
    pub(crate) lent: Option<ThreadKey>,
    /// What follows the operation, to keep it by itself.
    pub(crate) capture: Option<Box<Capture>>,
}

impl Operation {
    pub(crate) fn new(root: NodeId) -> Self {
        Self { root, ..Self::default() }
    }

    /// Begins anew, in the memory of one that ended.
    pub(crate) fn renew(&mut self, root: NodeId) {
        let (mut participants, mut listed) =
            (std::mem::take(&mut self.participants), std::mem::take(&mut self.listed));
        participants.clear_beyond(KEPT);
        listed.clear_beyond(KEPT);
        *self = Self { participants, listed, ..Self::new(root) };
    }

    /// Room for so many spans more and a thread more; `None` where there is no memory.
    pub(crate) fn try_reserve(&mut self, spans: usize) -> Option<()> {
        // Each open span is listed once at the most.
        self.listed.try_hold((self.open as usize).saturating_add(spans))?;
        self.participants.try_reserve(1).ok()
    }

    /// Follows the operation from now on, at its beginning.
    pub(crate) fn follow(&mut self, capture: Box<Capture>) {
        self.capture = Some(capture);
        // A chart shows who waits for whom at every moment.
        self.counts_workers = true;
    }

    /// Whether a thread is the only one in it, works, and waits for nobody.
    pub(crate) fn is_exclusive(&self, thread: ThreadKey) -> bool {
        matches!(&self.participants[..], [only] if only.thread == thread && only.since != NEVER)
    }

    /// Whether it is the outer one, and a thread is the only one in it.
    pub(crate) fn is_outer(&self, thread: ThreadKey) -> bool {
        let is_alone = matches!(&self.participants[..], [only] if only.thread == thread);
        is_alone && self.standing == Standing::Outer
    }

    /// The threads that have spans of it entered.
    pub(crate) fn threads(&self) -> impl Iterator<Item = ThreadKey> + '_ {
        self.participants.iter().map(|participant| participant.thread)
    }

    fn place(&self, thread: ThreadKey) -> Option<usize> {
        self.participants.iter().position(|participant| participant.thread == thread)
    }

    /// A thread enters a span; there is room.
    pub(crate) fn enter(&mut self, thread: ThreadKey, key: SpanKey, books: &mut Books<'_>) {
        let at = self.place(thread).unwrap_or_else(|| self.attach(thread, books));
        let span = &mut books.spans[key];
        span.entered += 1;
        let first = !span.has_started();
        if first {
            (span.started, span.counted) = (self.settled, self.settled);
        } else if span.entered == 1 {
            self.list(key, books);
        }
        self.participants[at].depth += 1;
        self.relocate(at, Some(key), books);
    }

    fn attach(&mut self, thread: ThreadKey, books: &mut Books<'_>) -> usize {
        if !self.counts_workers && !self.participants.is_empty() {
            self.counts_workers = true;
            for at in 0..self.participants.len() {
                let top = works(self.participants[at].top, books);
                self.workers_above(top, true, at, books);
            }
        }
        let (told, untold) = (self.settled, 0);
        let new = Participant { thread, top: None, depth: 0, since: NEVER, told, untold };
        self.participants.push(new);
        self.participants.len() - 1
    }

    /// A thread exits a span; `top` is asked for its innermost of the operation then, if
    /// there is one.
    pub(crate) fn exit(
        &mut self,
        thread: ThreadKey,
        key: SpanKey,
        top: impl FnOnce(&Slab<Span>) -> Option<SpanKey>,
        books: &mut Books<'_>,
    ) {
        let Some(at) = self.place(thread) else { return };
        self.participants[at].depth -= 1;
        let top = if self.participants[at].depth > 0 { top(books.spans) } else { None };
        self.relocate(at, top, books);
        let span = &mut books.spans[key];
        span.entered -= 1;
        if span.entered == 0 {
            self.list(key, books);
        }
        if top.is_none() {
            self.participants.swap_remove(at);
            // Whatever was counted has been counted back.
            self.counts_workers &= !self.participants.is_empty() || self.capture.is_some();
        }
    }

    /// Takes over a span of a chain, which a thread has entered and goes on in.
    pub(crate) fn adopt(&mut self, thread: ThreadKey, key: SpanKey, books: &mut Books<'_>) {
        let Some(at) = self.place(thread) else {
            let (top, since, told) = (Some(key), self.running, self.settled);
            self.participants.push(Participant { thread, top, depth: 1, since, told, untold: 0 });
            self.runners = 1;
            return;
        };
        let from = self.participants[at].top.replace(key);
        self.participants[at].depth += 1;
        self.participants[at].begin_tail(self.settled);
        if self.counts_workers {
            self.move_worker(from, Some(key), at, books);
        }
    }

    /// A span is about to close; no thread is in it any more.
    pub(crate) fn close(&mut self, key: SpanKey, books: &mut Books<'_>) {
        let listed_at = books.spans[key].listed_at;
        if listed_at != UNLISTED {
            self.unlist(listed_at, books);
        }
        if books.spans[key].is_pending {
            self.set_pending(key, false, books);
        }
        self.open -= 1;
        self.held -= u32::from(books.spans[key].is_held());
    }

    /// The only thread in it is back at its span, from a chain below that.
    #[inline]
    pub(crate) fn resume(&mut self, now: u64) {
        self.settled = now;
        for participant in &mut self.participants {
            participant.begin_tail(now);
        }
    }

    /// Gives what a thread did to the frame that it is in, by its share since its tail began:
    /// in the proportions of `telling`, which is of a time within that, in pieces where what
    /// happened when is kept. Everything is settled.
    pub(crate) fn tell(
        &mut self,
        thread: ThreadKey,
        pieces: &[Piece],
        telling: &Telling,
        books: &mut Books<'_>,
    ) -> Option<()> {
        let Some(at) = self.place(thread) else { return Some(()) };
        self.flush_participant(at, books);
        let participant = &mut self.participants[at];
        let (ticks, share) = (self.settled.saturating_sub(participant.told), participant.untold);
        participant.begin_tail(self.settled);
        let Some(top) = participant.top.filter(|_| ticks > 0) else { return Some(()) };
        let part = |of: u64| (u128::from(share) * u128::from(of) / u128::from(ticks)) as u64;
        let (node, wall) = (books.spans[top].node, telling.share(part));
        if let Some(capture) = &mut self.capture {
            capture.tell(node, &wall, telling);
            pieces.iter().for_each(|piece| capture.was_absent(thread, piece, books.budget));
        }
        books.tree.told.add(node, &wall)
    }

    /// A thread's innermost span of this operation changes.
    fn relocate(&mut self, at: usize, to: Option<SpanKey>, books: &mut Books<'_>) {
        let from = self.participants[at].top;
        if from == to {
            return;
        }
        self.flush_participant(at, books);
        self.set_running(at, false);
        self.participants[at].top = to;
        self.participants[at].begin_tail(self.settled);
        let (from, to) = (works(from, books), works(to, books));
        if self.counts_workers {
            self.move_worker(from, to, at, books);
        }
        let runs = to.filter(|to| books.spans[*to].workers_below == 0);
        self.set_running(at, runs.is_some());
        self.chart_runs(at, runs, books);
    }

    /// Counts a thread where it works now and no more where it worked.
    fn move_worker(
        &mut self,
        from: Option<SpanKey>,
        to: Option<SpanKey>,
        at: usize,
        books: &mut Books<'_>,
    ) {
        match (from, to) {
            (Some(from), Some(to)) if books.spans[to].parent == Some(from) => {
                self.worker_below(from, true, at, books);
            }
            (Some(from), Some(to)) if books.spans[from].parent == Some(to) => {
                self.worker_below(to, false, at, books);
            }
            _ => {
                self.workers_above(to, true, at, books);
                self.workers_above(from, false, at, books);
            }
        }
    }

    /// Counts a thread in or out at every proper ancestor of a span, of which there are as
    /// many as frames are kept above one another.
    fn workers_above(
        &mut self,
        key: Option<SpanKey>,
        more: bool,
        mover: usize,
        books: &mut Books<'_>,
    ) {
        let mut above = key.and_then(|key| books.spans[key].parent);
        while let Some(ancestor) = above {
            self.worker_below(ancestor, more, mover, books);
            above = books.spans[ancestor].parent;
        }
    }

    /// A thread more, or one less, works below a span: those that are at it wait, or go on.
    fn worker_below(&mut self, key: SpanKey, more: bool, mover: usize, books: &mut Books<'_>) {
        let span = &mut books.spans[key];
        let had_some = span.workers_below > 0;
        if more {
            span.workers_below += 1;
        } else {
            span.workers_below -= 1;
        }
        let has_some = span.workers_below > 0;
        if had_some == has_some {
            return;
        }
        let may_work = span.entered > 0 && !span.is_idle;
        self.chart_strand(key, books);
        for at in 0..self.participants.len() {
            if may_work && at != mover && self.participants[at].top == Some(key) {
                self.flush_participant(at, books);
                self.set_running(at, !has_some);
                self.chart_runs(at, (!has_some).then_some(key), books);
            }
        }
    }

    fn set_running(&mut self, at: usize, runs: bool) {
        let participant = &mut self.participants[at];
        match (participant.since != NEVER, runs) {
            (false, true) => {
                participant.since = self.running;
                self.runners += 1;
            }
            (true, false) => {
                participant.since = NEVER;
                self.runners -= 1;
            }
            _ => {}
        }
    }

    /// A thread of a followed operation goes on at a span from now on, or at none.
    fn chart_runs(&mut self, at: usize, key: Option<SpanKey>, books: &mut Books<'_>) {
        if let Some(capture) = &mut self.capture {
            let at_span = key.map(|key| (books.spans[key].number, books.spans[key].node));
            let thread = self.participants[at].thread;
            capture.runs(thread, at_span, self.settled, books.budget);
        }
    }
}

/// The span that a thread works at, if it works at its innermost one.
fn works(top: Option<SpanKey>, books: &Books<'_>) -> Option<SpanKey> {
    top.filter(|key| !books.spans[*key].is_idle)
}
