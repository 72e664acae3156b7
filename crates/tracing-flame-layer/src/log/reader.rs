//! The other side of a thread's log: its entries, one after the other.

use super::{
    chunk::{Chunk, is_end, room},
    entry::{Entry, Slot, Stamp},
    pool::Pool,
    producer::Producer,
    sync::{Acquire, sized},
};

/// How often a cursor that is writing is looked at before something else is done. A model
/// looks at it once, and the orders in which its steps come do the rest.
const SPINS: u32 = sized(200, 0) as u32;
/// How often it may be found there before its entry is not waited for any more, which is late
/// then: it counts as happening when it is read.
const LOOKS: u32 = 500;

/// What whoever reads may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// For a barrier, a millisecond. Snapshots and the collector's thread have it.
    Little,
    /// For nothing: a thread of the host's that reads for the others.
    None,
}

/// What there is to read next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Something happened to a span, at a time.
    Entry { span: u64, entry: Entry, at: u64 },
    /// What is told besides, of the entry that comes next.
    Aside,
    /// Nothing up to the bound; what comes next is stamped with this.
    Later(u64),
    /// Nothing more for now.
    Nothing,
}

/// What comes next in a log as long as it is told in single slots: enters, exits, closes and
/// creations below the current span. Most of what there is, it is read without a detour.
#[derive(Debug)]
pub(crate) struct Steps {
    chunk: *const Chunk,
    position: u64,
    until: u64,
    key: u64,
    bound: u64,
    time: Option<u64>,
    /// The stamp of what comes next, where that is behind the bound.
    later: Option<u64>,
}

impl Steps {
    /// The slot that comes next, which is there to be read.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Option<Slot> {
        // SAFETY: the cursor that was acquired covers it, and the chunk is the one that the
        // position lies in.
        (self.position != self.until).then(|| unsafe { (*self.chunk).read(self.position) })
    }

    /// When a slot was that comes next and has a stamp, if that is the bound or before.
    #[inline(always)]
    pub(crate) fn time(&mut self, slot: Slot) -> Option<u64> {
        let key = slot.ticks().max(self.key);
        if key > self.bound {
            self.later = Some(key);
            return None;
        }
        self.key = key;
        Some(self.time.unwrap_or(key))
    }

    /// The stamp of what comes next, if that was asked for its time and is behind the bound.
    #[inline(always)]
    pub(crate) fn later(&self) -> Option<u64> {
        self.later
    }

    /// Goes on behind a slot, which has been taken.
    #[inline(always)]
    pub(crate) fn pass(&mut self) {
        self.position = self.position.wrapping_add(1);
    }
}

/// Reads the log of one thread.
#[derive(Debug)]
pub(crate) struct Reader {
    /// A box of one, which can be made where memory may be short.
    producer: Box<[Producer]>,
    /// What is being read; null before the first.
    chunk: *mut Chunk,
    /// What is read next, and up to where there is something.
    position: u64,
    limit: u64,
    /// The stamp of the latest entry: none that follows is of an earlier time.
    key: u64,
    /// What the clock said then, where stamps are no times.
    time: Option<u64>,
    /// What was counted before the reading that comes next.
    counts: u64,
    /// Nothing that is still to come is stamped up to there.
    clear: u64,
    /// The horizon of the latest look.
    looked: u64,
    /// Where the thread was found in the middle of an entry, and how often so far.
    stuck: (u64, u32),
    /// When the thread ends, where it was left behind by a fork and says so no more.
    end: Option<u64>,
}

// SAFETY: the chunk is one of the pool that the reader's owner has too, and is read by
// whoever has the reader.
unsafe impl Send for Reader {}

impl Reader {
    /// Reads what a thread writes, who stamps nothing up to `clear`.
    pub(crate) fn new(producer: Box<[Producer]>, clear: u64) -> Self {
        let chunk = std::ptr::null_mut();
        let (position, limit, key, looked, stuck) = (0, 0, 0, clear, (0, 0));
        let (time, counts, end) = (None, 0, None);
        Self { producer, chunk, position, limit, key, time, counts, clear, looked, stuck, end }
    }

    /// The stamp of the latest entry that was read.
    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    /// What was counted before the reading that was read last.
    pub(crate) fn counts(&self) -> u64 {
        self.counts
    }

    pub(crate) fn producer(&self) -> &Producer {
        #[expect(clippy::indexing_slicing, reason = "a box of one")]
        &self.producer[0]
    }

    /// Looks how far there is something to read. Returns the horizon as far as this thread
    /// is concerned: `horizon`, or what is earlier where it is in the middle of an entry.
    ///
    /// Whoever calls it has read `horizon` from the clock and then run the rare side of the
    /// barrier. If the cursor is not writing now, what comes there is stamped later, as the
    /// thread has it writing before it reads the clock: had it read the clock before
    /// we did, the barrier would have shown us that. If it is writing and moves on
    /// while we look, the entry is there to be read, and what comes behind it is stamped
    /// later for the reason just given. If it has moved on since the latest look and is
    /// writing again, that entry is stamped later than the horizon of that look.
    pub(crate) fn look(&mut self, horizon: u64) -> u64 {
        // Acquire, here and below: pairs with the release of an append, so that the slots
        // that the cursor covers can be read.
        let first = self.producer().cursor(Acquire);
        if let Some(left) = self.producer().left_behind() {
            // In the middle of an entry for ever, perhaps: that one is not there.
            (self.limit, self.end) = (first.position, Some(left));
            return horizon;
        }
        let mut cursor = first;
        let mut tries = 0;
        while cursor == first && first.is_writing {
            if tries >= SPINS {
                self.limit = first.position;
                if self.stuck.0 != first.position {
                    self.clear = self.looked;
                }
                self.looked = horizon;
                let is_given_up = self.is_given_up(first.position);
                return if is_given_up { horizon } else { horizon.min(self.clear) };
            }
            std::hint::spin_loop();
            tries = tries.saturating_add(1);
            cursor = self.producer().cursor(Acquire);
        }
        self.limit = cursor.position;
        (self.clear, self.looked) = (horizon, horizon);
        horizon
    }

    /// Up to where the thread has written, unless it is in the middle of an entry.
    pub(crate) fn written(&self) -> Option<u64> {
        let cursor = self.producer().cursor(Acquire);
        (!cursor.is_writing).then_some(cursor.position)
    }

    /// Whether all that was written up to there has been read.
    pub(crate) fn has_read(&self, written: Option<u64>) -> bool {
        Some(self.position) == written
    }

    /// Whether there is something to read that was there at the latest look.
    pub(crate) fn has_more(&self) -> bool {
        self.position != self.limit || self.end.is_some()
    }

    /// Whether a thread has been in the middle of an entry at a position for so many looks
    /// that it is not waited for any more.
    fn is_given_up(&mut self, position: u64) -> bool {
        let (before, looks) = self.stuck;
        self.stuck =
            if before == position { (before, looks.saturating_add(1)) } else { (position, 1) };
        self.stuck.1 > LOOKS
    }

    /// What comes next in single slots, up to the end of the chunk: see [`Steps`].
    #[inline(always)]
    pub(crate) fn steps(&mut self, bound: u64, most: u64, pool: &Pool) -> Steps {
        if self.position != self.limit {
            self.turn_over_at_end(pool);
        }
        let written = self.limit.wrapping_sub(self.position);
        let count = written.min(room(self.position)).min(most);
        let until = self.position.wrapping_add(count);
        let Self { chunk, position, key, time, .. } = *self;
        Steps { chunk, position, until, key, bound, time, later: None }
    }

    /// Goes on where steps were left. Returns how many were passed.
    #[inline(always)]
    pub(crate) fn go_on_at(&mut self, steps: &Steps) -> u64 {
        let passed = steps.position.wrapping_sub(self.position);
        (self.position, self.key) = (steps.position, steps.key);
        passed
    }

    /// What comes next, where that is no step or none that was taken.
    pub(crate) fn next(&mut self, bound: u64, pool: &Pool) -> Next {
        if self.position == self.limit {
            return self.next_end(bound);
        }
        self.turn_over_at_end(pool);
        // SAFETY: the cursor that was acquired covers it, and the chunk is the one that
        // the position lies in.
        let slot = unsafe { (*self.chunk).read(self.position) };
        let second = self.position.wrapping_add(1);
        // SAFETY: an entry's slots are covered together and lie in one chunk; only
        // called where there is a second one.
        let behind = || unsafe { (*self.chunk).read(second) };
        let (key, slots) = match slot.stamp() {
            Stamp::Here => (slot.ticks(), 1),
            Stamp::Second => (behind().ticks(), 2),
            Stamp::None => (self.key, 1),
        };
        let key = key.max(self.key);
        if key > bound {
            return Next::Later(key);
        }
        // SAFETY: the position moves on behind it, so it is read once.
        let entry = unsafe { slot.read(|| behind().span()) };
        self.position = self.position.wrapping_add(slots);
        let Some(entry) = entry else {
            self.time = slot.as_time().or(self.time);
            self.counts = slot.as_counts().unwrap_or(self.counts);
            return Next::Aside;
        };
        debug_assert!(
            slot.stamp() != Stamp::None || !is_end(self.position.wrapping_sub(2)),
            "the first entry of a chunk is stamped: ids come back after so many"
        );
        self.key = key;
        let at = self.time.unwrap_or(key);
        Next::Entry { span: slot.span(), entry, at }
    }

    /// What comes when all has been read: nothing, unless the thread was left behind.
    #[cold]
    fn next_end(&mut self, bound: u64) -> Next {
        let Some(left) = self.end else { return Next::Nothing };
        self.key = left.max(self.key);
        if self.key > bound {
            return Next::Later(self.key);
        }
        self.end = None;
        Next::Entry { span: 0, entry: Entry::ThreadEnd, at: self.time.unwrap_or(self.key) }
    }

    /// Goes on in the next chunk if this one is read to its end. Something has been written
    /// behind that.
    #[inline(always)]
    fn turn_over_at_end(&mut self, pool: &Pool) {
        if is_end(self.position) {
            self.turn_over(pool);
        }
    }

    /// Goes on in the next chunk, which is known, as something has been written there.
    #[cold]
    fn turn_over(&mut self, pool: &Pool) {
        // SAFETY: chunks live as long as the pool.
        let next = match unsafe { self.chunk.as_ref() } {
            Some(chunk) => chunk.next(),
            None => self.producer().first(),
        };
        self.give_back(pool);
        self.chunk = next;
        self.position = self.position.wrapping_add(1);
    }

    /// The log, of which nothing has been read.
    pub(crate) fn into_producer(self) -> Box<[Producer]> {
        self.producer
    }

    /// The thread has ended: its log goes back to the pool.
    pub(crate) fn finish(mut self, pool: &Pool) {
        self.give_back(pool);
        pool.shrink();
    }

    fn give_back(&mut self, pool: &Pool) {
        if !self.chunk.is_null() {
            // SAFETY: it was read to the end, and its thread has gone on to the next one, or
            // has ended.
            unsafe { pool.put(self.chunk) };
        }
    }
}

#[cfg(test)]
impl Reader {
    /// What comes next, read as the collector does: as a step where it is one.
    pub(super) fn step_or_next(&mut self, bound: u64, pool: &Pool) -> Next {
        use super::entry::{Kind, Parent};

        let mut steps = self.steps(bound, 1, pool);
        let step = steps.peek().and_then(|slot| {
            let entry = match slot.kind() {
                Kind::Enter => Entry::Enter,
                Kind::Exit => Entry::Exit,
                Kind::Close => Entry::Close,
                Kind::Other => Entry::Create(slot.as_created()?, Parent::Current),
            };
            let is_created = slot.kind() == Kind::Other;
            let at = if is_created { self.key } else { steps.time(slot)? };
            Some(Next::Entry { span: slot.span(), entry, at })
        });
        match step {
            Some(step) => {
                steps.pass();
                self.go_on_at(&steps);
                step
            }
            None => match self.next(bound, pool) {
                Next::Aside => self.step_or_next(bound, pool),
                next => next,
            },
        }
    }
}
