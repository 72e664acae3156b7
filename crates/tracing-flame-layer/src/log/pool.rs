//! The chunks of all threads: a bounded number of them, mapped 63 at a time and used last
//! in, first out, so that the next one is still in a cache.
//!
//! On Linux memory comes from the system and not from the host's allocator, which may make
//! spans itself and would be called from within. A pool gives nothing back before its end: it
//! is bounded, and what was needed once will be again.

use std::{ptr, time::Duration};

use super::{
    chunk::Chunk,
    mapping::Mappings,
    sync::{AtomicUsize, Condvar, Mutex, Relaxed, sized},
};

/// Chunks of all threads together, beside one that each thread holds: 2 MiB. With more,
/// what is read has left the processor's caches, and a snapshot waits for more of it.
pub(crate) const SHARED: usize = sized(512, 1);

/// How much is left when a thread takes a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Plenty,
    /// Less than a quarter: whoever takes a chunk reads some of the log.
    Low,
    /// Less than an eighth: no more spans begin, and the rest serves those that have.
    Reserve,
}

/// Chunks that nobody uses, and how many there may be.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    free: Mutex<Free>,
    /// Chunks that are used. Changed under the lock; read without it, for a hint.
    used: AtomicUsize,
    /// How many there may be: as many as are shared, and one for each thread.
    most: AtomicUsize,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Free {
    /// Chunks that were used before, the latest first.
    list: List,
    /// Memory that was not.
    mappings: Mappings,
}

/// The lock of a pool.
#[derive(Debug)]
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(super) struct Held<'a>(
    #[expect(dead_code, reason = "it is had")] crate::locks::MutexGuard<'a, Free>,
);

#[derive(Debug)]
struct List(*mut Chunk);

impl Default for List {
    fn default() -> Self {
        Self(ptr::null_mut())
    }
}

// SAFETY: the pointers are to chunks, which any thread may use, and the lock of the pool
// gives each to one thread at a time.
unsafe impl Send for List {}

impl Pool {
    /// Room for so many chunks, which all threads share.
    pub(crate) fn new(shared: usize) -> Self {
        let pool = Self::default();
        pool.most.store(shared, Relaxed);
        pool
    }

    /// There may be a chunk more: a thread has begun, and holds one even while it is idle.
    ///
    /// Relaxed, in all that follows: each number is read for itself.
    pub(crate) fn grow(&self) {
        self.most.fetch_add(1, Relaxed);
    }

    /// There may be a chunk less: a thread has ended.
    pub(crate) fn shrink(&self) {
        self.most.fetch_sub(1, Relaxed);
    }

    /// How many chunks are used.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// How much is left.
    pub(crate) fn level(&self) -> Level {
        let most = self.most.load(Relaxed);
        let left = most.saturating_sub(self.used());
        match () {
            () if left < most / 8 => Level::Reserve,
            () if left < most / 4 => Level::Low,
            () => Level::Plenty,
        }
    }

    /// A chunk, renewed; `None` where all that there may be are used, and where the system
    /// has no memory.
    pub(crate) fn take(&self) -> Option<*mut Chunk> {
        let mut free = self.free.lock();
        let used = self.used();
        if used >= self.most.load(Relaxed) {
            return None;
        }
        let chunk = free.list.pop().or_else(|| free.mappings.begin())?;
        self.used.store(used.saturating_add(1), Relaxed);
        drop(free);
        // SAFETY: it is a chunk of a mapping, or memory for one, and the list had it for itself.
        unsafe { Chunk::renew(chunk) };
        Some(chunk)
    }

    /// Takes a chunk back.
    ///
    /// # Safety
    ///
    /// It came from this pool, and nobody uses it any more.
    pub(super) unsafe fn put(&self, chunk: *mut Chunk) {
        let mut free = self.free.lock();
        free.list.push(chunk);
        let used = self.used().saturating_sub(1);
        self.used.store(used, Relaxed);
        drop(free);
        // Whoever waits is woken where it is worth while, which is not for each.
        if used.is_multiple_of(16) {
            self.returned.notify_all();
        }
    }

    /// The lock of the pool, if it can be had until then.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(super) fn hold(&self, until: std::time::Instant) -> Option<Held<'_>> {
        Some(Held(self.free.lock_until(until)?))
    }

    /// Waits until chunks have come back, at the most for so long.
    pub(crate) fn wait(&self, most: Duration) {
        drop(self.returned.wait_for(self.free.lock(), most));
    }
}

impl List {
    fn push(&mut self, chunk: *mut Chunk) {
        // SAFETY: chunks live as long as their pool.
        unsafe { &*chunk }.set_next_free(self.0);
        self.0 = chunk;
    }

    fn pop(&mut self) -> Option<*mut Chunk> {
        let first = self.0;
        // SAFETY: it is null, or a chunk that was pushed and lives as long as the pool.
        self.0 = unsafe { first.as_ref() }?.next_free();
        Some(first)
    }
}
