//! A lock that costs its owner two plain stores and a compare.
//!
//! One thread, the owner, takes it at every span; any other thread takes it once
//! in a while (to share an operation that the owner had to itself, or to take a
//! snapshot). It is Dekker's handshake with the barrier on the rare side:
//!
//! ```text
//! owner                          another thread, one at a time
//! inside = true                  key = SHUT
//! barrier::frequent              barrier::rare
//! key = SHUT? then wait, else go wait until !inside
//!   ... the value ...              ... the value ...
//! inside = false                 key = the lock's
//! ```
//!
//! The barriers make at least one of them see the other's word; the owner gives
//! way. The key is a number that the owner knows, so that one compare tells it
//! that the lock is the right one as well. All `unsafe` of the lock is here.

use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

use super::{
    barrier,
    sync::{
        AtomicBool, AtomicU64, Mutex, MutexGuard,
        Ordering::{Acquire, Relaxed, Release},
        Stay, Witness, yield_now,
    },
};

/// What a lock's owner looks at first.
#[derive(Debug)]
pub(crate) struct Door {
    /// Whether the owner is inside.
    inside: AtomicBool,
    /// The lock's key, or [`SHUT`].
    key: AtomicU64,
}

/// No lock has this key.
const SHUT: u64 = 0;

impl Door {
    /// A door with nothing behind it, which nobody can walk in.
    #[cfg(not(loom))]
    pub(crate) const fn of_nothing() -> Self {
        Self { inside: AtomicBool::new(false), key: AtomicU64::new(SHUT) }
    }

    /// The owner, who is outside, walks in with the key; or does not, for the door
    /// is shut or of another lock. The key is read where it is compared.
    #[inline]
    pub(crate) fn walk_in(&self, key: &u64) -> bool {
        // Relaxed: only the owner writes it.
        self.inside.store(true, Relaxed);
        barrier::frequent_where_asymmetric();
        // Acquire: pairs with the other's release of `key`, so that what it
        // changed is seen.
        let fits = self.key.load(Acquire) == *key;
        if !fits {
            // Release: as in `Own`'s drop, though nothing was changed.
            self.inside.store(false, Release);
        }
        fits
    }
}

/// A value that one thread uses all the time and others now and then.
#[repr(C)]
pub(crate) struct Biased<T> {
    /// First, so that the door's address is the lock's.
    door: Door,
    /// The key while no other thread wants the value.
    key: AtomicU64,
    wanted: AtomicBool,
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
        let key = if barrier::prepare() && quick { key } else { SHUT };
        Self {
            door: Door { inside: AtomicBool::new(false), key: AtomicU64::new(key) },
            key: AtomicU64::new(key),
            wanted: AtomicBool::new(false),
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
        if self.door.inside.load(Relaxed) {
            return None;
        }
        self.door.inside.store(true, Relaxed);
        barrier::frequent();
        // Acquire: as in `walk_in`.
        if self.wanted.load(Acquire) {
            self.give_way();
        }
        Some(Own { lock: self, stay: self.witness.enter() })
    }

    /// The owner's hold, once it has walked in.
    ///
    /// # Safety
    ///
    /// The calling thread has walked in at [`Door::walk_in`] and has no hold yet.
    #[inline]
    pub(crate) unsafe fn walked_in(&self) -> Own<'_, T> {
        Own { lock: self, stay: self.witness.enter() }
    }

    #[cold]
    fn give_way(&self) {
        loop {
            self.door.inside.store(false, Release);
            drop(self.others.lock());
            self.door.inside.store(true, Relaxed);
            barrier::frequent();
            if !self.wanted.load(Acquire) {
                return;
            }
        }
    }

    /// From now on the owner cannot walk in at once.
    pub(crate) fn slow_down(&self) {
        let _turn = self.others.lock();
        // Relaxed: an owner that has yet to see it may still walk in.
        self.key.store(SHUT, Relaxed);
        self.door.key.store(SHUT, Relaxed);
    }

    /// Takes the lock for any thread but the owner inside its own section, which
    /// would wait for itself.
    pub(crate) fn lock(&self) -> Other<'_, T> {
        let turn = self.others.lock();
        self.wanted.store(true, Relaxed);
        self.door.key.store(SHUT, Relaxed);
        barrier::rare();
        // Acquire: pairs with the owner's release of `inside`, so that what it
        // changed is seen.
        while self.door.inside.load(Acquire) {
            yield_now();
        }
        Other { lock: self, stay: self.witness.enter(), _turn: turn }
    }
}

/// The owner's hold of a [`Biased`] value.
pub(crate) struct Own<'a, T> {
    lock: &'a Biased<T>,
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
        // SAFETY: the owner is inside and no other thread is.
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
        self.lock.door.inside.store(false, Release);
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
        // Release: the owner that sees one of them sees what was changed.
        self.lock.wanted.store(false, Release);
        // Relaxed: changed by whoever holds `others`, as this does.
        self.lock.door.key.store(self.lock.key.load(Relaxed), Release);
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
            if lock.door.walk_in(&KEY) {
                // SAFETY: it has.
                *unsafe { lock.walked_in() } += 1;
            } else {
                // SAFETY: this thread alone is the owner.
                *unsafe { lock.own() }.unwrap() += 1;
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
