//! A thread's side of its log: appending, which takes no lock and makes no system call.
//!
//! The *cursor* says which slot is written next:
//!
//! ```text
//! | number of the chunk, from 1 | closed | place in the chunk |
//! ```
//!
//! It is *closed* where nothing can be appended. While an entry is being written it is, and
//! the cursor is *writing*. And it is at a chunk's end, as what is added to the last place
//! carries into that bit: the place is nought then, where the chunk's head is and no slot. So
//! an append looks at one bit. It
//!
//! 1. loads the cursor. One that is writing means that the thread is in the middle of another
//!    append: this one is a signal handler's or an allocator's, and has to go without;
//! 2. stores it as writing;
//! 3. reads the clock;
//! 4. writes the slots;
//! 5. stores the cursor behind them.
//!
//! What is read is told from what is not yet written by the last step: it is a release,
//! and whoever reads slots has acquired a cursor that covers them. The second step comes
//! before the third, so that whoever has read the clock, and then finds a cursor that is
//! not writing, knows that what comes there is stamped later: see [`horizon`](super::horizon).

use super::{
    barrier,
    chunk::{CHUNK, Chunk, room},
    entry::Slot,
    sync::{Acquire, AtomicPtr, AtomicU64, Ordering, Relaxed, Release},
};
use crate::platform::{Counters, CpuClock, PerfEvent};

/// Nothing can be appended.
const CLOSED: u64 = CHUNK;
/// A chunk is being taken for the thread to go on in.
const REFILLING: u64 = 1 << 63;

/// Why nothing was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The thread is in the middle of another append.
    Reentered,
    /// The chunk has no room for the entry, or there is none yet.
    Full,
}

/// The log of one thread. Only that thread appends to it.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Producer {
    cursor: AtomicU64,
    /// Where it writes.
    chunk: AtomicPtr<Chunk>,
    /// Where it began to write, until that has been read.
    first: AtomicPtr<Chunk>,
    /// When the thread was left behind by a fork, which is after all that it wrote; 0 where it
    /// was not.
    left: AtomicU64,
    /// The thread's name.
    pub(crate) name: Option<Box<str>>,
    /// How much of a CPU the thread uses.
    pub(crate) cpu: CpuClock,
    /// What the system counts for it, where that is wanted.
    pub(crate) counters: Counters,
    /// Where the kernel notes its page faults down.
    pub(crate) perf: PerfEvent,
}

/// What a cursor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) position: u64,
    pub(crate) is_writing: bool,
}

impl Producer {
    /// The log of the calling thread, which has nothing in it.
    pub(crate) fn of_this_thread(name: Option<Box<str>>) -> Self {
        Self {
            // At the end of no chunk.
            cursor: AtomicU64::new(CLOSED),
            chunk: AtomicPtr::default(),
            first: AtomicPtr::default(),
            left: AtomicU64::new(0),
            name,
            cpu: CpuClock::of_this_thread(),
            counters: Counters::default(),
            perf: PerfEvent::default(),
        }
    }

    /// Appends an entry of one slot, which `make` makes after the thread is known to be
    /// writing; it reads the clock, if the entry is stamped.
    ///
    /// # Safety
    ///
    /// Only the thread whose log this is may call it.
    #[inline(always)]
    pub(crate) unsafe fn append(&self, make: impl FnOnce() -> Slot) -> Result<(), Refused> {
        // SAFETY: the caller's promise, passed on.
        unsafe { self.append_one::<false>(make) }
    }

    /// Appends an entry of one slot, and if it `FETCHES`, has the processor fetch what is to be
    /// written a little later. Once for each span or poll is enough.
    ///
    /// # Safety
    ///
    /// As for [`append`](Self::append).
    #[inline(always)]
    pub(crate) unsafe fn append_one<const FETCHES: bool>(
        &self,
        make: impl FnOnce() -> Slot,
    ) -> Result<(), Refused> {
        // Relaxed: this thread stored it.
        let cursor = self.cursor.load(Relaxed);
        if cursor & CLOSED != 0 {
            return Err(refusal(cursor));
        }
        self.begin(cursor);
        let slot = make();
        // SAFETY: this thread alone writes here, and nobody reads before the cursor says so.
        unsafe { self.write(cursor, slot) };
        if FETCHES {
            // Relaxed: this thread stored it.
            let chunk = self.chunk.load(Relaxed);
            // SAFETY: the slot was written there.
            unsafe { (*chunk).fetch_ahead(cursor) };
        }
        self.end(cursor, 1);
        Ok(())
    }

    /// Appends the first `count` slots that `make` makes, side by side in one chunk.
    ///
    /// # Safety
    ///
    /// As for [`append`](Self::append); `count` is from one to three.
    pub(crate) unsafe fn append_some(
        &self,
        count: u64,
        make: impl FnOnce() -> [Slot; 3],
    ) -> Result<(), Refused> {
        // Relaxed: this thread stored it.
        let cursor = self.cursor.load(Relaxed);
        if cursor & CLOSED != 0 {
            return Err(refusal(cursor));
        }
        self.begin(cursor);
        let room = room(cursor);
        let (slots, count, result) = if room < count {
            ([Slot::pad(); 3], room, Err(Refused::Full))
        } else {
            (make(), count, Ok(()))
        };
        for (place, slot) in (cursor..cursor.wrapping_add(count)).zip(slots) {
            // SAFETY: this thread alone writes here, nobody reads before the cursor says so,
            // and the chunk has as many places.
            unsafe { self.write(place, slot) };
        }
        self.end(cursor, count);
        result
    }

    #[inline(always)]
    fn begin(&self, cursor: u64) {
        // Release: whoever acquires it sees the slots before it, as it would have by the
        // store that this one replaces. That the clock is read behind it is the barrier's
        // doing, for whoever runs the rare side of that.
        self.cursor.store(cursor | CLOSED, Release);
        barrier::frequent();
    }

    #[inline(always)]
    fn end(&self, cursor: u64, slots: u64) {
        // Release: whoever acquires it sees the slots before it.
        self.cursor.store(cursor.wrapping_add(slots), Release);
    }

    /// # Safety
    ///
    /// The caller is between `begin` and `end`, on the thread whose log this is.
    #[inline(always)]
    unsafe fn write(&self, cursor: u64, slot: Slot) {
        // Relaxed: this thread stored it.
        let chunk = self.chunk.load(Relaxed);
        // SAFETY: a cursor that is not at an end is in the chunk that was attached last, and
        // that is not given back before it was read to its end. Its low bits are the place.
        unsafe { (*chunk).write(cursor, slot) };
    }

    /// Calls `take` for a chunk to go on in, which may read logs, while nothing else can be
    /// appended here. Returns whether there is one.
    ///
    /// # Safety
    ///
    /// As for [`append`](Self::append); the log is at an end of a chunk, and what `take`
    /// returns is a chunk that nobody else uses.
    pub(crate) unsafe fn refill(&self, take: impl FnOnce() -> Option<*mut Chunk>) -> bool {
        // Relaxed: this thread stored it.
        let cursor = self.cursor.load(Relaxed);
        // It is at an end, which means that no clock has been read: nobody waits for it.
        // Release, here and below: for the slots before it, as in `begin`.
        self.cursor.store(cursor | REFILLING, Release);
        let Some(chunk) = take() else {
            self.cursor.store(cursor, Release);
            return false;
        };
        // Relaxed: only this thread loads it.
        let before = self.chunk.swap(chunk, Relaxed);
        // SAFETY: the chunk before is given back once its successor is known, which is now.
        match unsafe { before.as_ref() } {
            Some(before) => before.link(chunk),
            // Release: whoever finds the first chunk here finds it renewed.
            None => self.first.store(chunk, Release),
        }
        // Past the next one's head: to the bit that is set one is added, which carries into the
        // chunk's number. Release: whoever acquires it finds the chunk linked.
        self.cursor.store(cursor.wrapping_add(CLOSED | 1), Release);
        true
    }

    /// The thread is not in this process, and writes no more: it stayed in the one that this
    /// one was forked from, at a moment.
    #[cfg_attr(
        any(not(target_os = "linux"), loom, miri),
        allow(dead_code, reason = "nothing is done at a fork there")
    )]
    pub(crate) fn leave_behind(&self, at: u64) {
        // Relaxed, as there is but one thread now, which starts all that read it. A thread
        // that an earlier fork has left behind stays where it is.
        let _ = self.left.compare_exchange(0, at.max(1), Relaxed, Relaxed);
    }

    /// When a fork left the thread behind, if one did.
    pub(super) fn left_behind(&self) -> Option<u64> {
        // Relaxed: as in `leave_behind`.
        Some(self.left.load(Relaxed)).filter(|at| *at > 0)
    }

    /// What the cursor says now.
    pub(super) fn cursor(&self, order: Ordering) -> Cursor {
        Cursor::of(self.cursor.load(order))
    }

    /// The log's first chunk, or null.
    pub(super) fn first(&self) -> *mut Chunk {
        // Acquire: pairs with the release in `refill`.
        self.first.load(Acquire)
    }
}

impl Cursor {
    fn of(cursor: u64) -> Self {
        // The chunk's number, from 1, times the positions of a chunk: where it ends.
        let ended = (cursor & !REFILLING) >> 1 & !(CHUNK - 1);
        match cursor % CHUNK {
            0 => Self { position: ended, is_writing: false },
            place => {
                let position = ended.wrapping_sub(CHUNK).wrapping_add(place);
                Self { position, is_writing: cursor & CLOSED != 0 }
            }
        }
    }
}

#[cold]
fn refusal(cursor: u64) -> Refused {
    let is_full = cursor.is_multiple_of(CHUNK) && cursor & REFILLING == 0;
    if is_full { Refused::Full } else { Refused::Reentered }
}
