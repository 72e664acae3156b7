//! What there is at a moment.

use std::sync::Arc;

use super::{
    Chains, Engine, ThreadKey,
    frozen::{Frozen, FrozenClasses, FrozenName, FrozenThread},
    span::NEVER,
    thread::{Thread, What},
};
use crate::tally::{NodeId, Paths, Reasons};

/// How many nodes are seen to at a time, before others have their turn.
const SLICE: usize = 4_096;

impl Engine {
    /// Everything up to `at`, which is no earlier than what happened last, to be read at
    /// leisure. What is under way is counted up to then. Threads have used so much CPU time
    /// as `cpu` says.
    ///
    /// Takes a step for each open span, operation and thread, and for each page of counters.
    pub(crate) fn freeze(&mut self, at: u64, cpu: impl Fn(ThreadKey) -> Option<u64>) -> Frozen {
        self.now = self.now.max(at);
        self.release_loose();
        self.darken_unread();
        self.settle();
        let open = self.started().collect();
        let roles = &self.settings.roles;
        let operations = self.tree.operations(|metadata| roles.are_operations(metadata));
        let paths = self.paths();
        self.count_losses();
        Frozen {
            at: self.now,
            paths,
            counters: self.tree.share_counters(),
            told: self.tree.told.clone(),
            reasons: self.reasons(),
            has_queued: self.settings.queued,
            open,
            names: self.freeze_names(),
            threads: self.freeze_threads(cpu),
            operations,
            begun: self.begun,
            living: self.living,
            covered: self.covered(),
            orphans: self.orphans.found.clone(),
            classes: self.freeze_classes(),
            heatmap: self.kept.heatmap.read(self.now),
            clearings: self.clearings,
            anomalies: self.anomalies,
        }
    }

    /// What operations measured that ended, by classes of latency.
    pub(crate) fn freeze_classes(&mut self) -> FrozenClasses {
        let classes = &mut self.kept.classes;
        let counted = self.kept.counted.share();
        FrozenClasses { rows: classes.share(), counted, left_out: classes.left_out }
    }

    fn freeze_names(&mut self) -> Vec<FrozenName> {
        let freeze = |name: &mut super::Name| FrozenName {
            text: Arc::from(&*name.text),
            ended: name.ended.share(),
            ended_threads: name.ended_threads,
            told: name.told.clone(),
        };
        self.names.iter_mut().map(freeze).collect()
    }

    fn freeze_threads(&mut self, cpu: impl Fn(ThreadKey) -> Option<u64>) -> Vec<FrozenThread> {
        let keys = self.threads.all_keys();
        let freeze = |key| {
            let Thread { number, name, shares, told, .. } = &mut self.threads[key];
            let (shares, told, cpu_nanos) = (shares.share(), told.clone(), cpu(key));
            FrozenThread { number: *number, name: *name, shares, told, cpu_nanos }
        };
        keys.map(freeze).collect()
    }

    /// What could not be counted, for want of memory, is lost.
    fn count_losses(&mut self) {
        let names = self.names.iter_mut().map(|name| name.ended.take_losses());
        let threads = self.threads.iter_mut().map(|thread| thread.shares.take_losses());
        let classes = self.kept.classes.take_losses() + self.kept.counted.take_losses();
        self.anomalies.lost +=
            classes + self.tree.take_losses() + names.chain(threads).sum::<u64>();
    }

    /// Forgets the longest latencies and waits of some nodes, so that a window has its own.
    /// Goes on where it ceased, which it returns, if anywhere; `None` is the beginning.
    pub(crate) fn clear_maxima(&mut self, from: Option<usize>) -> Option<usize> {
        // First, so that nobody takes a longest one for that of all calls so far who finds
        // some of them forgotten.
        self.clearings += u64::from(from.is_none());
        let from = from.unwrap_or(0);
        let until = (from + SLICE).min(self.tree.len());
        for node in from..until {
            let counters = self.tree.counters(NodeId(node as u32));
            counters.max_latency = 0;
            counters.queued.max = 0;
        }
        (until < self.tree.len()).then_some(until)
    }

    /// Makes ready for readers what some nodes stand for. Returns whether there are more.
    pub(crate) fn show_some(&mut self) -> bool {
        self.tree.show_some(SLICE, &self.values)
    }

    /// What numbers of nodes stand for.
    pub(crate) fn paths(&mut self) -> Paths {
        self.tree.show(&self.values)
    }

    /// What numbers of reasons stand for.
    pub(crate) fn reasons(&self) -> Reasons {
        self.reasons.clone()
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
            let until = span.lasts_until(self.operations[operation].settled);
            let counted = std::mem::replace(&mut self.spans[key].counted, until);
            self.tree.counters(node).latency += until.saturating_sub(counted);
            self.with_operation(operation, |operation, books| operation.flush_leaf(key, books));
        }
    }

    fn settle_stack(&mut self, thread: ThreadKey) {
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

    /// The open spans that were entered, with their nodes and their latencies so far.
    fn started(&self) -> impl Iterator<Item = (NodeId, u64)> + '_ {
        let spans = self.spans.iter().filter(|span| !span.is_clear && !span.is_closed);
        let spans = spans.filter(|span| span.started != NEVER);
        let spans =
            spans.map(|span| (span.node, span.lasts_until(self.now).saturating_sub(span.started)));
        let links = self.threads.iter().flat_map(|thread| thread.chain.started());
        spans.chain(links.map(|(node, started)| (node, self.now.saturating_sub(started))))
    }
}
