//! Pieces of a log: a row of slots, and where the next piece is.
//!
//! A position in a log counts slots from its beginning. Each chunk's first position
//! stands for the chunk's head, so a position that is a multiple of [`CHUNK`] is where
//! one chunk ends and no other has been linked yet.

use std::ptr;

use super::{
    entry::Slot,
    sync::{Acquire, AtomicPtr, Relaxed, Release, UnsafeCell, sized},
};

/// Positions of a chunk: its head and 255 slots, which are 4 KiB; a power of two.
pub(crate) const CHUNK: u64 = sized(256, 4) as u64;
const SLOTS: usize = CHUNK as usize - 1;

/// Some slots that one thread writes and, later, another one reads.
#[repr(C, align(16))]
pub(crate) struct Chunk {
    next: AtomicPtr<Chunk>,
    slots: [UnsafeCell<Slot>; SLOTS],
}

// SAFETY: what threads share of a chunk are its slots, which are written and read as
// `write` and `read` say, and an atomic pointer.
unsafe impl Send for Chunk {}
// SAFETY: a slot is not read before it was written, and not written while it is read.
unsafe impl Sync for Chunk {}

/// Whether a position is at the end of a chunk.
#[inline(always)]
pub(crate) fn is_end(position: u64) -> bool {
    position.is_multiple_of(CHUNK)
}

/// How many slots are left in a chunk, from a position that is not at its end.
pub(crate) fn room(position: u64) -> u64 {
    CHUNK.wrapping_sub(position % CHUNK)
}

impl Chunk {
    /// Makes a chunk out of memory that is zeroed or was one before.
    ///
    /// # Safety
    ///
    /// `memory` is as large as a chunk, aligned for one, and nobody else's.
    pub(super) unsafe fn renew(memory: *mut Self) {
        if cfg!(loom) {
            // Loom's atomics and cells are more than their bytes.
            // SAFETY: the caller's promise. What was there before is in loom's tables.
            unsafe { memory.write(Self::new()) };
            return;
        }
        // SAFETY: the caller's promise; zeroes and whatever a chunk had are values of all
        // that it consists of.
        // Relaxed: the chunk is not shared yet.
        unsafe { &*memory }.next.store(ptr::null_mut(), Relaxed);
    }

    fn new() -> Self {
        Self {
            next: AtomicPtr::new(ptr::null_mut()),
            slots: std::array::from_fn(|_| UnsafeCell::default()),
        }
    }

    /// Writes the slot of a position.
    ///
    /// # Safety
    ///
    /// Nobody reads or writes it meanwhile, and the position is not that of the head.
    #[inline(always)]
    pub(super) unsafe fn write(&self, position: u64, slot: Slot) {
        let at = (position % CHUNK) as usize;
        debug_assert!(at > 0, "position {position} is that of a head");
        // SAFETY: of the remainders by a chunk's length all but that of the head are
        // places of slots, one up.
        let cell = unsafe { self.slots.get_unchecked(at.wrapping_sub(1)) };
        // SAFETY: the caller's promise.
        cell.with_mut(|cell| unsafe { *cell = slot });
    }

    /// Has the processor fetch, to be written, the line that some eight more spans come to.
    ///
    /// Whoever read the chunk last has its lines in the cache of another processor, and a
    /// thread that writes there waits for each.
    #[inline(always)]
    pub(super) fn fetch_ahead(&self, position: u64) {
        let bytes = (position % CHUNK).wrapping_mul(size_of::<Slot>() as u64);
        // SAFETY: it reads and writes nothing, and what is not there is not fetched. The
        // intrinsic for it makes another instruction, which fetches a line to be read.
        #[cfg(all(target_arch = "x86_64", not(miri), not(loom)))]
        unsafe {
            core::arch::asm!(
                "prefetchw [{} + {} + 512]",
                in(reg) self,
                in(reg) bytes,
                options(nostack, preserves_flags),
            );
        }
        #[cfg(not(all(target_arch = "x86_64", not(miri), not(loom))))]
        let _ = bytes;
    }

    /// Reads the slot of a position.
    ///
    /// # Safety
    ///
    /// It was written, which the caller has seen, and the position is not that of the
    /// head.
    #[inline(always)]
    pub(super) unsafe fn read(&self, position: u64) -> Slot {
        let at = (position % CHUNK) as usize;
        debug_assert!(at > 0, "position {position} is that of a head");
        // SAFETY: of the remainders by a chunk's length all but that of the head are
        // places of slots, one up.
        let cell = unsafe { self.slots.get_unchecked(at.wrapping_sub(1)) };
        // SAFETY: the caller's promise.
        cell.with(|cell| unsafe { *cell })
    }

    /// Says which chunk comes next.
    pub(super) fn link(&self, next: *mut Self) {
        // Release: whoever finds the next chunk here finds it renewed.
        self.next.store(next, Release);
    }

    /// The next chunk, or null.
    pub(super) fn next(&self) -> *mut Self {
        // Acquire: pairs with the release of `link`.
        self.next.load(Acquire)
    }

    /// Where a list of chunks that nobody uses goes on. The caller has the list's lock.
    pub(super) fn next_free(&self) -> *mut Self {
        // Relaxed: the lock orders all that happens to the list.
        self.next.load(Relaxed)
    }

    /// Sets where a list of chunks that nobody uses goes on, under its lock.
    pub(super) fn set_next_free(&self, next: *mut Self) {
        // Relaxed: as in `next_free`, by the lock.
        self.next.store(next, Relaxed);
    }
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Chunk>() == 4096);
