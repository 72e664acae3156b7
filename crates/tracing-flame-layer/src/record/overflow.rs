//! Open spans that do not fit their thread's table.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::{
    hash::IdHasher,
    operation::ThreadKey,
    room::try_insert,
    sync::{
        AtomicUsize, Mutex,
        Ordering::{Acquire, Release},
        sized,
    },
    table::{Entry, Place},
};

/// Shards, so that threads seldom meet at one lock.
const SHARDS: usize = sized(64, 2);

type Shard = HashMap<u64, Entry, BuildHasherDefault<IdHasher>>;

/// Spans by id.
#[derive(Debug)]
pub(crate) struct Overflow {
    shards: Box<[Mutex<Shard>]>,
    count: AtomicUsize,
}

impl Overflow {
    pub(crate) fn new() -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { shards, count: AtomicUsize::new(0) }
    }

    /// Adds a span, or changes what it is; `None` where there is no memory for a
    /// new one.
    pub(crate) fn set(&self, id: u64, entry: Entry) -> Option<()> {
        if try_insert(&mut self.shard(id).lock(), id, entry)? {
            // Release: whoever sees the count finds the span.
            self.count.fetch_add(1, Release);
        }
        Some(())
    }

    pub(crate) fn get(&self, id: u64) -> Option<Entry> {
        // Acquire: the span was added before its id went anywhere.
        if self.count.load(Acquire) == 0 {
            return None;
        }
        self.shard(id).lock().get(&id).copied()
    }

    /// Changes what a span is that is here.
    pub(crate) fn change(&self, id: u64, entry: Entry) {
        if let Some(here) = self.shard(id).lock().get_mut(&id) {
            *here = entry;
        }
    }

    /// Takes a fresh span for a thread; one of all those who try succeeds.
    pub(crate) fn take(&self, id: u64, thread: ThreadKey) -> bool {
        match self.shard(id).lock().get_mut(&id) {
            Some(entry) if matches!(entry.place, Place::Fresh { .. }) => {
                entry.place = Place::Taken(thread);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn remove(&self, id: u64) {
        if self.shard(id).lock().remove(&id).is_some() {
            self.count.fetch_sub(1, Release);
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn shard(&self, id: u64) -> &Mutex<Shard> {
        &self.shards[(IdHasher::mix(id) >> 32) as usize % SHARDS]
    }
}
