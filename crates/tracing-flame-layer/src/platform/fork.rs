//! What has to be in order where the process is forked.
//!
//! The child has a copy of all memory, and of all threads only the one that forked. What
//! another thread was about to change stays half changed there, and a lock that it had is
//! never given back. So whoever forks takes these locks first, and gives them back in the
//! parent and in the child. It waits for them for a bounded time. Where that was not enough,
//! or where it forks in the middle of what it does here itself, the child is *torn*: it must
//! not touch any of it.
//!
//! `vfork`, `posix_spawn`, `_Fork` and the bare system call ask nobody: a child of these is
//! to become another program.

use std::{
    cell::{Cell, UnsafeCell},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::PerfKey;
use crate::locks::{Mutex, MutexGuard};

/// How long whoever forks waits for others, in all.
const WAIT: Duration = Duration::from_secs(1);

/// Something that is to be in order where the process is forked.
///
/// None of these allocates: an allocator may have locked itself for the fork.
pub(crate) trait Forked: Sync + Sized + 'static {
    /// Locks on all that others may be about to change.
    type Held;

    /// All of its kind.
    fn all() -> &'static Forks<Self>;
    /// Takes them before a fork; `None` where they could not be had until then.
    fn hold(&'static self, until: Instant) -> Option<Self::Held>;
    /// What is different in the child. The locks are given back after it.
    fn change_in_child(&self, held: &mut Self::Held);
}

/// All that is to be in order.
pub(crate) struct Forks<T: Forked> {
    members: Mutex<Vec<Member<T>>>,
    /// The lock on them, from before a fork until after it. Whoever has that lock uses it,
    /// and nobody else.
    between: UnsafeCell<Option<MutexGuard<'static, Vec<Member<T>>>>>,
    /// Whether some lock could not be had before the fork that is under way.
    has_missed: AtomicBool,
    /// Whether this process is a child that could not take all locks before it was forked.
    is_torn: AtomicBool,
}

struct Member<T: Forked> {
    it: Weak<T>,
    held: Option<Held<T>>,
}

struct Held<T: Forked> {
    /// Given back before what it is of may go.
    locks: T::Held,
    it: Arc<T>,
}

// SAFETY: what threads share is behind a lock, or used by whoever has that.
unsafe impl<T: Forked> Sync for Forks<T> {}
// SAFETY: what it holds is put there and taken from there by one thread, which has the list's
// lock all the while; the rest any thread may use.
unsafe impl<T: Forked> Send for Member<T> {}

thread_local! {
    /// Whether this thread has the list's lock, between what comes before and after a fork.
    static IS_BETWEEN: Cell<bool> = const { Cell::new(false) };
}

impl<T: Forked> Forks<T> {
    pub(crate) const fn new() -> Self {
        Self {
            members: Mutex::new(Vec::new()),
            between: UnsafeCell::new(None),
            has_missed: AtomicBool::new(false),
            is_torn: AtomicBool::new(false),
        }
    }

    /// Whether this process is a child that must not touch anything.
    pub(crate) fn is_torn(&self) -> bool {
        // Relaxed: it was set before the child had a second thread.
        self.is_torn.load(Relaxed)
    }

    /// From now on it is in order after a fork. Where there is no memory, a child is what it
    /// would be without this.
    pub(crate) fn join(&self, it: &Weak<T>) {
        static ARE_ASKED: AtomicBool = AtomicBool::new(false);
        if self.is_torn() {
            return;
        }
        let mut members = self.members.lock();
        members.retain(|member| member.it.strong_count() > 0);
        if members.try_reserve(1).is_ok() {
            members.push(Member { it: Weak::clone(it), held: None });
        }
        // Under the lock, so that nobody asks twice for one kind; there is one.
        // Relaxed: by the lock.
        if !ARE_ASKED.swap(true, Relaxed) {
            // SAFETY: the handlers are functions, and stay as long as this program.
            unsafe {
                libc::pthread_atfork(
                    Some(before::<T>),
                    Some(after_in_parent::<T>),
                    Some(after_in_child::<T>),
                )
            };
        }
    }

    fn before(&'static self) {
        if self.is_torn() {
            return;
        }
        let until = Instant::now() + WAIT;
        let Some(mut members) = self.members.lock_until(until) else { return };
        for member in &mut *members {
            let Some(it) = member.it.upgrade() else { continue };
            // SAFETY: what is held is dropped before `it`, which keeps it where it is.
            let is_there = unsafe { &*Arc::as_ptr(&it) };
            match is_there.hold(until) {
                Some(locks) => member.held = Some(Held { locks, it }),
                None => self.has_missed.store(true, Relaxed),
            }
        }
        // SAFETY: this thread has the lock on the list, so it is the one to use it.
        unsafe { *self.between.get() = Some(members) };
        IS_BETWEEN.set(true);
    }

    /// What comes after a fork, on the thread that forked or on its copy.
    fn after(&'static self, is_child: bool) {
        if is_child {
            PerfKey::note_fork();
        }
        if !IS_BETWEEN.replace(false) {
            // Another thread may have the list, which the child does not have.
            self.is_torn.fetch_or(is_child, Relaxed);
            return;
        }
        // SAFETY: this thread has the lock on the list since before the fork.
        let Some(mut members) = unsafe { &mut *self.between.get() }.take() else { return };
        let has_missed = self.has_missed.swap(false, Relaxed);
        self.is_torn.fetch_or(is_child && has_missed, Relaxed);
        for member in &mut *members {
            // Given back here, if it was had.
            if let Some(mut held) = member.held.take()
                && is_child
                && !self.is_torn()
            {
                held.it.change_in_child(&mut held.locks);
            }
        }
    }
}

extern "C" fn before<T: Forked>() {
    T::all().before();
}

extern "C" fn after_in_parent<T: Forked>() {
    T::all().after(false);
}

extern "C" fn after_in_child<T: Forked>() {
    T::all().after(true);
}
