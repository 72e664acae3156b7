//! What there is at a moment.

use std::{collections::HashMap, sync::Arc};

use super::{
    Chains, Engine,
    span::NEVER,
    thread::{Thread, What},
};
use crate::{
    packed::Packed,
    tally::{LiveThread, Measured, NamedThreads, NodeId, Paths, Share, Snapshot, Ticks, Waits},
};

impl Engine {
    /// Everything up to `at`, which is no earlier than what happened last. What is under
    /// way is counted up to then. Which CPU time threads have used is left to the caller.
    pub(crate) fn snapshot(&mut self, at: u64) -> Snapshot {
        self.now = self.now.max(at);
        self.darken_unread();
        self.settle();
        let queued: Vec<Waits> = match self.settings.queued {
            true => self.tree.nodes.iter().map(|node| node.counters.queued).collect(),
            false => Vec::new(),
        };
        let paths = self.paths();
        let roles = &self.settings.roles;
        Snapshot {
            at: self.now,
            paths,
            nodes: self.pack(),
            queued,
            told: self.tree.told.clone(),
            threads: self.named_threads(),
            operations: self.tree.operations(|metadata| roles.are_operations(metadata)),
            live: self.threads.iter().map(|thread| (thread.number, self.live(thread))).collect(),
            begun: self.begun,
            living: self.living,
            covered: self.covered(),
            clearings: self.clearings,
            troubles: self.troubles,
        }
    }

    /// Forgets the longest latencies and waits, so that a window has its own.
    pub(crate) fn clear_maxima(&mut self) {
        self.clearings += 1;
        for node in &mut self.tree.nodes {
            node.counters.max_latency = 0;
            node.counters.queued.max = 0;
        }
    }

    /// The number of a thread, by which snapshots tell it.
    pub(crate) fn number(&self, thread: super::ThreadKey) -> u64 {
        self.threads[thread].number
    }

    /// What numbers of nodes stand for.
    pub(crate) fn paths(&mut self) -> Paths {
        self.tree.show(&self.values)
    }

    /// Counts all that is under way up to now.
    fn settle(&mut self) {
        for thread in self.threads.all_keys() {
            if self.chains == Chains::UntilSnapshots {
                self.leave_chain(thread);
            } else if !self.threads[thread].chain.is_empty() {
                self.settle_chain(thread, self.now);
            }
            self.settle_stack(thread);
        }
        let now = self.now;
        for operation in self.operations.all_keys() {
            self.with_operation(operation, |operation, books| {
                operation.settle(now, books);
                operation.flush(books);
            });
        }
        for key in self.spans.all_keys() {
            let span = &self.spans[key];
            if span.is_clear || span.is_closed || !span.has_started() {
                continue;
            }
            let (operation, node) = (span.operation, span.node);
            let until = self.operations[operation].settled;
            let counted = std::mem::replace(&mut self.spans[key].counted, until);
            self.tree[node].counters.latency += until.saturating_sub(counted);
            self.with_operation(operation, |operation, books| operation.flush_leaf(key, books));
        }
    }

    fn settle_stack(&mut self, thread: super::ThreadKey) {
        let Thread { stack, shares, .. } = &mut self.threads[thread];
        for frame in stack.frames_mut() {
            if matches!(frame.what, What::Recorded(_)) && !frame.is_within {
                shares.at(frame.share).entered += self.now - frame.since;
                frame.since = self.now;
            }
        }
        // While a chain runs above the stack, its time is its own.
        if !self.threads[thread].chain.is_running() {
            self.threads[thread].turn(self.now);
        }
    }

    /// A row a node.
    fn pack(&self) -> Packed {
        let mut open: Vec<_> = self.started().collect();
        open.sort_unstable_by_key(|(node, _)| *node);
        let mut open = open.into_iter().peekable();
        let (mut packed, mut measured) = (Packed::default(), Measured::default());
        let shares = self.shares_by_node();
        for ((id, node), share) in (0..).map(NodeId).zip(&self.tree.nodes).zip(shares) {
            let counters = &node.counters;
            measured.ticks = Ticks {
                calls: counters.calls,
                started: counters.started,
                enters: share.enters,
                wall: counters.wall,
                awaited: counters.awaited,
                busy: share.busy,
                entered: share.entered,
                latency: counters.latency,
            };
            let here = std::iter::from_fn(|| open.next_if(|(node, _)| *node == id));
            let open = here.map(|(_, started)| self.now.saturating_sub(started));
            measured.latencies.set(&counters.latencies, counters.max_latency, open);
            measured.pack(&mut packed);
        }
        packed
    }

    /// What all threads counted, by node.
    fn shares_by_node(&self) -> Vec<Share> {
        let mut all = vec![Share::default(); self.tree.nodes.len()];
        let ended = self.names.iter().flat_map(|name| name.ended.nodes());
        let living = self.threads.iter().flat_map(|thread| thread.shares.all());
        ended.chain(living).for_each(|(node, share)| all[node.index()].add(share));
        all
    }

    /// The open spans that were entered, with their nodes and their first enters.
    fn started(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        let spans = self.spans.iter().filter(|span| !span.is_clear && !span.is_closed);
        let spans =
            spans.filter(|span| span.started != NEVER).map(|span| (span.node, span.started));
        spans.chain(self.threads.iter().flat_map(|thread| thread.chain.started()))
    }

    fn named_threads(&self) -> HashMap<Arc<str>, NamedThreads> {
        let mut named: Vec<_> = self.names.iter().map(|name| name.ended.clone()).collect();
        for thread in self.threads.iter() {
            named[thread.name.index()].add_living(thread.shares.all(), &thread.told);
        }
        let names = self.names.iter().map(|name| Arc::from(&*name.text));
        names.zip(named).collect()
    }

    fn live(&self, thread: &Thread) -> LiveThread {
        let shares = thread.shares.all().iter().filter(|(_, share)| share.busy > 0);
        let mut busy: Vec<_> = shares.map(|(node, share)| (*node, share.busy)).collect();
        busy.sort_unstable_by_key(|(node, _)| *node);
        let name = Arc::from(&*self.names[thread.name.index()].text);
        LiveThread { name, cpu_nanos: None, busy }
    }
}
