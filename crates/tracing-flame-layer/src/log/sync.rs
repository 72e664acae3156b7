//! Atomics, locks and cells of the log, swapped for loom's under `--cfg loom`, where
//! each step of theirs is one that a model interleaves with those of other threads.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{
    AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::{self, Acquire, Relaxed, Release, SeqCst},
};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{
    AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::{self, Acquire, Relaxed, Release, SeqCst},
};

pub(crate) use self::imp::{Condvar, Mutex, UnsafeCell};

#[cfg(not(loom))]
pub(crate) use crate::clock::counter_ticks as counter;

#[cfg(loom)]
loom::lazy_static! {
    static ref COUNTER: AtomicU64 = AtomicU64::new(1);
}

/// The processor's counter in a model: it goes up with each reading and, as the true one,
/// orders nothing besides.
#[cfg(loom)]
pub(crate) fn counter() -> u64 {
    COUNTER.fetch_add(1, Relaxed)
}

/// The size of a table, or its size in a model, where each entry costs time.
pub(crate) const fn sized(usual: usize, in_model: usize) -> usize {
    if cfg!(loom) { in_model } else { usual }
}

#[cfg(not(loom))]
mod imp {
    use std::{sync::PoisonError, time::Duration};

    pub(crate) use crate::locks::{Mutex, MutexGuard};

    /// The standard library's cell with the face of loom's.
    #[derive(Debug, Default)]
    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        #[inline(always)]
        pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
            write(self.0.get())
        }
    }

    /// A condition to wait for, never for longer than is said.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar(std::sync::Condvar);

    impl Condvar {
        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        pub(crate) fn wait_for<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            most: Duration,
        ) -> MutexGuard<'a, T> {
            self.0.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner).0
        }
    }
}

#[cfg(loom)]
mod imp {
    use std::{sync::PoisonError, time::Duration};

    pub(crate) use loom::{cell::UnsafeCell, sync::MutexGuard};

    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// In a model no time passes: a wait is over at once.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar;

    impl Condvar {
        pub(crate) fn notify_all(&self) {}

        pub(crate) fn wait_for<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            _: Duration,
        ) -> MutexGuard<'a, T> {
            loom::thread::yield_now();
            guard
        }
    }
}
