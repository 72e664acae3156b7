//! A lock that costs its owner two plain stores and a load.
//!
//! One thread, the owner, takes it at every span; any other thread takes it once
//! in a while (to share an operation that the owner had to itself, or to take a
//! snapshot). It is Dekker's handshake with the barrier on the rare side:
//!
//! ```text
//! owner                          another thread, one at a time
//! inside = true                  wanted = true
//! barrier::frequent              barrier::rare
//! wanted? then wait, else go     wait until !inside
//!   ... the value ...              ... the value ...
//! inside = false                 wanted = false
//! ```
//!
//! The barriers make at least one of them see the other's flag; the owner gives
//! way. All `unsafe` of the lock is here.

use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

use super::{
    barrier,
    sync::{
        AtomicBool, Mutex, MutexGuard,
        Ordering::{Acquire, Relaxed, Release},
        Stay, Witness, yield_now,
    },
};

/// A value that one thread uses all the time and others now and then.
pub(crate) struct Biased<T> {
    inside: AtomicBool,
    wanted: AtomicBool,
    others: Mutex<()>,
    value: UnsafeCell<T>,
    witness: Witness,
}

// SAFETY: the value is reached by one thread at a time, through a guard.
unsafe impl<T: Send> Sync for Biased<T> {}

impl<T> Biased<T> {
    pub(crate) fn new(value: T) -> Self {
        barrier::prepare();
        Self {
            inside: AtomicBool::new(false),
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
    #[inline]
    pub(crate) unsafe fn own(&self) -> Option<Own<'_, T>> {
        // Relaxed: only the owner writes it.
        if self.inside.load(Relaxed) {
            return None;
        }
        self.inside.store(true, Relaxed);
        barrier::frequent();
        // Acquire: pairs with the other's release of `wanted`, so that what it
        // changed is seen.
        if self.wanted.load(Acquire) {
            self.give_way();
        }
        Some(Own { lock: self, stay: self.witness.enter() })
    }

    /// Takes the lock for its owner where that needs no waiting; `None` where
    /// the owner is inside already or another thread wants it.
    ///
    /// # Safety
    ///
    /// As for [`own`](Self::own).
    #[inline]
    pub(crate) unsafe fn own_at_once(&self) -> Option<Own<'_, T>> {
        // Relaxed: only the owner writes it.
        if self.inside.load(Relaxed) {
            return None;
        }
        self.inside.store(true, Relaxed);
        barrier::frequent();
        // Acquire: as in `own`.
        if self.wanted.load(Acquire) {
            // Release: as in `Own`'s drop, though nothing was changed.
            self.inside.store(false, Release);
            return None;
        }
        Some(Own { lock: self, stay: self.witness.enter() })
    }

    #[cold]
    fn give_way(&self) {
        loop {
            self.inside.store(false, Release);
            drop(self.others.lock());
            self.inside.store(true, Relaxed);
            barrier::frequent();
            if !self.wanted.load(Acquire) {
                return;
            }
        }
    }

    /// Takes the lock for any thread but the owner inside its own section, which
    /// would wait for itself.
    pub(crate) fn lock(&self) -> Other<'_, T> {
        let turn = self.others.lock();
        self.wanted.store(true, Relaxed);
        barrier::rare();
        // Acquire: pairs with the owner's release of `inside`, so that what it
        // changed is seen.
        while self.inside.load(Acquire) {
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
        // SAFETY: `inside` is set and no other thread is in.
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
        self.lock.inside.store(false, Release);
    }
}

impl<T> Deref for Other<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `wanted` is set, the owner was seen outside after that and
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
        self.lock.wanted.store(false, Release);
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

    /// With three threads; preemption bound 3.
    #[test]
    fn loom_nobody_is_inside_beside_another() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound.get_or_insert(3);
        builder.check(|| {
            let lock = Arc::new(Biased::new(0));
            let others: Vec<_> = (0..2)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    thread::spawn(move || *lock.lock() += 1)
                })
                .collect();
            // SAFETY: this thread alone is the owner.
            match unsafe { lock.own_at_once() } {
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
            let lock = Arc::new(Biased::new(0));
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
            let lock = Biased::new(());
            // SAFETY: this thread alone is the owner.
            let (first, second) = unsafe { (lock.own(), lock.own()) };
            assert!(first.is_some() && second.is_none());
        });
    }
}
