//! Adding up what all threads counted, a page of nodes at a time.
//!
//! What is added up of a page stays in the processor's cache, however many threads
//! there are, and each counter is read once. Numbers of nodes ascend, so all that
//! is made of it is appended to.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "in no callback; a page has as many entries as a sheet"
)]

use std::{collections::HashMap, iter::repeat_with, sync::Arc};

use super::{
    cell::Cells,
    live::{LiveThread, LiveThreads},
    measured::Measured,
    named::{NamedThreads, Share},
    paged::PAGE,
    paths::PathId,
    pooled::Pooled,
    threads::{Lists, Live},
};
use crate::packed::Packed;

/// Everything that was counted.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) nodes: Packed,
    pub(super) threads: HashMap<Arc<str>, NamedThreads>,
    pub(super) live: LiveThreads,
}

/// What is counted for all threads together.
pub(super) struct Common<'r> {
    /// For operations with a record, by snapshots.
    pub(super) billed: &'r Cells,
    pub(super) pooled: &'r Pooled,
}

/// A thread, or those of a name that have ended.
struct Source<'l> {
    name: usize,
    tables: [Option<&'l Cells>; 2],
    live: Option<&'l Live>,
    /// Busy ticks of one that lives, by node.
    busy: Vec<(PathId, u64)>,
    has_entered: bool,
}

/// What is added up of a page.
struct Sheet {
    all: Vec<Measured>,
    /// Of the threads of one name.
    named: [Share; PAGE],
    /// Of one thread.
    busy: [u64; PAGE],
}

impl Reading {
    /// Reads the first so many nodes of all threads and of what they have in common.
    /// Spans that still run are told by their nodes and their latencies so far.
    pub(super) fn of(
        lists: &Lists,
        common: &Common<'_>,
        nodes: usize,
        mut running: Vec<(PathId, u64)>,
    ) -> Self {
        running.sort_unstable();
        let mut running = running.into_iter().peekable();
        let mut sources = sources(lists);
        let mut named: Vec<NamedThreads> =
            lists.names.iter().map(|named| NamedThreads::new(named.threads)).collect();
        let mut packed = Packed::default();
        let mut sheet = Sheet::new();
        for page in 0..nodes.div_ceil(PAGE) {
            sheet.clear();
            for one in sources.chunk_by_mut(|a, b| a.name == b.name) {
                let name = one[0].name;
                one.iter_mut().for_each(|source| sheet.add_source(source, page));
                named[name].append(sheet.take_named(page));
            }
            sheet.add_common(common, page);
            while let Some((node, latency)) =
                running.next_if(|(node, _)| node.index() / PAGE == page)
            {
                sheet.all[node.index() % PAGE].latencies.add_open(latency);
            }
            sheet.all.iter().for_each(|measured| measured.pack(&mut packed));
        }
        Self::finish(lists, packed, sources, named)
    }

    fn finish(
        lists: &Lists,
        nodes: Packed,
        sources: Vec<Source<'_>>,
        mut named: Vec<NamedThreads>,
    ) -> Self {
        let names: Vec<Arc<str>> =
            lists.names.iter().map(|named| Arc::from(&*named.name)).collect();
        let mut live = LiveThreads::default();
        for Source { name, live: thread, busy, has_entered, .. } in sources {
            if let Some(thread) = thread {
                named[name].threads += u64::from(has_entered);
                let name = Arc::clone(&names[name]);
                let cpu_nanos = thread.cpu.nanos();
                live.insert(thread.number, LiveThread { name, cpu_nanos, busy });
            }
        }
        Self { nodes, threads: names.into_iter().zip(named).collect(), live }
    }
}

/// All that count, those of a name one after the other.
fn sources(lists: &Lists) -> Vec<Source<'_>> {
    let ended = lists.names.iter().enumerate();
    let ended = ended.map(|(name, named)| Source::new(name, [Some(&named.cells), None], None));
    let live = lists.live.iter().filter(|live| live.name < lists.names.len());
    let live = live.map(|live| {
        let tables = [Some(&live.record.cells), Some(&live.record.billed)];
        Source::new(live.name, tables, Some(live))
    });
    let mut sources: Vec<_> = ended.chain(live).collect();
    sources.sort_by_key(|source| source.name);
    sources
}

impl<'l> Source<'l> {
    fn new(name: usize, tables: [Option<&'l Cells>; 2], live: Option<&'l Live>) -> Self {
        Self { name, tables, live, busy: Vec::new(), has_entered: false }
    }
}

impl Sheet {
    fn new() -> Self {
        Self {
            all: repeat_with(Measured::default).take(PAGE).collect(),
            named: [Share::default(); PAGE],
            busy: [0; PAGE],
        }
    }

    fn clear(&mut self) {
        self.all.iter_mut().for_each(Measured::clear);
    }

    /// Adds what a thread counted in a page.
    fn add_source(&mut self, source: &mut Source<'_>, page: usize) {
        self.busy = [0; PAGE];
        for table in source.tables.into_iter().flatten() {
            source.has_entered |= self.add_table(table, page);
        }
        if source.live.is_some() {
            let busy = self.busy.iter().enumerate().filter(|(_, ticks)| **ticks > 0);
            source.busy.extend(busy.map(|(at, ticks)| (number(page, at), *ticks)));
        }
    }

    /// Adds a page of a table; returns whether a span was entered there.
    fn add_table(&mut self, table: &Cells, page: usize) -> bool {
        let mut entered = false;
        for (at, cell) in table.page(page).iter().enumerate() {
            let ticks = cell.read();
            if cell.has_counted(&ticks) {
                self.all[at].add_cell(cell, &ticks);
                self.named[at].add(&ticks.into());
                self.busy[at] = self.busy[at].wrapping_add(ticks.busy);
                entered |= ticks.enters > 0;
            }
        }
        entered
    }

    /// Adds what is counted of all threads in a page.
    fn add_common(&mut self, common: &Common<'_>, page: usize) {
        self.add_table(common.billed, page);
        for (measured, blocks) in self.all.iter_mut().zip(common.pooled.page(page)) {
            measured.latencies.add_ended(blocks);
        }
    }

    /// What was added of the threads of a name, which is forgotten here.
    fn take_named(&mut self, page: usize) -> impl Iterator<Item = (PathId, Share)> {
        let shares = std::mem::replace(&mut self.named, [Share::default(); PAGE]);
        let shares = shares.into_iter().enumerate().filter(|(_, share)| !share.is_zero());
        shares.map(move |(at, share)| (number(page, at), share))
    }
}

fn number(page: usize, at: usize) -> PathId {
    PathId((page * PAGE + at) as u32)
}
