//! Reading everything while it runs.
//!
//! Operations first: each is settled under its own lock, and every share that is
//! running is billed to cells that only snapshots write. Threads next: their
//! counters are read as they stand, and what is running on their stacks is added
//! by the protocol of [`stack`](super::stack). Nobody waits for a snapshot longer
//! than one operation's settling takes, save threads that begin or end.

use std::{collections::HashMap, sync::Arc};

use super::{
    cell::Ticks,
    open_thread::read_thread,
    paths::PathId,
    recorder::Recorder,
    thread::{Cells, ThreadRecord},
    threads::Lists,
};
use crate::profile::Troubles;

/// Everything recorded up to a moment, in ticks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Ticks at that moment.
    pub(crate) at: u64,
    /// What was measured at each node, by its number.
    pub(crate) nodes: Vec<Ticks>,
    /// What the threads of each name measured.
    pub(crate) threads: HashMap<Arc<str>, NamedThreads>,
    /// Operations that came to life so far.
    pub(crate) begun: u64,
    /// Operations that lived at that moment.
    pub(crate) living: u64,
    pub(crate) troubles: Troubles,
}

/// What the threads of one name measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedThreads {
    /// How many of them entered a span.
    pub(crate) threads: u64,
    /// Their enters, busy and entered ticks, by node.
    pub(crate) nodes: HashMap<PathId, Ticks>,
}

impl Snapshot {
    /// Reads a recorder as of now.
    pub(crate) fn take(recorder: &Recorder) -> Self {
        // One at a time: what they bill has one writer.
        let billed = recorder.billed_by_snapshots.lock();
        let mut snapshot = Self { at: recorder.clock.ticks(), ..Self::default() };
        snapshot.read_operations(recorder, &billed);
        recorder.threads.read(|lists| snapshot.read_threads(lists));
        snapshot.add_cells(&billed);
        snapshot.begun = recorder.operations.begun();
        snapshot.troubles = recorder.trouble.read();
        snapshot
    }

    fn read_operations(&mut self, recorder: &Recorder, billed: &Cells) {
        for operation in recorder.operations.iter() {
            let mut operation = operation.lock();
            if !operation.lives() {
                continue;
            }
            self.living += 1;
            operation.bill_all(self.at, billed);
            for (node, started) in operation.started() {
                let latency = self.at.saturating_sub(started);
                self.add(node, &Ticks { latency, max_latency: latency, ..Ticks::default() });
            }
        }
    }

    fn read_threads(&mut self, lists: &Lists) {
        for record in &lists.live {
            self.add_thread(record);
        }
        for (name, retired) in &lists.retired {
            self.add_cells(&retired.cells);
            let named = self.threads.entry(Arc::clone(name)).or_default();
            named.threads += retired.threads;
            for (node, cell) in retired.cells.iter() {
                named.add(node, &cell.read());
            }
        }
    }

    fn add_thread(&mut self, record: &ThreadRecord) {
        let nodes = read_thread(record, self.at);
        for (node, ticks) in &nodes {
            self.add(*node, ticks);
        }
        let named = self.threads.entry(Arc::clone(&record.name)).or_default();
        named.threads += u64::from(nodes.iter().any(|(_, ticks)| ticks.enters > 0));
        for (node, ticks) in &nodes {
            named.add(*node, ticks);
        }
    }

    fn add_cells(&mut self, cells: &Cells) {
        for (node, cell) in cells.iter() {
            let ticks = cell.read();
            if !ticks.is_zero() {
                self.add(node, &ticks);
            }
        }
    }

    fn add(&mut self, node: PathId, ticks: &Ticks) {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, Ticks::default());
        }
        self.nodes[node.index()].merge(ticks);
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let nought = Ticks::default();
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.map(|(i, t)| t.since(earlier.nodes.get(i).unwrap_or(&nought))).collect();
        let threads = self
            .threads
            .iter()
            .map(|(name, named)| (Arc::clone(name), named.since(earlier.threads.get(name))));
        Self {
            at: self.at.saturating_sub(earlier.at),
            nodes,
            threads: threads.collect(),
            begun: self.begun.saturating_sub(earlier.begun).saturating_add(earlier.living),
            living: self.living,
            troubles: self.troubles.since(&earlier.troubles),
        }
    }

    /// Adds another window of the same recorder.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.at = self.at.saturating_add(other.at);
        for (index, ticks) in other.nodes.iter().enumerate() {
            self.add(PathId(index as u32), ticks);
        }
        for (name, named) in &other.threads {
            self.threads.entry(Arc::clone(name)).or_default().merge(named);
        }
        self.begun = self.begun.saturating_add(other.begun);
        self.living = other.living;
        self.troubles = self.troubles.plus(&other.troubles);
    }
}

impl NamedThreads {
    fn add(&mut self, node: PathId, ticks: &Ticks) {
        if ticks.enters > 0 || ticks.busy > 0 || ticks.entered > 0 {
            self.nodes.entry(node).or_default().merge(ticks);
        }
    }

    fn since(&self, earlier: Option<&Self>) -> Self {
        let Some(earlier) = earlier else { return self.clone() };
        let nought = Ticks::default();
        let after = |(node, ticks): (&PathId, &Ticks)| {
            (*node, ticks.since(earlier.nodes.get(node).unwrap_or(&nought)))
        };
        Self { threads: self.threads, nodes: self.nodes.iter().map(after).collect() }
    }

    fn merge(&mut self, other: &Self) {
        self.threads = self.threads.max(other.threads);
        for (node, ticks) in &other.nodes {
            self.add(*node, ticks);
        }
    }
}
