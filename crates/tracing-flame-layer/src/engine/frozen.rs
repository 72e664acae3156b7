//! Everything as it was at a moment, and how a snapshot is read from it.
//!
//! Reading takes a step for each node, and nothing of the engine's: that goes on meanwhile.

use std::{collections::HashMap, sync::Arc};

use super::{
    paged::Pages,
    shares::SharePages,
    thread::NameId,
    tree::{CounterPages, Counters},
};
use crate::{
    packed::Packed,
    profile::Anomalies,
    tally::{
        ClassRow, Classes, CountCell, Heatmap, LiveThread, Measured, NamedThreads, NodeId,
        OrphanPairs, Paths, Reasons, Share, Snapshot, Ticks, ToldByNode,
    },
};

/// Everything as it was at a moment.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(super) at: u64,
    pub(super) paths: Paths,
    pub(super) counters: CounterPages,
    /// What threads did in the operations' time, in the unit of shares.
    pub(super) told: ToldByNode,
    pub(super) reasons: Reasons,
    /// Whether it is counted how long spans wait for their first enter.
    pub(super) has_queued: bool,
    /// The open spans that were entered, with their nodes and their latencies so far.
    pub(super) open: Vec<(NodeId, u64)>,
    pub(super) names: Vec<FrozenName>,
    pub(super) threads: Vec<FrozenThread>,
    pub(super) operations: Vec<NodeId>,
    pub(super) begun: u64,
    pub(super) living: u64,
    pub(super) covered: u64,
    pub(super) orphans: OrphanPairs,
    pub(super) classes: FrozenClasses,
    pub(super) heatmap: Heatmap,
    pub(super) clearings: u64,
    pub(crate) anomalies: Anomalies,
}

/// Classes of latency.
#[derive(Debug, Default)]
pub(crate) struct FrozenClasses {
    pub(super) rows: Pages<ClassRow>,
    pub(super) counted: Pages<CountCell>,
    pub(super) left_out: u64,
}

impl FrozenClasses {
    pub(crate) fn read(&self) -> Classes {
        Classes {
            rows: self.rows.iter().copied().collect(),
            counted: self.counted.iter().copied().collect(),
            left_out: self.left_out,
        }
    }
}

/// A name of threads.
#[derive(Debug)]
pub(super) struct FrozenName {
    pub(super) text: Arc<str>,
    pub(super) ended: SharePages,
    pub(super) ended_threads: u64,
    pub(super) told: ToldByNode,
}

/// A thread that had not ended.
#[derive(Debug)]
pub(super) struct FrozenThread {
    pub(super) number: u64,
    pub(super) name: NameId,
    pub(super) shares: SharePages,
    pub(super) told: ToldByNode,
    pub(super) cpu_nanos: Option<u64>,
}

impl Frozen {
    pub(crate) fn read(&self) -> Snapshot {
        let queued = self.counters.iter().map(|counters| counters.queued);
        Snapshot {
            at: self.at,
            paths: self.paths.clone(),
            nodes: self.pack(),
            told: self.told.clone(),
            reasons: self.reasons.clone(),
            queued: if self.has_queued { queued.collect() } else { Vec::new() },
            threads: self.named_threads(),
            operations: self.operations.clone(),
            live: self.threads.iter().map(|thread| (thread.number, self.live(thread))).collect(),
            begun: self.begun,
            living: self.living,
            covered: self.covered,
            orphans: self.orphans.clone(),
            classes: self.classes.read(),
            heatmap: self.heatmap.clone(),
            clearings: self.clearings,
            anomalies: self.anomalies,
        }
    }

    /// A row a node.
    fn pack(&self) -> Packed {
        let mut open = self.open.clone();
        open.sort_unstable_by_key(|(node, _)| *node);
        let mut open = open.into_iter().peekable();
        let (mut packed, mut measured) = (Packed::default(), Measured::default());
        let shares = self.shares_by_node();
        for ((id, counters), share) in (0..).map(NodeId).zip(self.counters.iter()).zip(shares) {
            measured.ticks = counters.ticks(&share);
            let here = std::iter::from_fn(|| open.next_if(|(node, _)| *node == id));
            let open = here.map(|(_, latency)| latency);
            let ended = (counters.ended_latency, counters.max_latency);
            measured.latencies.set(&counters.latencies, ended, open);
            measured.pack(&mut packed);
        }
        packed
    }

    /// What all threads counted, by node.
    fn shares_by_node(&self) -> Vec<Share> {
        let mut all = vec![Share::default(); self.counters.len()];
        let ended = self.names.iter().map(|name| &name.ended);
        let living = self.threads.iter().map(|thread| &thread.shares);
        let shares = ended.chain(living).flat_map(SharePages::iter);
        shares.for_each(|(node, share)| all[node.index()].add(share));
        all
    }

    fn named_threads(&self) -> HashMap<Arc<str>, NamedThreads> {
        let ended = |name: &FrozenName| {
            let shares: Vec<_> = name.ended.iter().copied().collect();
            (name.ended_threads, shares, name.told.clone())
        };
        let mut named: Vec<_> = self.names.iter().map(ended).collect();
        for thread in &self.threads {
            let (threads, shares, told) = &mut named[thread.name.index()];
            *threads += u64::from(thread.shares.iter().any(|(_, share)| share.enters > 0));
            shares.extend(thread.shares.iter());
            told.merge(&thread.told);
        }
        let names = self.names.iter().map(|name| Arc::clone(&name.text));
        let named = named.into_iter();
        names.zip(named.map(|(count, nodes, told)| NamedThreads::of(count, nodes, told))).collect()
    }

    fn live(&self, thread: &FrozenThread) -> LiveThread {
        let shares = thread.shares.iter().filter(|(_, share)| share.busy > 0);
        let mut busy: Vec<_> = shares.map(|(node, share)| (*node, share.busy)).collect();
        busy.sort_unstable_by_key(|(node, _)| *node);
        let name = Arc::clone(&self.names[thread.name.index()].text);
        LiveThread { name, cpu_nanos: thread.cpu_nanos, busy }
    }
}

impl Counters {
    /// With what threads counted there.
    fn ticks(&self, share: &Share) -> Ticks {
        let Self { calls, started, wall, awaited, latency, .. } = *self;
        let Share { enters, busy, entered } = *share;
        Ticks { calls, started, enters, wall, awaited, busy, entered, latency }
    }
}
