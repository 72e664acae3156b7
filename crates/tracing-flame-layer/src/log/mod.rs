//! What threads say of their spans: a log each, which one reader reads.
//!
//! ```text
//! entry     the words of an entry          message  ... and what does not fit them
//! chunk     a piece of a log               pool     where pieces come from
//! mapping   memory for them                barrier  one side's stores, the other's loads
//! producer  the end that a thread writes   thread   which producer is the thread's
//! reader    the other end                  order    what stamps are
//! reading   what a thread's counters said  watch    when they are read
//! budget    how often they may be          sync     what a model swaps
//! ```
//!
//! A callback runs on the host's threads: it takes no lock but where it needs another
//! chunk, and does not panic. It needs memory for a thread's first entry and for a message,
//! and does without where there is none. It waits for a chunk only, and not for ever.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub(crate) mod barrier;
mod budget;
mod chunk;
mod entry;
mod mapping;
mod message;
#[cfg(all(test, loom))]
mod models;
mod order;
mod pool;
mod producer;
mod reader;
mod reading;
#[cfg(all(test, not(loom)))]
mod reentry;
#[cfg(all(test, not(loom)))]
mod soundness;
pub(crate) mod sync;
mod thread;
mod watch;

#[allow(unreachable_pub, reason = "tests reach it by a feature")]
pub use self::reading::Reading;
use self::sync::{AtomicU64, Mutex, Relaxed};
pub(crate) use self::{
    chunk::Chunk,
    entry::{Callsite, Entry, Kind, Parent, Slot},
    message::{Line, Message, NewSpan, Texts},
    order::Order,
    pool::{Level, Pool, SHARED},
    producer::Producer,
    reader::{Next, Patience, Reader},
    thread::Local,
};
use crate::room::{Room, try_text};

/// What all threads' logs of one recorder share.
#[derive(Debug)]
pub(crate) struct Logs {
    pub(crate) pool: Pool,
    pub(crate) order: Order,
    /// Threads whose logs nobody reads yet.
    newcomers: Mutex<Vec<Box<[Producer]>>>,
    /// Callbacks in the middle of another one's entry, and what there was no memory or no
    /// room for.
    pub(crate) reentered: AtomicU64,
    pub(crate) lost: AtomicU64,
}

/// The locks of the logs, from before a fork until after it.
#[derive(Debug)]
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(crate) struct Held<'a> {
    newcomers: crate::locks::MutexGuard<'a, Vec<Box<[Producer]>>>,
    _pool: pool::Held<'a>,
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
impl Held<'_> {
    /// The threads whose logs nobody reads yet.
    pub(crate) fn newcomers(&self) -> impl Iterator<Item = &Producer> {
        self.newcomers.iter().flatten()
    }
}

impl Logs {
    pub(crate) fn new(order: Order, chunks: usize) -> Self {
        barrier::prepare();
        Self {
            pool: Pool::new(chunks),
            order,
            newcomers: Mutex::default(),
            reentered: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }
    }

    /// Begins a log of this thread's, which has that name; `None` where there is no memory.
    fn begin(&self, name: Option<&str>) -> Option<*const Producer> {
        let name = match name {
            Some(name) => Some(try_text(name)?.into_boxed_str()),
            None => None,
        };
        let mut one = Vec::new();
        one.try_reserve_exact(1).ok()?;
        one.push(Producer::of_this_thread(name));
        let producer = one.as_ptr();
        self.newcomers.lock().try_push(one.into_boxed_slice())?;
        self.pool.grow();
        Some(producer)
    }

    /// Threads that have begun since this was asked last.
    pub(crate) fn newcomers(&self) -> Vec<Box<[Producer]>> {
        std::mem::take(&mut *self.newcomers.lock())
    }

    /// What nobody but the caller takes from the pool, or begins, until it is dropped; `None`
    /// where that cannot be had until then.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn hold(&self, until: std::time::Instant) -> Option<Held<'_>> {
        let newcomers = self.newcomers.lock_until(until)?;
        Some(Held { newcomers, _pool: self.pool.hold(until)? })
    }

    /// Lets the log of a thread wait until there is memory for it.
    pub(crate) fn return_newcomer(&self, producer: Box<[Producer]>) {
        let mut newcomers = self.newcomers.lock();
        if newcomers.try_reserve(1).is_ok() {
            newcomers.push(producer);
        } else {
            self.count_lost();
            // Its thread goes on to write there.
            std::mem::forget(producer);
        }
    }

    /// How far to read: nothing that is stamped up to there is still to come. `None` where
    /// that takes more patience to know.
    ///
    /// First the clock is read, then all threads see a barrier, then threads that have
    /// begun are asked for: one that begins later stamps its entries later. The caller goes
    /// on with [`Reader::look`] for each thread.
    pub(crate) fn horizon(&self, patience: Patience) -> Option<u64> {
        let now = self.order.now();
        let is_known = !self.order.needs_barrier() || barrier::rare(patience != Patience::None);
        is_known.then_some(now)
    }

    pub(crate) fn count_reentered(&self) {
        // Relaxed: a number, read for itself.
        self.reentered.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_lost(&self) {
        // Relaxed: a number, read for itself.
        self.lost.fetch_add(1, Relaxed);
    }
}
