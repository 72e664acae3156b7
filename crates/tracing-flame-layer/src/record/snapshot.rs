//! Reading everything while it runs.
//!
//! Threads first, each in its section, then operations, each under its lock:
//! what is running there is billed up to one moment, to cells that only
//! snapshots write, and its stamps are moved to that moment. After that every
//! tick up to the moment is in some counter, in one only. Counters are added up
//! last, as they stand; what has run since the moment may be in them, a few
//! microseconds of it. A thread is kept waiting while its stack is read, never
//! while counters are.

#![expect(clippy::arithmetic_side_effects, reason = "in no callback")]

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    cell::Cells,
    live::{self, LiveThreads},
    measured::Measured,
    named::NamedThreads,
    paths::PathId,
    queue::{Queue, Waits},
    reading::{Common, Reading},
    recorder::Recorder,
    thread::ThreadRecord,
    threads::Lists,
    ticks::Ticks,
};
use crate::packed::Packed;
use crate::profile::Troubles;

/// Everything recorded up to a moment, in ticks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Ticks at that moment.
    pub(crate) at: u64,
    /// What was [`Measured`] at each node, by its number.
    nodes: Packed,
    /// Spans that are open, by their nodes, and how long they have taken so far;
    /// until it is added to what was measured.
    running: Vec<(PathId, u64)>,
    /// How long spans of each node waited to be entered, by its number.
    pub(crate) queued: Vec<Waits>,
    /// What the threads of each name measured.
    threads: HashMap<Arc<str>, NamedThreads>,
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
    /// Reads a recorder as of now, or as of its end.
    pub(crate) fn take(recorder: &Recorder) -> Self {
        // One at a time: what they bill has one writer.
        let billed = recorder.billed.lock();
        recorder.last.get().cloned().unwrap_or_else(|| Self::read_all(recorder, &billed))
    }

    /// Reads a recorder for the last time. What is open, and the clocks of threads, go
    /// on; so it is kept, for whoever takes a snapshot later.
    pub(super) fn take_last(recorder: &Recorder) {
        // Under the lock, so that no other snapshot is of a later moment.
        let billed = recorder.billed.lock();
        recorder.last.get_or_init(|| Self::read_all(recorder, &billed));
    }

    fn read_all(recorder: &Recorder, billed: &Cells) -> Self {
        let mut snapshot = Self { at: recorder.clock.ticks(), ..Self::default() };
        recorder.threads.read(|lists| {
            lists.live.iter().for_each(|live| snapshot.bill_thread(recorder, &live.record));
            snapshot.bill_operations(recorder, billed);
            snapshot.read(recorder, lists, billed);
        });
        snapshot.queued = recorder.queue.as_ref().map(Queue::read).unwrap_or_default();
        snapshot.troubles = recorder.trouble.read();
        snapshot
    }

    /// What was measured at a node, but for its latencies.
    pub(crate) fn ticks(&self, node: PathId) -> Ticks {
        Ticks::of_numbers(&mut self.nodes.row(node.index()))
    }

    /// What was measured at a node.
    pub(crate) fn measured(&self, node: PathId) -> Measured {
        Measured::unpack(self.nodes.row(node.index()))
    }

    /// Whether anything was measured at a node.
    pub(crate) fn has_counted(&self, node: PathId) -> bool {
        !self.ticks(node).is_zero() || !self.measured(node).latencies.is_empty()
    }

    /// What the threads of each name measured, and nothing else any more.
    pub(crate) fn into_threads(self) -> HashMap<Arc<str>, NamedThreads> {
        self.threads
    }

    /// The first nodes, up to the last that something was measured at.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = PathId> + use<> {
        (0..self.nodes.len() as u32).map(PathId)
    }

    fn bill_thread(&mut self, recorder: &Recorder, record: &ThreadRecord) {
        let mut section = record.state.lock();
        let state = &mut section.state;
        recorder.bill_leased(record, state, self.at);
        state.bill_running(self.at, &record.cells, &record.billed);
        let mut lives = false;
        for (node, started) in state.started(&record.cells) {
            self.add_running(node, started);
            lives = true;
        }
        // A chain on lease is part of an operation that is told of as one with a record.
        self.living += u64::from(lives && state.lease.is_none());
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
        self.running.push((node, self.at.saturating_sub(started)));
    }

    /// Adds up what was counted.
    fn read(&mut self, recorder: &Recorder, lists: &Lists, billed: &Cells) {
        self.clearings = lists.clearings;
        let live = lists.live.iter().map(|live| &live.record.cells);
        let all = live.chain(lists.names.iter().map(|named| &named.cells));
        self.begun = all.map(|cells| cells.begun().get()).sum();
        let running = std::mem::take(&mut self.running);
        let common = Common { billed, pooled: &recorder.threads.pooled };
        let reading = Reading::of(lists, &common, recorder.paths.len(), running);
        (self.nodes, self.threads, self.live) = (reading.nodes, reading.threads, reading.live);
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
        let threads = self.threads.into_iter().map(|(name, named)| {
            let (before, living) = (earlier.threads.get(&name), earlier.living_threads(&name));
            (name, named.since(before, living))
        });
        Self {
            at: self.at.saturating_sub(earlier.at),
            threads: threads.collect(),
            live: live::since(self.live, &earlier.live),
            begun: self.begun.saturating_sub(earlier.begun).saturating_add(earlier.living),
            clearings: 0,
            troubles: self.troubles.since(&earlier.troubles),
            ..self
        }
    }

    /// Puts something else in the place of what was measured at each node.
    fn change(&mut self, change: impl Fn(PathId, Measured) -> Measured) {
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

    /// Adds a later window of the same recorder.
    pub(crate) fn merge(&mut self, later: Self) {
        self.at = self.at.saturating_add(later.at);
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
        self.troubles = self.troubles.plus(&later.troubles);
    }
}
