//! Everything up to a moment, and the windows between two of them.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    classes::Classes,
    heatmap::Heatmap,
    live::{self, LiveThreads},
    measured::Measured,
    named::NamedThreads,
    orphans::OrphanPairs,
    paths::{NodeId, Paths},
    reasons::Reasons,
    states::ToldByNode,
    ticks::Ticks,
    waits::Waits,
};
use crate::{packed::Packed, profile::Anomalies};

/// Everything recorded up to a moment, in ticks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Ticks at that moment.
    pub(crate) at: u64,
    /// The call tree.
    pub(crate) paths: Paths,
    /// What was [`Measured`] at each node, by its number.
    pub(crate) nodes: Packed,
    /// What threads did in the operations' time, in the unit of shares.
    pub(crate) told: ToldByNode,
    /// What threads were asleep for.
    pub(crate) reasons: Reasons,
    /// How long spans of each node waited to be entered, by its number.
    pub(crate) queued: Vec<Waits>,
    /// What the threads of each name measured.
    pub(crate) threads: HashMap<Arc<str>, NamedThreads>,
    /// Roots that the user named operations, all of their spans or some.
    pub(crate) operations: Vec<NodeId>,
    /// Threads that have not ended, each by itself.
    pub(crate) live: LiveThreads,
    /// Operations that came to life so far.
    pub(crate) begun: u64,
    /// Operations that lived at that moment.
    pub(crate) living: u64,
    /// The time in which any lived.
    pub(crate) covered: u64,
    /// Operations that are most likely parts of another.
    pub(crate) orphans: OrphanPairs,
    /// What operations measured that ended, by classes of their latency.
    pub(crate) classes: Classes,
    /// When they ended.
    pub(crate) heatmap: Heatmap,
    /// How often the longest latencies had been forgotten.
    pub(crate) clearings: u64,
    pub(crate) anomalies: Anomalies,
}

impl Snapshot {
    /// What was counted at a node.
    pub(crate) fn ticks(&self, node: NodeId) -> Ticks {
        Ticks::of_numbers(&mut self.nodes.row(node.index()))
    }

    /// What was measured at a node.
    pub(crate) fn measured(&self, node: NodeId) -> Measured {
        Measured::unpack(self.nodes.row(node.index()))
    }

    /// Whether anything was measured at a node.
    pub(crate) fn has_counted(&self, node: NodeId) -> bool {
        !self.ticks(node).is_zero() || !self.measured(node).latencies.is_empty()
    }

    /// What the threads of each name measured, and nothing else any more.
    pub(crate) fn into_threads(self) -> HashMap<Arc<str>, NamedThreads> {
        self.threads
    }

    /// The first nodes, up to the last that something was measured at.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        let cleared = self.clearings != earlier.clearings;
        // Else all of it came after.
        if cleared || earlier.nodes.len() > 0 {
            self.change(|node, measured| measured.since(&earlier.measured(node), cleared));
        }
        for (waits, before) in self.queued.iter_mut().zip(&earlier.queued) {
            *waits = waits.since(before);
        }
        let told = self.told.since(&earlier.told);
        let threads = self.threads.into_iter().map(|(name, named)| {
            let (before, living) = (earlier.threads.get(&name), earlier.living_threads(&name));
            (name, named.since(before, living))
        });
        Self {
            at: self.at.saturating_sub(earlier.at),
            told,
            threads: threads.collect(),
            live: live::since(self.live, &earlier.live),
            begun: self.begun.saturating_sub(earlier.begun).saturating_add(earlier.living),
            covered: self.covered.saturating_sub(earlier.covered),
            orphans: self.orphans.since(&earlier.orphans),
            classes: self.classes.since(&earlier.classes),
            heatmap: self.heatmap.since(&earlier.heatmap),
            clearings: 0,
            anomalies: self.anomalies.since(&earlier.anomalies),
            ..self
        }
    }

    /// Puts something else in the place of what was measured at each node.
    fn change(&mut self, change: impl Fn(NodeId, Measured) -> Measured) {
        let mut nodes = Packed::default();
        for node in self.nodes() {
            change(node, self.measured(node)).pack(&mut nodes);
        }
        self.nodes = nodes;
    }

    /// How many threads of a name had spent time and not ended.
    fn living_threads(&self, name: &str) -> u64 {
        self.live.values().filter(|thread| thread.open() > 0 && *thread.name == *name).count()
            as u64
    }

    /// Forgets what was still open, which is nobody's once time is not taken.
    pub(crate) fn forget_open(&mut self) {
        self.change(|_, mut measured| {
            measured.latencies.forget_open();
            measured
        });
        self.living = 0;
    }

    /// Leaves of the calls of each node those that have ended, and of their latencies their sum.
    pub(crate) fn keep_ended(&mut self) {
        self.change(|_, mut measured| {
            measured.latencies.forget_open();
            measured.ticks.latency = measured.latencies.sum_ended;
            measured
        });
    }

    /// Adds a later window of the same recorder.
    pub(crate) fn merge(&mut self, later: Self) {
        self.at = self.at.saturating_add(later.at);
        (self.paths, self.operations) = (later.paths, later.operations);
        self.reasons = later.reasons;
        if self.nodes.len() == 0 {
            self.nodes = later.nodes;
        } else {
            // There are never fewer nodes later on.
            let earlier = std::mem::replace(&mut self.nodes, later.nodes);
            self.change(|node, later| {
                let mut sum = Measured::unpack(earlier.row(node.index()));
                sum.merge(&later);
                sum
            });
        }
        if self.queued.len() < later.queued.len() {
            self.queued.resize(later.queued.len(), Waits::default());
        }
        for (waits, later) in self.queued.iter_mut().zip(&later.queued) {
            waits.merge(later);
        }
        self.told.merge(&later.told);
        for (name, named) in later.threads {
            match self.threads.entry(name) {
                Entry::Occupied(mut known) => known.get_mut().merge(&named),
                Entry::Vacant(new) => {
                    new.insert(named);
                }
            }
        }
        live::merge(&mut self.live, later.live);
        self.begun = self.begun.saturating_add(later.begun);
        self.living = later.living;
        self.covered = self.covered.saturating_add(later.covered);
        self.orphans.merge(&later.orphans);
        self.classes.merge(&later.classes);
        self.heatmap.merge(later.heatmap);
        self.anomalies = self.anomalies.plus(&later.anomalies);
    }
}
