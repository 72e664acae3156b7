//! Operations that are most likely parts of another: see `docs/semantics.md`, "Orphans".
//!
//! Only the thread on which the outer operation came to life can wait for others, so there is
//! one wait at the most. It is judged when its thread reads its counters, as a thread that
//! slept does ahead of its next enter or exit. A thread that changes frames otherwise tells
//! nobody here: that its wait was of another moment is found when somebody looks next.

use super::{
    Engine,
    thread::{Frame, ThreadKey},
    tree::NodeId,
};
use crate::tally::{OrphanPairs, States};

/// How an operation stands to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    Apart,
    /// No other lived as it came to life.
    Outer,
    /// It fell into the wait of this number.
    Within(u64),
}

/// What is known of orphans.
#[derive(Debug, Default)]
pub(super) struct Orphans {
    /// Whether threads say what they do, without which there are none.
    is_wanted: bool,
    /// The thread on which the outer operation came to life, while both live.
    outer: Option<ThreadKey>,
    /// The latest wait of that thread.
    wait: Option<Wait>,
    /// How many waits there have been.
    numbered: u64,
    pub(super) found: OrphanPairs,
}

/// How many roots are told apart in a wait.
const MOST_ROOTS: usize = 16;

/// A stay of the outer thread in a frame, and what fell into it.
#[derive(Debug)]
struct Wait {
    number: u64,
    at: Stay,
    /// What the thread did before `at`.
    blocked: u64,
    on_cpu: u64,
    /// How many operations that fell into it live, since when any does, and for how long any
    /// did before.
    living: u64,
    covered_since: u64,
    covered: u64,
    /// How many have ended, by their roots; places without any are free.
    ended: [(NodeId, u64); MOST_ROOTS],
}

/// Where a thread is, and since when it is there or has been told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stay {
    node: NodeId,
    since: u64,
}

impl Orphans {
    pub(super) fn new(is_wanted: bool) -> Self {
        Self { is_wanted, ..Self::default() }
    }

    /// An operation comes to life on a thread while no other lives.
    #[inline]
    pub(super) fn begin_outer(&mut self, thread: ThreadKey) -> Standing {
        if !self.is_wanted {
            return Standing::Apart;
        }
        self.outer = Some(thread);
        Standing::Outer
    }

    #[inline]
    pub(super) fn outer(&self) -> Option<ThreadKey> {
        self.outer
    }

    /// The outer operation ends, or the thread does on which it came to life.
    #[inline]
    pub(super) fn end_outer(&mut self) {
        (self.outer, self.wait) = (None, None);
    }

    /// The wait that a stay of the outer thread is.
    fn wait(&mut self, at: Stay) -> &mut Wait {
        let Self { wait, numbered, .. } = self;
        if wait.as_ref().is_some_and(|wait| wait.at != at) {
            *wait = None;
        }
        wait.get_or_insert_with(|| {
            *numbered += 1;
            Wait::new(*numbered, at)
        })
    }

    /// Whether an operation of a root has ended in the latest wait, so that it is known not
    /// to be a named one.
    fn has_met(&self, root: NodeId) -> bool {
        let ended = self.wait.as_ref().map_or(&[][..], |wait| &wait.ended);
        ended.iter().any(|(node, count)| *node == root && *count > 0)
    }

    /// An operation ends that fell into the wait of a number.
    pub(super) fn end_within(&mut self, number: u64, root: NodeId, now: u64) {
        if let Some(wait) = self.wait.as_mut().filter(|wait| wait.number == number) {
            wait.end(root, now);
        }
    }

    /// The outer thread has read its counters itself: its wait is over.
    fn end_wait(&mut self) {
        if let Some(wait) = self.wait.take().filter(Wait::is_filled) {
            let ended = wait.ended.iter().filter(|(_, count)| *count > 0);
            ended.for_each(|(root, count)| self.found.add(*root, wait.at.node, *count));
        }
    }
}

impl Wait {
    fn new(number: u64, at: Stay) -> Self {
        Self {
            number,
            at,
            blocked: 0,
            on_cpu: 0,
            living: 0,
            covered_since: 0,
            covered: 0,
            ended: [(NodeId(0), 0); MOST_ROOTS],
        }
    }

    /// An operation falls into it.
    fn begin(&mut self, now: u64) {
        if self.living == 0 {
            self.covered_since = now;
        }
        self.living += 1;
    }

    fn end(&mut self, root: NodeId, now: u64) {
        self.living -= 1;
        if self.living == 0 {
            self.covered += now - self.covered_since;
        }
        let is_place = |(node, count): &&mut (NodeId, u64)| *count == 0 || *node == root;
        if let Some((node, count)) = self.ended.iter_mut().find(is_place) {
            *node = root;
            *count += 1;
        }
    }

    /// What its thread did up to now is known.
    fn extend(&mut self, states: &States, now: u64) {
        self.blocked += states.blocked;
        self.on_cpu += (now - self.at.since).saturating_sub(states.sum());
        self.at.since = now;
    }

    /// Whether all that fell into it has ended, and lived for most of the time in which its
    /// thread was asleep; and whether that was for longer than it was on a CPU.
    fn is_filled(&self) -> bool {
        let (covered, blocked) = (u128::from(self.covered), u128::from(self.blocked));
        self.living == 0 && self.blocked > self.on_cpu && covered * 4 >= blocked * 3
    }
}

impl Engine {
    /// An operation comes to life on a thread that is in no span, while the outer one lives,
    /// which began on another.
    #[inline(never)]
    pub(super) fn begin_beside(&mut self, outer: ThreadKey, root: NodeId) -> Standing {
        if !self.may_wait(outer) || (!self.orphans.has_met(root) && self.is_named(root)) {
            return Standing::Apart;
        }
        let Some(at) = self.stay(outer) else { return Standing::Apart };
        let wait = self.orphans.wait(at);
        wait.begin(self.now);
        Standing::Within(wait.number)
    }

    /// Whether the user named the operations of a root.
    fn is_named(&mut self, root: NodeId) -> bool {
        let node = &self.tree[root];
        let (is_named_by_field, callsite) = (node.is_named_by_field, node.callsite);
        let site = callsite.and_then(|callsite| self.site(callsite));
        is_named_by_field || site.is_some_and(|site| site.role.operation)
    }

    /// Whether the outer thread may wait for others where it is: in the outer operation, which
    /// it is alone in, below its root, and not in an idle span.
    fn may_wait(&self, thread: ThreadKey) -> bool {
        let owner = &self.threads[thread];
        let chain = &owner.chain;
        if !chain.is_running() {
            let Some(key) = owner.stack.innermost().and_then(Frame::recorded) else { return false };
            let span = &self.spans[key];
            let is_below = span.parent.is_some() && !span.is_idle;
            return is_below && self.operations[span.operation].is_outer(thread);
        }
        match chain.anchor {
            Some(anchor) => self.operations[self.spans[anchor].operation].is_outer(thread),
            None => chain.standing == Standing::Outer && chain.depth > 1,
        }
    }

    /// Where a thread is, if it is in a span.
    fn stay(&self, thread: ThreadKey) -> Option<Stay> {
        let owner = &self.threads[thread];
        let node = match owner.chain.top() {
            Some(link) => link.node,
            None => self.spans[owner.stack.innermost().and_then(Frame::recorded)?].node,
        };
        Some(Stay { node, since: self.now.saturating_sub(self.tail(thread)) })
    }

    /// A thread is about to be told what it did in its tail. Returns whether that is of a wait,
    /// which is noted from its beginning on, as is what a snapshot told of it.
    pub(super) fn is_in_wait(&mut self, thread: ThreadKey) -> bool {
        if self.orphans.outer() != Some(thread) {
            return false;
        }
        match self.stay(thread) {
            Some(at) => _ = self.orphans.wait(at),
            None => self.orphans.wait = None,
        }
        self.orphans.wait.is_some()
    }

    /// The outer thread did this in its tail.
    pub(super) fn extend_wait(&mut self, states: &States) {
        if let Some(wait) = &mut self.orphans.wait {
            wait.extend(states, self.now);
        }
    }

    /// A thread has read its counters itself, and is about to do something.
    pub(super) fn end_wait(&mut self, thread: ThreadKey) {
        if self.orphans.outer() == Some(thread) {
            self.orphans.end_wait();
        }
    }
}
