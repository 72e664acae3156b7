//! Atomics, locks and cells of the recorder, swapped for loom's under
//! `--cfg loom`, where every step of theirs is one that a model interleaves.

#[cfg(not(loom))]
pub(crate) use self::witness::{Stay, Witness};
#[cfg(loom)]
pub(crate) use self::{
    model::{Mutex, MutexGuard, OnceLock, RwLock},
    witness::{Stay, Witness},
};
#[cfg(not(loom))]
pub(crate) use crate::locks::{Mutex, MutexGuard, RwLock};
#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
    thread::yield_now,
};
#[cfg(not(loom))]
pub(crate) use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};

/// The size of a table, or its size in a model, where each entry costs time.
pub(crate) const fn sized(usual: usize, in_model: usize) -> usize {
    if cfg!(loom) { in_model } else { usual }
}

#[cfg(not(loom))]
mod witness {
    /// Watches in a model that a value is reached by one thread at a time, each
    /// having seen what the one before it did. Here it is nothing.
    #[derive(Debug)]
    pub(crate) struct Witness;

    /// One thread's stay.
    #[derive(Debug)]
    pub(crate) struct Stay;

    impl Witness {
        pub(crate) fn new() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn enter(&self) -> Stay {
            Stay
        }
    }

    impl Stay {
        #[inline]
        pub(crate) fn leave(&mut self) {}
    }
}

#[cfg(loom)]
mod witness {
    use loom::cell::{MutPtr, UnsafeCell};

    /// Watches that a value is reached by one thread at a time, each having seen
    /// what the one before it did.
    #[derive(Debug)]
    pub(crate) struct Witness(UnsafeCell<()>);

    /// One thread's stay.
    #[derive(Debug)]
    pub(crate) struct Stay(Option<MutPtr<()>>);

    impl Witness {
        pub(crate) fn new() -> Self {
            Self(UnsafeCell::new(()))
        }

        pub(crate) fn enter(&self) -> Stay {
            Stay(Some(self.0.get_mut()))
        }
    }

    impl Stay {
        pub(crate) fn leave(&mut self) {
            self.0 = None;
        }
    }
}

/// loom's locks with the faces of the others'.
#[cfg(loom)]
mod model {
    use std::sync::PoisonError;

    pub(crate) use loom::sync::MutexGuard;
    use loom::sync::{
        RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    };

    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    #[derive(Debug, Default)]
    pub(crate) struct RwLock<T>(loom::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().unwrap_or_else(PoisonError::into_inner)
        }

        pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// What loom lacks: a value set once, its release seen by whoever gets it.
    #[derive(Debug)]
    pub(crate) struct OnceLock<T> {
        ready: AtomicBool,
        turn: Mutex<()>,
        value: std::sync::OnceLock<T>,
    }

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            Self {
                ready: AtomicBool::new(false),
                turn: Mutex::new(()),
                value: std::sync::OnceLock::new(),
            }
        }

        pub(crate) fn get(&self) -> Option<&T> {
            // Acquire: pairs with the release in `get_or_init`.
            if self.ready.load(Ordering::Acquire) { self.value.get() } else { None }
        }

        pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            if let Some(value) = self.get() {
                return value;
            }
            let _turn = self.turn.lock();
            let value = self.value.get_or_init(make);
            // Release: whoever sees it ready sees the value.
            self.ready.store(true, Ordering::Release);
            value
        }
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> Self {
            Self::new()
        }
    }
}
