//! How long spans wait from their creation to their first enter, where that is
//! asked for.
//!
//! It is beside everything else, and takes the short ways through creating and
//! entering a span away, which have no place for it. So it costs nothing where
//! it is not asked for.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::{
    hash::IdHasher,
    paged::Paged,
    paths::PathId,
    room::try_insert,
    sync::{AtomicU64, Mutex, Ordering::Relaxed, sized},
};

/// Shards, so that threads seldom meet at one lock.
const SHARDS: usize = sized(64, 2);

type Shard = HashMap<u64, u64, BuildHasherDefault<IdHasher>>;

/// Open spans that were not entered yet, and how long others were not.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Ticks at the creation, by the span's id.
    created: Box<[Mutex<Shard>]>,
    ended: Paged<Ended>,
}

/// The waits at a node that are over. Relaxed: each number is read for itself.
#[derive(Debug, Default)]
struct Ended {
    sum: AtomicU64,
    max: AtomicU64,
}

/// Waits at a node, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waits {
    pub(crate) sum: u64,
    /// The longest, or an upper bound of it.
    pub(crate) max: u64,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let created = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { created, ended: Paged::new() }
    }

    /// A span was created. Where there is no memory its wait is not counted.
    pub(crate) fn join(&self, id: u64, now: u64) {
        let _ = try_insert(&mut self.shard(id).lock(), id, now);
    }

    /// A span is entered or closed; returns when it was created if it was not
    /// entered before.
    pub(crate) fn leave(&self, id: u64) -> Option<u64> {
        self.shard(id).lock().remove(&id)
    }

    /// Counts a wait that is over.
    pub(crate) fn count(&self, node: PathId, ticks: u64) {
        if let Some(ended) = self.ended.get_or_make(node.index()) {
            ended.sum.fetch_add(ticks, Relaxed);
            ended.max.fetch_max(ticks, Relaxed);
        }
    }

    /// Forgets the longest waits, so that a window has its own.
    pub(crate) fn clear_maxima(&self) {
        self.ended.iter().for_each(|(_, ended)| ended.max.store(0, Relaxed));
    }

    /// The waits at each node, by its number.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "in no callback, and made as long as it need be first"
    )]
    pub(crate) fn read(&self) -> Vec<Waits> {
        let mut all = Vec::new();
        for (index, ended) in self.ended.iter() {
            let waits = Waits { sum: ended.sum.load(Relaxed), max: ended.max.load(Relaxed) };
            if waits != Waits::default() {
                all.resize(index + 1, Waits::default());
                all[index] = waits;
            }
        }
        all
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn shard(&self, id: u64) -> &Mutex<Shard> {
        &self.created[(IdHasher::mix(id) >> 32) as usize % SHARDS]
    }
}

impl Waits {
    /// What came after `earlier`. The longest is exact where it is the longest so
    /// far.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let sum = self.sum.saturating_sub(earlier.sum);
        let max = if self.max > earlier.max { self.max } else { self.max.min(sum) };
        Self { sum, max }
    }

    /// Adds another window.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_of_a_window_is_never_told_too_short() {
        let at = |sum, max| Waits { sum, max };
        assert_eq!(at(90, 50).since(&at(30, 20)), at(60, 50), "the longest so far");
        assert_eq!(at(50, 20).since(&at(30, 20)), at(20, 20));
        assert_eq!(at(35, 20).since(&at(30, 20)), at(5, 5), "no longer than all together");
    }
}
