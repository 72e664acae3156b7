//! The engine's fast path: open spans that one thread has to itself.
//!
//! A chain is a row of open spans, each the only child of the one before, that only their
//! thread has named so far. The first ones are entered, the others wait. It stands above the
//! thread's stack: below the thread's innermost span, the *anchor*, if the thread has that
//! one's operation to itself, or as an operation of its own. Its spans have no place in the
//! table of spans: what a span takes is added up in its link, and reaches its node when it
//! closes. While a span of it is entered the operation's time is that of the innermost one;
//! while none is, and there is no anchor, it is what the innermost one awaits.
//!
//! Whatever else happens makes spans of the links ([`Engine::promote`]), as if they had
//! been from the beginning, and there is no way back.

use super::{
    Engine, Standing,
    shares::ShareAt,
    span::{NEVER, SpanKey},
    thread::{ThreadKey, What},
    tree::{Counters, NodeId, Tree},
};
use crate::{
    log::{Callsite, Parent},
    room::Room,
    tally::{Share, share_of},
};

/// A span of a chain.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: u64,
    pub(super) node: NodeId,
    /// Where its thread counts at the node.
    pub(super) share: ShareAt,
    /// Calls, first enters and enters that its node has not been told of.
    pub(super) calls: u64,
    pub(super) starts: u64,
    pub(super) enters: u64,
    /// When it was entered last, or looked at since.
    pub(super) since: u64,
    /// Time in which it was the innermost.
    pub(super) busy: u64,
    pub(super) entered: u64,
    pub(super) awaited: u64,
    /// Its first enter, and up to when its latency has been counted.
    pub(super) started: u64,
    pub(super) counted: u64,
}

/// The spans that a thread has to itself.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    pub(super) links: Vec<Link>,
    /// How many of them are entered.
    pub(super) depth: usize,
    /// Up to when its time has been given out.
    pub(super) since: u64,
    pub(super) anchor: Option<SpanKey>,
    /// Of a chain that is an operation, once that lives.
    pub(super) standing: Standing,
}

/// Whether chains are made, for tests of what is done without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(unreachable_pub, reason = "tests reach it by a feature")]
pub enum Chains {
    /// They are.
    #[default]
    On,
    /// None outlives a snapshot.
    UntilSnapshots,
    /// There are none.
    Off,
}

impl Chain {
    pub(crate) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Whether the thread is in it.
    pub(crate) fn is_running(&self) -> bool {
        self.depth > 0
    }

    pub(crate) fn has(&self, id: u64) -> bool {
        self.links.iter().any(|link| link.id == id)
    }

    /// The innermost span that is entered, where it is the last of the chain.
    pub(crate) fn current(&self) -> Option<u64> {
        let last = self.links.last()?;
        (self.depth == self.links.len()).then_some(last.id)
    }

    /// The innermost span that is entered.
    pub(super) fn top(&self) -> Option<&Link> {
        self.links.get(self.depth.checked_sub(1)?)
    }

    /// Gives the time up to now to the innermost span that is entered. Returns its node.
    pub(super) fn turn(&mut self, now: u64) -> Option<NodeId> {
        let top = self.links.get_mut(self.depth.checked_sub(1)?)?;
        top.busy += now - self.since;
        self.since = now;
        Some(top.node)
    }

    /// Whether it is an operation that lives.
    pub(super) fn lives(&self) -> bool {
        self.anchor.is_none() && self.links.first().is_some_and(|root| root.started != NEVER)
    }

    /// Time in which nobody works: the innermost span that was entered awaits. Behind it
    /// there may be one that was not.
    fn wait(&mut self, now: u64) {
        let waiting = self.links.iter_mut().rfind(|link| link.started != NEVER);
        if let Some(link) = waiting {
            link.awaited += now - self.since;
        }
        self.since = now;
    }

    /// The open spans that were entered, with their nodes and their first enters.
    pub(crate) fn started(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        let started = self.links.iter().filter(|link| link.started != NEVER);
        started.map(|link| (link.node, link.started))
    }
}

impl Link {
    fn new(id: u64, node: NodeId, share: ShareAt) -> Self {
        Self {
            id,
            node,
            share,
            calls: 1,
            starts: 0,
            enters: 0,
            since: 0,
            busy: 0,
            entered: 0,
            awaited: 0,
            started: NEVER,
            counted: 0,
        }
    }

    /// Gives what was added up to the node's counters, and to the thread's there.
    #[inline]
    fn give(&self, counters: &mut Counters, share: &mut Share) {
        counters.calls += self.calls;
        counters.started += self.starts;
        counters.wall += share_of(self.busy);
        counters.awaited += share_of(self.awaited);
        share.enters += self.enters;
        share.busy += self.busy;
        share.entered += self.entered;
    }

    /// Gives what was added up so far, and begins to add up anew, as the span goes on.
    pub(super) fn flush(&mut self, now: u64, tree: &mut Tree, share: &mut Share) {
        let counters = tree.counters(self.node);
        self.give(counters, share);
        (self.calls, self.starts, self.enters) = (0, 0, 0);
        (self.busy, self.entered, self.awaited) = (0, 0, 0);
        if self.started != NEVER {
            counters.latency += now.saturating_sub(self.counted);
            self.counted = now;
        }
    }
}

impl Engine {
    /// A span is created below the thread's current one: as the next of its chain, if it
    /// may be one. Returns whether it is.
    #[inline]
    pub(super) fn chain_create(&mut self, thread: ThreadKey, id: u64, callsite: Callsite) -> bool {
        let chain = &self.threads[thread].chain;
        let (above, anchor) = match chain.links.last() {
            Some(last) if chain.depth == chain.links.len() => (Some(last.node), chain.anchor),
            Some(_) => return false,
            None => match self.anchor(thread) {
                Some(anchor) => (anchor.map(|anchor| self.spans[anchor].node), anchor),
                None => return false,
            },
        };
        // One of this id that is still there has closed without a word.
        if !self.ids.is_empty() && self.ids.contains_key(&id) {
            return false;
        }
        let Some(node) = self.node_of_link(above, callsite) else { return false };
        let owner = &mut self.threads[thread];
        let Some(share) = owner.shares.place(owner.number, node, &mut self.tree) else {
            return false;
        };
        let links = &mut owner.chain.links;
        if links.try_push(Link::new(id, node, share)).is_none() {
            return false;
        }
        if links.len() == 1 {
            self.begin_chain(thread, id, anchor);
        }
        self.has_recorded_spans = true;
        true
    }

    /// A span is created that says below which one, or when. Returns whether it is the next of
    /// its thread's chain.
    pub(super) fn chain_goes_on(
        &mut self,
        thread: ThreadKey,
        id: u64,
        callsite: Callsite,
        parent: Parent,
    ) -> bool {
        let is_below_current = match parent {
            Parent::Root => false,
            Parent::Current => true,
            Parent::Span(parent) => self.threads[thread].chain.current() == Some(parent),
        };
        is_below_current && self.chain_create(thread, id, callsite)
    }

    /// What a chain would hang on: the thread's innermost span, if the thread is alone in
    /// its operation, or nothing; `None` where there can be no chain.
    fn anchor(&self, thread: ThreadKey) -> Option<Option<SpanKey>> {
        if self.chains == Chains::Off {
            return None;
        }
        let owner = &self.threads[thread];
        // A thread of which nothing is known is told at each change of frames.
        if owner.known.is_dark() {
            return None;
        }
        let Some(top) = owner.stack.frames().last() else { return Some(None) };
        let What::Recorded(key) = top.what else { return None };
        let span = &self.spans[key];
        let operation = &self.operations[span.operation];
        let is_fit = !top.is_repeated
            && !span.is_idle
            && operation.capture.is_none()
            && operation.is_exclusive(thread);
        is_fit.then_some(Some(key))
    }

    /// The node of a span of a chain, if its callsite has nothing about it that takes more.
    #[inline]
    fn node_of_link(&mut self, above: Option<NodeId>, callsite: Callsite) -> Option<NodeId> {
        let known = self.tree.expected(above, callsite);
        let node = match known.or_else(|| self.tree.known(above, callsite)) {
            Some(node) => node,
            None => {
                let site = self.site(callsite)?;
                let is_operation = site.role.operation && above.is_some();
                if !site.is_plain || is_operation {
                    return None;
                }
                self.node(above, callsite, None)?
            }
        };
        // A node that is known below another one is no operation's.
        let is_followed = above.is_none() && self.kept.wants() && self.site(callsite)?.role.kept;
        // What is truncated is not plain.
        (self.tree[node].is_plain && !is_followed).then_some(node)
    }

    fn begin_chain(&mut self, thread: ThreadKey, id: u64, anchor: Option<SpanKey>) {
        if let Some(anchor) = anchor {
            let operation = self.spans[anchor].operation;
            self.operations[operation].lent = Some(thread);
        }
        self.threads[thread].chain.anchor = anchor;
        self.creators.remember(id, thread);
    }

    // Parts of the loop that reads a log, here and below: as calls, a fifth of what they take
    // would be to save registers.

    /// A thread enters the next span of its chain. Returns whether it does.
    #[inline(always)]
    pub(super) fn chain_enter(&mut self, thread: ThreadKey, id: u64, now: u64) -> bool {
        let chain = &mut self.threads[thread].chain;
        let depth = chain.depth;
        let Some(link) = chain.links.get_mut(depth).filter(|link| link.id == id) else {
            return false;
        };
        let is_first = link.started == NEVER;
        if is_first {
            (link.started, link.counted, link.starts) = (now, now, 1);
        }
        link.since = now;
        link.enters += 1;
        chain.depth = depth + 1;
        match (depth.checked_sub(1), chain.anchor) {
            (Some(top), _) => chain.links[top].busy += now - chain.since,
            (None, Some(anchor)) => return self.descend(thread, anchor, now),
            (None, None) if is_first => {
                chain.since = now;
                let root = link.node;
                // It stands on nothing: the thread is in no other span.
                let standing = self.begin_life(thread, root, true);
                self.threads[thread].chain.standing = standing;
                return true;
            }
            (None, None) => chain.wait(now),
        }
        chain.since = now;
        true
    }

    /// A thread exits the innermost span of its chain. Returns whether it does.
    #[inline(always)]
    pub(super) fn chain_exit(&mut self, thread: ThreadKey, id: u64, now: u64) -> bool {
        let chain = &mut self.threads[thread].chain;
        let Some(top) = chain.depth.checked_sub(1) else { return false };
        let link = &mut chain.links[top];
        if link.id != id {
            return false;
        }
        link.busy += now - chain.since;
        link.entered += now - link.since;
        chain.since = now;
        chain.depth = top;
        if top == 0
            && let Some(anchor) = chain.anchor
        {
            self.ascend(thread, anchor, now);
        }
        true
    }

    /// The last span of the chain closes, which is not entered. Returns whether it does.
    #[inline(always)]
    pub(super) fn chain_close(&mut self, thread: ThreadKey, id: u64, now: u64) -> bool {
        let owner = &mut self.threads[thread];
        let chain = &mut owner.chain;
        let Some(last) = chain.links.len().checked_sub(1) else { return false };
        if chain.links[last].id != id || chain.depth > last {
            return false;
        }
        let is_operation = chain.anchor.is_none();
        if is_operation && chain.depth == 0 {
            chain.wait(now);
        }
        let link = &chain.links[last];
        let counters = self.tree.counters(link.node);
        link.give(counters, owner.shares.at(link.share));
        let has_started = link.started != NEVER;
        if has_started {
            counters.end_call(now.saturating_sub(link.started), now.saturating_sub(link.counted));
        }
        let root = link.node;
        chain.links.truncate(last);
        if has_started && is_operation && last == 0 {
            let standing = chain.standing;
            self.end_life(standing, root);
        }
        true
    }

    /// From the operation's innermost span into the chain.
    #[inline(never)]
    fn descend(&mut self, thread: ThreadKey, anchor: SpanKey, now: u64) -> bool {
        self.with_operation(self.spans[anchor].operation, |operation, books| {
            operation.settle(now, books);
            operation.flush(books);
        });
        let owner = &mut self.threads[thread];
        owner.turn(now);
        owner.chain.since = now;
        true
    }

    /// And back: what passed meanwhile has been given out.
    fn ascend(&mut self, thread: ThreadKey, anchor: SpanKey, now: u64) {
        self.operations[self.spans[anchor].operation].resume(now);
        self.threads[thread].busy_since = now;
    }

    /// Gives out what a thread's chain has under way.
    pub(super) fn settle_chain(&mut self, thread: ThreadKey, now: u64) {
        let owner = &mut self.threads[thread];
        let chain = &mut owner.chain;
        match (chain.depth.checked_sub(1), chain.anchor) {
            (Some(top), anchor) => {
                chain.links[top].busy += now - chain.since;
                chain.since = now;
                if let Some(anchor) = anchor {
                    self.operations[self.spans[anchor].operation].settled = now;
                    owner.busy_since = now;
                }
            }
            (None, None) => chain.wait(now),
            (None, Some(_)) => {}
        }
        for (at, link) in owner.chain.links.iter_mut().enumerate() {
            if at < owner.chain.depth {
                link.entered += now - link.since;
                link.since = now;
            }
            link.flush(now, &mut self.tree, owner.shares.at(link.share));
        }
    }
}
