//! Reading everything while it runs.
//!
//! Threads first, each in its section, then operations, each under its lock:
//! what is running there is billed up to one moment, to cells that only
//! snapshots write, and its stamps are moved to that moment. After that every
//! tick up to the moment is in some counter, in one only. Counters are added up
//! last, as they stand; what has run since the moment may be in them, a few
//! microseconds of it. A thread is kept waiting while its stack is read, never
//! while counters are.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "in no callback; tables are made as long as they need be first"
)]

use std::{collections::HashMap, sync::Arc};

use super::{
    cell::{Cell, Cells},
    latencies::Latencies,
    live::{self, LiveThread, LiveThreads},
    named::NamedThreads,
    paths::PathId,
    queue::{Queue, Waits},
    recorder::Recorder,
    thread::ThreadRecord,
    threads::Lists,
    ticks::Ticks,
};
use crate::profile::Troubles;

/// Everything recorded up to a moment, in ticks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Ticks at that moment.
    pub(crate) at: u64,
    /// What was measured at each node, by its number.
    pub(crate) nodes: Vec<Ticks>,
    /// How long the calls of each node took, by its number.
    pub(crate) latencies: Vec<Latencies>,
    /// How long spans of each node waited to be entered, by its number.
    pub(crate) queued: Vec<Waits>,
    /// What the threads of each name measured.
    pub(crate) threads: HashMap<Arc<str>, NamedThreads>,
    /// Threads that have not ended, each by itself.
    pub(crate) live: LiveThreads,
    /// Operations that came to life so far.
    pub(crate) begun: u64,
    /// Operations that lived at that moment.
    pub(crate) living: u64,
    /// How often the longest latencies had been forgotten.
    clearings: u64,
    pub(crate) troubles: Troubles,
}

impl Snapshot {
    /// Reads a recorder as of now.
    pub(crate) fn take(recorder: &Recorder) -> Self {
        // One at a time: what they bill has one writer.
        let billed = recorder.billed.lock();
        let mut snapshot = Self { at: recorder.clock.ticks(), ..Self::default() };
        recorder.threads.read(|lists| {
            lists.live.iter().for_each(|live| snapshot.bill_thread(&live.record));
            snapshot.bill_operations(recorder, &billed);
            snapshot.read_threads(lists);
        });
        snapshot.add_cells(&billed);
        snapshot.queued = recorder.queue.as_ref().map(Queue::read).unwrap_or_default();
        snapshot.troubles = recorder.trouble.read();
        snapshot
    }

    fn bill_thread(&mut self, record: &ThreadRecord) {
        let mut section = record.state.lock();
        let state = &mut section.state;
        state.bill_running(self.at, &record.cells, &record.billed);
        let mut lives = false;
        for (node, started) in state.started(&record.cells) {
            self.add_running(node, started);
            lives = true;
        }
        self.living += u64::from(lives);
    }

    fn bill_operations(&mut self, recorder: &Recorder, billed: &Cells) {
        for operation in recorder.operations.iter() {
            let mut operation = operation.lock();
            if !operation.lives() {
                continue;
            }
            self.living += 1;
            operation.bill_all(self.at, billed);
            for (node, started) in operation.started() {
                self.add_running(node, started);
            }
        }
    }

    /// Tells of a span that is still open how long it has taken so far; its sum
    /// is billed like the rest.
    fn add_running(&mut self, node: PathId, started: u64) {
        let latency = self.at.saturating_sub(started);
        self.latencies(node).add_open(latency);
    }

    fn read_threads(&mut self, lists: &Lists) {
        self.clearings = lists.clearings;
        let names: Vec<Arc<str>> = lists.names.iter().map(|n| Arc::from(&*n.name)).collect();
        for live in &lists.live {
            let (Some(name), record) = (names.get(live.name), &live.record) else { continue };
            self.begun += record.cells.begun().get();
            let entered = self.add_cells_of(name, &record.cells);
            self.add_cells_of(name, &record.billed);
            self.named(name).threads += u64::from(entered);
            self.live.insert(live.number, LiveThread::read(live, name));
        }
        for (name, named) in names.iter().zip(&lists.names) {
            self.begun += named.cells.begun().get();
            self.add_cells_of(name, &named.cells);
            self.named(name).threads += named.threads;
        }
    }

    fn named(&mut self, name: &Arc<str>) -> &mut NamedThreads {
        self.threads.entry(Arc::clone(name)).or_default()
    }

    /// Adds what threads of a name counted; returns whether one entered a span.
    fn add_cells_of(&mut self, name: &Arc<str>, cells: &Cells) -> bool {
        let mut entered = false;
        let mut named = self.threads.remove(name).unwrap_or_default();
        let counted = cells.iter().filter_map(|(node, cell)| {
            let ticks = cell.read();
            cell.has_counted(&ticks).then(|| {
                entered |= ticks.enters > 0;
                self.add_cell(node, cell, &ticks);
                (node, ticks.into())
            })
        });
        named.add(counted);
        self.threads.insert(Arc::clone(name), named);
        entered
    }

    fn add_cells(&mut self, cells: &Cells) {
        for (node, cell) in cells.iter() {
            let ticks = cell.read();
            if cell.has_counted(&ticks) {
                self.add_cell(node, cell, &ticks);
            }
        }
    }

    fn add_cell(&mut self, node: PathId, cell: &Cell, ticks: &Ticks) {
        self.add(node, ticks);
        self.latencies(node).add_cell(cell);
    }

    fn latencies(&mut self, node: PathId) -> &mut Latencies {
        if self.latencies.len() <= node.index() {
            self.latencies.resize(node.index() + 1, Latencies::default());
        }
        &mut self.latencies[node.index()]
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
        let none = Latencies::default();
        let cleared = self.clearings != earlier.clearings;
        let latencies = self.latencies.iter().enumerate();
        let latencies = latencies
            .map(|(i, l)| l.since(earlier.latencies.get(i).unwrap_or(&none), cleared))
            .collect();
        let never = Waits::default();
        let queued = self.queued.iter().enumerate();
        let queued =
            queued.map(|(i, w)| w.since(earlier.queued.get(i).unwrap_or(&never))).collect();
        let threads = self.threads.iter().map(|(name, named)| {
            let before = earlier.threads.get(name);
            (Arc::clone(name), named.since(before, earlier.living_threads(name)))
        });
        Self {
            at: self.at.saturating_sub(earlier.at),
            nodes,
            latencies,
            queued,
            threads: threads.collect(),
            live: live::since(&self.live, &earlier.live),
            begun: self.begun.saturating_sub(earlier.begun).saturating_add(earlier.living),
            living: self.living,
            clearings: 0,
            troubles: self.troubles.since(&earlier.troubles),
        }
    }

    /// How many threads of a name had spent time and not ended.
    fn living_threads(&self, name: &str) -> u64 {
        self.live.values().filter(|thread| thread.open() > 0 && *thread.name == *name).count()
            as u64
    }

    /// Forgets what was still open, which is nobody's once time is not taken.
    pub(crate) fn forget_open(&mut self) {
        self.latencies.iter_mut().for_each(Latencies::forget_open);
        self.living = 0;
    }

    /// Adds another window of the same recorder.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.at = self.at.saturating_add(other.at);
        for (index, ticks) in other.nodes.iter().enumerate() {
            self.add(PathId(index as u32), ticks);
        }
        for (index, latencies) in other.latencies.iter().enumerate() {
            self.latencies(PathId(index as u32)).merge(latencies);
        }
        if self.queued.len() < other.queued.len() {
            self.queued.resize(other.queued.len(), Waits::default());
        }
        for (waits, other) in self.queued.iter_mut().zip(&other.queued) {
            waits.merge(other);
        }
        for (name, named) in &other.threads {
            self.threads.entry(Arc::clone(name)).or_default().merge(named);
        }
        live::merge(&mut self.live, &other.live);
        self.begun = self.begun.saturating_add(other.begun);
        self.living = other.living;
        self.troubles = self.troubles.plus(&other.troubles);
    }
}
