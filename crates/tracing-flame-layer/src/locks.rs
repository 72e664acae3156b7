//! The standard library's lock, without its poison.
//!
//! A callback that panicked would be a fault of ours, and not to be passed on to
//! every other thread's. On Linux these allocate nothing, as others do when a
//! thread first has to wait.

pub(crate) use std::sync::MutexGuard;
use std::sync::PoisonError;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
