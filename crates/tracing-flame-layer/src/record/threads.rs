//! All threads of a recorder, the ended ones folded together by name.

use std::{
    ptr::{self, NonNull},
    sync::Arc,
};

use super::{
    cell::Cells,
    counted::Counted,
    cpu::CpuClock,
    operation::ThreadKey,
    paged::{Paged, made},
    pooled::Pooled,
    room::{Room, try_text},
    sync::{
        AtomicPtr, Mutex, OnceLock,
        Ordering::{Acquire, Release},
        sized,
    },
    thread::{Local, Lock, ThreadRecord},
};

/// Thread names kept apart; the rest count as [`OTHERS`].
const NAMES: usize = 256;
/// Stands for all threads past the bound of names.
const OTHERS: &str = "(other threads)";
/// Stands for threads without a name.
const UNNAMED: &str = "<unnamed>";
/// Entries of the memory of which thread makes which ids.
const HOMES: usize = sized(8192, 2);

/// The threads that record, and what is left of those that ended.
#[derive(Debug)]
pub(crate) struct Threads {
    /// Every record ever made, by key.
    records: Paged<OnceLock<Counted<ThreadRecord>>>,
    /// A guess at the record whose thread makes ids of a kind, by [`home`]; one of
    /// `records`, or null.
    homes: Box<[AtomicPtr<ThreadRecord>]>,
    lists: Mutex<Lists>,
    lock: Lock,
    /// Latencies that they count together.
    pub(crate) pooled: Arc<Pooled>,
}

#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) live: Vec<Live>,
    /// Every name that a thread had, the first [`NAMES`] and [`OTHERS`].
    pub(crate) names: Vec<Named>,
    /// Claims of threads that ended, for new threads.
    spare: Vec<Counted<ThreadRecord>>,
    made: u32,
    /// How many threads ever began.
    begun: u64,
    /// How often the longest latencies were forgotten.
    pub(crate) clearings: u64,
}

/// A thread that records.
#[derive(Debug)]
pub(crate) struct Live {
    /// The place of its name among all.
    pub(crate) name: usize,
    pub(crate) record: Counted<ThreadRecord>,
    /// Which thread of all it is; records are used again, this is not.
    pub(crate) number: u64,
    pub(crate) cpu: CpuClock,
}

/// A name, and what ended threads of that name left behind.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: Box<str>,
    /// How many of them entered a span.
    pub(crate) threads: u64,
    pub(crate) cells: Cells,
}

impl Threads {
    pub(crate) fn new(lock: Lock, pooled: Arc<Pooled>) -> Self {
        let homes =
            std::iter::repeat_with(|| AtomicPtr::new(ptr::null_mut())).take(HOMES).collect();
        Self { records: Paged::new(), homes, lists: Mutex::default(), lock, pooled }
    }

    /// The calling thread begins to record; `None` where as many as fit do, and
    /// where there is no memory.
    pub(crate) fn begin(&self) -> Option<Local> {
        let cpu = CpuClock::of_this_thread();
        let mut lists = self.lists.lock();
        let name = std::thread::current();
        let name = lists.name(name.name().unwrap_or(UNNAMED), &self.pooled)?;
        lists.live.try_reserve(1).ok()?;
        let record = match lists.spare.pop() {
            Some(record) => record,
            None => self.make(&mut lists)?,
        };
        lists.begun = lists.begun.saturating_add(1);
        let number = lists.begun;
        lists.live.push(Live { name, record: record.clone(), number, cpu });
        Some(Local::claim(record))
    }

    fn make(&self, lists: &mut Lists) -> Option<Counted<ThreadRecord>> {
        let key = lists.made;
        let next = key.checked_add(1)?;
        // So that a thread's end needs no memory.
        lists.spare.try_hold(next as usize)?;
        let entry = self.records.get_or_make(key as usize)?;
        let record = || ThreadRecord::try_new(ThreadKey(key), self.lock, &self.pooled);
        let record = made(entry, || Counted::try_new(record))?.clone();
        lists.made = next;
        Some(record)
    }

    /// Folds an ended thread into what is left of those of its name, and keeps its
    /// record for a later thread: nothing is counted there any more, but spans that are
    /// still open stand there.
    pub(crate) fn retire(&self, record: &Counted<ThreadRecord>) {
        let mut lists = self.lists.lock();
        let ended = |live: &Live| Counted::ptr_eq(&live.record, record);
        let Some(at) = lists.live.iter().position(ended) else { return };
        let Live { name, record, .. } = lists.live.swap_remove(at);
        if let Some(named) = lists.names.get_mut(name) {
            named.threads = named.threads.saturating_add(u64::from(has_entered(&record.cells)));
            named.cells.take_from(&record.cells);
            named.cells.take_from(&record.billed);
        }
        // So that the next thread's first span lets its ids be guessed.
        record.cells.forget_roots();
        lists.spare.push(record);
    }

    /// The record of a key.
    pub(crate) fn record(&self, key: ThreadKey) -> Option<&Counted<ThreadRecord>> {
        self.records.get(key.0 as usize)?.get()
    }

    /// Every record, also those of ended threads.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Counted<ThreadRecord>> {
        self.records.iter().map_while(|(_, record)| record.get())
    }

    /// Remembers that ids like this one are made by a thread.
    pub(crate) fn settle(&self, id: u64, key: ThreadKey) {
        let record = self.record(key).map_or(ptr::null(), Counted::as_ptr);
        // Release: whoever reads where the record is finds it there.
        self.home(id).store(record.cast_mut(), Release);
    }

    /// The thread that probably made an id.
    #[inline]
    pub(crate) fn guess(&self, id: u64) -> Option<&ThreadRecord> {
        // SAFETY: `settle` alone writes it: a record of `records`, which own it for as
        // long as they are there.
        NonNull::new(self.home(id).load(Acquire)).map(|record| unsafe { record.as_ref() })
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn home(&self, id: u64) -> &AtomicPtr<ThreadRecord> {
        &self.homes[home(id)]
    }

    /// Forgets the longest latencies, so that a window has its own.
    pub(crate) fn clear_maxima(&self) {
        let mut lists = self.lists.lock();
        lists.clearings = lists.clearings.saturating_add(1);
        let live = lists.live.iter().flat_map(|l| [&l.record.cells, &l.record.billed]);
        let retired = lists.names.iter().map(|named| &named.cells);
        for (_, cell) in live.chain(retired).flat_map(Cells::iter) {
            cell.max_latency.clear();
        }
    }

    /// Reads all threads; none begins or ends meanwhile.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Lists) -> T) -> T {
        read(&self.lists.lock())
    }
}

impl Lists {
    /// The place of the name under which a thread counts; `None` where there is no
    /// memory.
    fn name(&mut self, name: &str, pooled: &Arc<Pooled>) -> Option<usize> {
        let place = |names: &[Named], name: &str| names.iter().position(|n| &*n.name == name);
        if let Some(known) = place(&self.names, name) {
            return Some(known);
        }
        let name = if self.names.len() < NAMES { name } else { OTHERS };
        if let Some(known) = place(&self.names, name) {
            return Some(known);
        }
        let (name, cells) = (try_text(name)?.into_boxed_str(), Cells::try_new(pooled)?);
        self.names.try_push(Named { name, threads: 0, cells })?;
        self.names.len().checked_sub(1)
    }
}

/// Where the guess about an id is kept: by the bits in which the Registry's slab
/// (sharded-slab, on 64-bit machines) keeps the thread that made it. Were they
/// elsewhere, guesses would miss and look-ups take longer.
#[inline]
pub(super) fn home(id: u64) -> usize {
    (id >> 38) as usize % HOMES
}

fn has_entered(cells: &Cells) -> bool {
    cells.iter().any(|(_, cell)| cell.read().enters > 0)
}
