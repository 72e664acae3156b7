//! Atomics and locks, swapped for loom's under `--cfg loom`.

#[cfg(not(loom))]
pub(crate) use parking_lot::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::yield_now,
};

#[cfg(loom)]
pub(crate) use self::mutex::{Mutex, MutexGuard};
#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::{AtomicBool, Ordering},
    thread::yield_now,
};

#[cfg(loom)]
mod mutex {
    pub(crate) use loom::sync::MutexGuard;

    /// loom's lock with parking_lot's face.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}
