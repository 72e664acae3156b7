//! All threads of a recorder, the ended ones folded together by name.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use parking_lot::Mutex;

use super::{
    operation::ThreadKey,
    thread::{Cells, Eviction, ThreadRecord},
};

/// Thread names kept apart; the rest count as [`OTHERS`].
const NAMES: usize = 256;
/// Stands for all threads past the bound of names.
const OTHERS: &str = "(other threads)";
/// Stands for threads without a name.
const UNNAMED: &str = "<unnamed>";

/// The threads that record, and what is left of those that ended.
#[derive(Debug)]
pub(crate) struct Threads {
    lists: Mutex<Lists>,
    next: AtomicU64,
}

#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) live: Vec<Arc<ThreadRecord>>,
    pub(crate) retired: HashMap<Arc<str>, Retired>,
    names: HashMap<Arc<str>, ()>,
}

/// What ended threads of one name left behind.
#[derive(Debug)]
pub(crate) struct Retired {
    pub(crate) threads: u64,
    pub(crate) cells: Cells,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { lists: Mutex::default(), next: AtomicU64::new(1) }
    }

    /// The record of the calling thread, which begins to record.
    pub(crate) fn begin(&self) -> Arc<ThreadRecord> {
        // Relaxed: only uniqueness matters.
        let key = ThreadKey(self.next.fetch_add(1, Relaxed));
        let mut lists = self.lists.lock();
        let name = lists.name(std::thread::current().name().unwrap_or(UNNAMED));
        let record = Arc::new(ThreadRecord::new(key, name));
        lists.live.push(Arc::clone(&record));
        record
    }

    /// Folds an ended thread into what is left of those of its name.
    pub(crate) fn retire(&self, record: &Arc<ThreadRecord>) {
        let mut lists = self.lists.lock();
        let Some(at) = lists.live.iter().position(|live| Arc::ptr_eq(live, record)) else { return };
        lists.live.swap_remove(at);
        let retired = lists
            .retired
            .entry(Arc::clone(&record.name))
            .or_insert_with(|| Retired { threads: 0, cells: Cells::new() });
        if fold(&record.cells, &retired.cells) {
            retired.threads += 1;
        }
    }

    /// Tells a thread that a span it has entered is closed.
    pub(crate) fn evict(&self, thread: ThreadKey, eviction: Eviction) {
        let lists = self.lists.lock();
        if let Some(record) = lists.live.iter().find(|record| record.key == thread) {
            record.evict(eviction);
        }
    }

    /// Forgets the longest latencies, so that a window has its own.
    pub(crate) fn clear_maxima(&self) {
        let lists = self.lists.lock();
        let live = lists.live.iter().map(|record| &record.cells);
        let retired = lists.retired.values().map(|retired| &retired.cells);
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
    /// The name under which a thread counts.
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some((known, ())) = self.names.get_key_value(name) {
            return Arc::clone(known);
        }
        let name = if self.names.len() < NAMES { name } else { OTHERS };
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name), ());
        name
    }
}

/// Adds an ended thread's counters; returns whether it had entered a span.
fn fold(from: &Cells, to: &Cells) -> bool {
    let mut entered = false;
    for (node, cell) in from.iter() {
        let ticks = cell.read();
        entered |= ticks.enters > 0;
        if let (false, Some(cell)) = (ticks.is_zero(), to.at(node)) {
            cell.absorb(&ticks);
        }
    }
    entered
}
