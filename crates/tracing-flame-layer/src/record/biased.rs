//! A lock that costs its owner two plain stores and two compares.
//!
//! One thread, the owner, takes it at every span; any other thread takes it once
//! in a while (to share an operation that the owner had to itself, or to take a
//! snapshot). It is Dekker's handshake with the barrier on the rare side:
//!
//! ```text
//! owner                          another thread, one at a time
//! key = INSIDE                   shut |= WANTED
//! barrier::frequent              barrier::rare
//! shut? then wait, else go       wait until key != INSIDE
//!   ... the value ...              ... the value ...
//! key = its own                  shut &= !WANTED
//! ```
//!
//! The barriers make at least one of them see the other's flag; the owner gives
//! way. The key is a number that the owner knows, so that one compare tells it
//! that this is the right lock and that it is not inside already. All `unsafe` of
//! the lock is here.

use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

use super::{
    barrier,
    sync::{
        AtomicU32, AtomicU64, Mutex, MutexGuard,
        Ordering::{Acquire, Relaxed, Release},
        Stay, Witness, yield_now,
    },
};

/// The door of a lock, which its owner looks at first.
#[derive(Debug)]
pub(crate) struct Door {
    /// The lock's key, or [`INSIDE`] while its owner is.
    key: AtomicU64,
    /// Why the owner may not walk in: some of [`WANTED`] and [`SLOW`].
    shut: AtomicU32,
}

/// No lock has this key.
const INSIDE: u64 = 0;
/// Another thread wants the value, or has it.
const WANTED: u32 = 1;
/// The owner always has to take its time.
const SLOW: u32 = 2;

impl Door {
    /// A door with nothing behind it, which nobody can enter.
    #[cfg(not(loom))]
    pub(crate) const fn of_nothing() -> Self {
        Self { key: AtomicU64::new(INSIDE), shut: AtomicU32::new(SLOW) }
    }

    /// Whether a number is the lock's key and its owner is not inside.
    #[inline]
    pub(crate) fn has_key(&self, key: u64) -> bool {
        // Relaxed: only the owner writes it, who asks.
        self.key.load(Relaxed) == key
    }

    /// The owner walks in with the key, or does not: it is inside already, the
    /// lock is another, or the door is shut.
    #[inline]
    fn walk_in(&self, key: u64) -> bool {
        if !self.has_key(key) {
            return false;
        }
        self.key.store(INSIDE, Relaxed);
        barrier::frequent_where_asymmetric();
        // Acquire: pairs with the other's release of `shut`, so that what it
        // changed is seen.
        let open = self.shut.load(Acquire) == 0;
        if !open {
            // Release: as in `Own`'s drop, though nothing was changed.
            self.key.store(key, Release);
        }
        open
    }
}

/// A value that one thread uses all the time and others now and then.
#[repr(C)]
pub(crate) struct Biased<T> {
    /// First, so that the door's address is the lock's.
    door: Door,
    key: u64,
    /// What `shut` is while no other thread wants the value.
    usually: u32,
    others: Mutex<()>,
    value: UnsafeCell<T>,
    witness: Witness,
}

// SAFETY: the value is reached by one thread at a time, through a guard.
unsafe impl<T: Send> Sync for Biased<T> {}

impl<T> Biased<T> {
    /// A lock with a key that is not 0. Its owner may walk in at once if it is
    /// `quick`, and if the barrier can be had for nothing.
    pub(crate) fn new(value: T, key: u64, quick: bool) -> Self {
        let usually = if barrier::prepare() && quick { 0 } else { SLOW };
        Self {
            door: Door { key: AtomicU64::new(key), shut: AtomicU32::new(usually) },
            key,
            usually,
            others: Mutex::new(()),
            value: UnsafeCell::new(value),
            witness: Witness::new(),
        }
    }

    /// Takes the lock for its owner; `None` where the owner is inside already,
    /// which is a callback within a callback.
    ///
    /// # Safety
    ///
    /// At any time at most one thread may be the owner; a change of owner must
    /// be synchronised.
    pub(crate) unsafe fn own(&self) -> Option<Own<'_, T>> {
        // Relaxed: only the owner writes it.
        if self.door.key.load(Relaxed) == INSIDE {
            return None;
        }
        self.door.key.store(INSIDE, Relaxed);
        barrier::frequent();
        // Acquire: as in `walk_in`.
        if self.door.shut.load(Acquire) & WANTED != 0 {
            self.give_way();
        }
        Some(Own { lock: self, key: self.key, stay: self.witness.enter() })
    }

    /// Takes the lock for its owner where that needs no waiting; `None` where
    /// the owner is inside already, or the door is shut, or the key is another's.
    ///
    /// # Safety
    ///
    /// As for [`own`](Self::own).
    #[inline]
    pub(crate) unsafe fn own_at_once(&self, key: u64) -> Option<Own<'_, T>> {
        let stay = || self.witness.enter();
        self.door.walk_in(key).then(|| Own { lock: self, key, stay: stay() })
    }

    #[cold]
    fn give_way(&self) {
        loop {
            self.door.key.store(self.key, Release);
            drop(self.others.lock());
            self.door.key.store(INSIDE, Relaxed);
            barrier::frequent();
            if self.door.shut.load(Acquire) & WANTED == 0 {
                return;
            }
        }
    }

    /// Takes the lock for any thread but the owner inside its own section, which
    /// would wait for itself.
    pub(crate) fn lock(&self) -> Other<'_, T> {
        let turn = self.others.lock();
        self.door.shut.store(self.usually | WANTED, Relaxed);
        barrier::rare();
        // Acquire: pairs with the owner's release of `key`, so that what it
        // changed is seen.
        while self.door.key.load(Acquire) == INSIDE {
            yield_now();
        }
        Other { lock: self, stay: self.witness.enter(), _turn: turn }
    }
}

/// The owner's hold of a [`Biased`] value.
pub(crate) struct Own<'a, T> {
    lock: &'a Biased<T>,
    key: u64,
    stay: Stay,
}

/// Another thread's hold of a [`Biased`] value.
pub(crate) struct Other<'a, T> {
    lock: &'a Biased<T>,
    stay: Stay,
    _turn: MutexGuard<'a, ()>,
}

impl<T> Deref for Own<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the key is inside and no other thread is.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Own<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Own<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.stay.leave();
        // Release: whoever waits for it sees what was changed inside.
        self.lock.door.key.store(self.key, Release);
    }
}

impl<T> Deref for Other<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the value is wanted, the owner was seen outside after that and
        // waits for `others`, which we hold.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Other<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Other<'_, T> {
    fn drop(&mut self) {
        self.stay.leave();
        // Release: the owner that sees it sees what was changed.
        self.lock.door.shut.store(self.lock.usually, Release);
    }
}

impl<T> std::fmt::Debug for Biased<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Biased").finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod tests {
    use loom::{sync::Arc, thread};

    use super::*;

    const KEY: u64 = 7;

    /// With three threads; preemption bound 3.
    #[test]
    fn loom_nobody_is_inside_beside_another() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound.get_or_insert(3);
        builder.check(|| {
            let lock = Arc::new(Biased::new(0, KEY, true));
            let others: Vec<_> = (0..2)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    thread::spawn(move || *lock.lock() += 1)
                })
                .collect();
            // SAFETY: this thread alone is the owner.
            match unsafe { lock.own_at_once(KEY) } {
                Some(mut number) => *number += 1,
                // SAFETY: as above.
                None => *unsafe { lock.own() }.unwrap() += 1,
            }
            others.into_iter().for_each(|other| other.join().unwrap());
            assert_eq!(*lock.lock(), 3);
        });
    }

    /// The one that holds on to the value sees what was done before.
    #[test]
    fn loom_an_owner_that_comes_back_sees_what_others_did() {
        loom::model(|| {
            let lock = Arc::new(Biased::new(0, KEY, true));
            let other = {
                let lock = Arc::clone(&lock);
                thread::spawn(move || (0..2).for_each(|_| *lock.lock() += 1))
            };
            // SAFETY: this thread alone is the owner.
            (0..2).for_each(|_| *unsafe { lock.own() }.unwrap() += 1);
            other.join().unwrap();
            assert_eq!(*lock.lock(), 4);
        });
    }

    #[test]
    fn loom_an_owner_inside_is_refused_a_second_time() {
        loom::model(|| {
            let lock = Biased::new((), KEY, true);
            // SAFETY: this thread alone is the owner.
            let (first, second) = unsafe { (lock.own(), lock.own()) };
            assert!(first.is_some() && second.is_none());
        });
    }
}
