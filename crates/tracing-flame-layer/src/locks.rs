//! The standard library's lock, without its poison, and one that is handed on in turn.
//!
//! A callback that panicked would be a fault of ours, and not to be passed on to
//! every other thread's. On Linux these allocate nothing, as others do when a
//! thread first has to wait, and a child that was forked finds nothing of other threads in
//! them.

pub(crate) use std::sync::MutexGuard;
use std::{
    ops::{Deref, DerefMut},
    sync::{Condvar, PoisonError},
};

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lock that those who wait for it get in the order in which they came: whoever gives it
/// back and wants it again is the last.
#[derive(Debug, Default)]
pub(crate) struct Turns<T> {
    queue: Mutex<Queue>,
    changed: Condvar,
    /// Locked by whoever has the turn, and so never waited for.
    value: Mutex<T>,
}

/// Who has the turn. Nobody has this lock for longer than it takes to change a number.
#[derive(Debug, Default)]
struct Queue {
    /// The number that is given out next, and the one whose turn it is.
    next: u64,
    turn: u64,
    /// Whether the one whose turn it is has taken it.
    is_taken: bool,
    /// Whether nobody else gets a turn.
    is_stopped: bool,
}

impl<T> Turns<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { queue: Mutex::default(), changed: Condvar::new(), value: Mutex::new(value) }
    }

    /// Waits for a turn.
    pub(crate) fn lock(&self) -> Turn<'_, T> {
        let mut queue = self.queue.lock();
        let number = queue.next;
        queue.next = number.wrapping_add(1);
        while queue.turn != number || queue.is_stopped {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.is_taken = true;
        Turn { value: self.value.lock(), _end: EndTurn(self) }
    }

    /// A turn where nobody has one or waits for one.
    pub(crate) fn try_lock(&self) -> Option<Turn<'_, T>> {
        let mut queue = self.queue.lock();
        if queue.next != queue.turn || queue.is_stopped {
            return None;
        }
        queue.next = queue.next.wrapping_add(1);
        queue.is_taken = true;
        Some(Turn { value: self.value.lock(), _end: EndTurn(self) })
    }
}

/// Somebody's turn, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a, T> {
    /// Given back first.
    value: MutexGuard<'a, T>,
    _end: EndTurn<'a, T>,
}

#[derive(Debug)]
struct EndTurn<'a, T>(&'a Turns<T>);

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for EndTurn<'_, T> {
    fn drop(&mut self) {
        let mut queue = self.0.queue.lock();
        queue.is_taken = false;
        queue.turn = queue.turn.wrapping_add(1);
        // Waking asks the system, also where nobody waits.
        let is_awaited = queue.next != queue.turn || queue.is_stopped;
        drop(queue);
        if is_awaited {
            self.0.changed.notify_all();
        }
    }
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod stopped {
    use std::{
        sync::{PoisonError, TryLockError},
        thread,
        time::{Duration, Instant},
    };

    use super::{Mutex, MutexGuard, Queue, Turns};

    /// How long to sleep before a lock is tried again that others have for moments.
    const MOMENT: Duration = Duration::from_micros(50);

    impl<T> Mutex<T> {
        /// The lock where nobody has it.
        pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            match self.0.try_lock() {
                Ok(guard) => Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            }
        }

        /// The lock, if it can be had until then.
        pub(crate) fn lock_until(&self, until: Instant) -> Option<MutexGuard<'_, T>> {
            loop {
                if let Some(guard) = self.try_lock() {
                    return Some(guard);
                }
                if Instant::now() >= until {
                    return None;
                }
                thread::sleep(MOMENT);
            }
        }
    }

    /// Nobody has a turn, nor gets one, until this is dropped.
    #[derive(Debug)]
    pub(crate) struct Stopped<'a, T> {
        of: &'a Turns<T>,
        queue: MutexGuard<'a, Queue>,
    }

    impl<T> Turns<T> {
        /// Lets nobody have a turn, before all who wait, if that can be had until then.
        pub(crate) fn stop_until(&self, until: Instant) -> Option<Stopped<'_, T>> {
            let mut queue = self.queue.lock_until(until)?;
            if queue.is_stopped {
                return None;
            }
            queue.is_stopped = true;
            while queue.is_taken {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    drop(Stopped { of: self, queue });
                    return None;
                }
                let waited = self.changed.wait_timeout(queue, left);
                queue = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            Some(Stopped { of: self, queue })
        }
    }

    impl<T> Stopped<'_, T> {
        /// What nobody has now.
        pub(crate) fn value(&self) -> Option<MutexGuard<'_, T>> {
            self.of.value.try_lock()
        }

        /// Forgets those who wait: their threads are not in this process.
        pub(crate) fn forget_others(&mut self) {
            self.queue.turn = self.queue.next;
        }
    }

    impl<T> Drop for Stopped<'_, T> {
        fn drop(&mut self) {
            self.queue.is_stopped = false;
            self.of.changed.notify_all();
        }
    }
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(crate) use self::stopped::Stopped;
