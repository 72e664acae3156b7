//! From a callback to the calling thread's own side of a recorder.

use std::{
    cell::{Cell, RefCell},
    ptr,
    sync::{Arc, Weak},
};

use super::{
    biased::{Door, Own},
    counted::Counted,
    recorder::{Recorder, count},
    thread::{Local, Owned, ThreadRecord},
};

/// A recorder and the number under which threads know it.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) recorder: Arc<Recorder>,
    number: u64,
}

impl Current {
    pub(crate) fn new(recorder: Recorder) -> Self {
        let number = recorder.number;
        Self { recorder: Arc::new(recorder), number }
    }

    /// The calling thread's record and section, if it can walk in at once: it used
    /// this recorder last, and the clock is a counter.
    ///
    /// # Safety
    ///
    /// Nothing may be called while the section is held that could make a span.
    #[inline(always)]
    pub(super) unsafe fn at_once(&self) -> Option<(&ThreadRecord, Own<'_, Owned>)> {
        if cfg!(loom) {
            return None;
        }
        // SAFETY: `DOOR` is as it must be, and what may be called now does not come
        // back here.
        unsafe { ThreadRecord::own_at_once(DOOR.get(), &self.number) }
    }

    /// The same where the thread has a lease, as far as it knows.
    ///
    /// # Safety
    ///
    /// As above.
    #[inline]
    pub(super) unsafe fn leased_at_once(&self) -> Option<(&ThreadRecord, Own<'_, Owned>)> {
        let door = LEASED.get();
        if cfg!(loom) || ptr::eq(door, NOTHING) {
            return None;
        }
        // SAFETY: `LEASED` is as it must be, and otherwise as above.
        unsafe { ThreadRecord::own_at_once(door, &self.number) }
    }

    /// Whether the thread's own operation is followed, as far as it knows.
    #[inline]
    pub(crate) fn is_following() -> bool {
        !cfg!(loom) && !ptr::eq(FOLLOWED.get(), NOTHING)
    }

    /// As [`at_once`](Self::at_once), where that is so.
    ///
    /// # Safety
    ///
    /// As above.
    #[inline(always)]
    pub(super) unsafe fn followed_at_once(&self) -> Option<(&ThreadRecord, Own<'_, Owned>)> {
        // SAFETY: `FOLLOWED` is as it must be, and otherwise as above.
        unsafe { ThreadRecord::own_at_once(FOLLOWED.get(), &self.number) }
    }
}

/// The sides of every recorder that this thread has met.
struct Locals(Vec<Met>);

struct Met {
    number: u64,
    recorder: Weak<Recorder>,
    /// Counted: [`LAST`] points to it, which a box, moved, would not let it.
    local: Counted<Local>,
}

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals(Vec::new())) };
    /// The recorder met last, and the thread's side of it. Nothing to drop, so
    /// reading it is one load.
    static LAST: Cell<(u64, *const Local)> = const { Cell::new((0, ptr::null())) };
    /// The door to the section of that side, while the thread is in no section and has
    /// no lease:
    /// the first field of a record which a `Local` in `LOCALS` has claimed.
    static DOOR: Cell<*const Door> = const { Cell::new(NOTHING) };
    /// The same instead, while it has a lease.
    static LEASED: Cell<*const Door> = const { Cell::new(NOTHING) };
    /// The same instead, while the thread's own operation is followed.
    static FOLLOWED: Cell<*const Door> = const { Cell::new(NOTHING) };
    /// Whether the thread is in `with_local`.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

#[cfg(not(loom))]
static OF_NOTHING: Door = Door::of_nothing();
/// Stands for no record.
#[cfg(not(loom))]
const NOTHING: *const Door = &raw const OF_NOTHING;
/// The same in models, which do not come this way.
#[cfg(loom)]
const NOTHING: *const Door = ptr::null();

/// Calls `callback` with this thread's own side of a recorder.
///
/// A callback of a thread whose thread-locals are gone gets a side that lives
/// for this call only: what it closes is closed, what it enters is exited at
/// once.
pub(crate) fn with_local(current: &Current, callback: impl FnOnce(&Recorder, &Local)) {
    // Nobody walks in while the thread is in some section. If a callback panics, it
    // stays so.
    let outermost = !WITHIN.replace(true);
    DOOR.set(NOTHING);
    LEASED.set(NOTHING);
    FOLLOWED.set(NOTHING);
    let local = side_of(current, callback);
    if outermost {
        WITHIN.set(false);
        let Some(local) = local else { return };
        // SAFETY: `side_of` has just found it, in `LOCALS`.
        let record = unsafe { &(*local).record };
        let door = match (record.has_lease(), record.is_following()) {
            (true, _) => &LEASED,
            (false, true) => &FOLLOWED,
            (false, false) => &DOOR,
        };
        door.set(Counted::as_ptr(record).cast());
    }
}

/// The same; returns the side, if it is one that stays.
fn side_of(current: &Current, callback: impl FnOnce(&Recorder, &Local)) -> Option<*const Local> {
    let recorder = &*current.recorder;
    let (number, last) = LAST.get();
    let met = if number == current.number {
        Ok(Some(last))
    } else {
        LOCALS.try_with(|locals| match locals.try_borrow_mut() {
            Ok(mut locals) => {
                let met = locals.meet(current);
                if met.is_none() {
                    count(&recorder.trouble.lost);
                }
                met
            }
            Err(_) => {
                count(&recorder.trouble.reentered);
                None
            }
        })
    };
    match met {
        Ok(local) => {
            // SAFETY: `LAST` holds this number only with the address of the counted
            // `Local` that `meet` put into this thread's `LOCALS`, as `meet` returns
            // it; whoever removes that clears `LAST` first.
            callback(recorder, unsafe { &*local? });
            local
        }
        Err(_) => {
            after_thread_end(recorder, callback);
            None
        }
    }
}

#[cold]
fn after_thread_end(recorder: &Recorder, callback: impl FnOnce(&Recorder, &Local)) {
    match recorder.threads.begin() {
        Some(local) => {
            callback(recorder, &local);
            recorder.end_thread(&local);
        }
        None => count(&recorder.trouble.lost),
    }
}

impl Locals {
    /// The thread's side of a recorder, made where it has none.
    fn meet(&mut self, current: &Current) -> Option<*const Local> {
        let known = self.0.iter().find(|met| met.number == current.number);
        let local = match known {
            Some(met) => met.local.clone(),
            None => {
                LAST.set((0, ptr::null()));
                self.0.retain(|met| met.recorder.strong_count() > 0);
                self.0.try_reserve(1).ok()?;
                let local = Counted::try_new(|| current.recorder.threads.begin())?;
                if current.recorder.is_finished() {
                    local.record.state.slow_down();
                }
                let recorder = Arc::downgrade(&current.recorder);
                self.0.push(Met { number: current.number, recorder, local: local.clone() });
                local
            }
        };
        LAST.set((current.number, Counted::as_ptr(&local)));
        Some(Counted::as_ptr(&local))
    }
}

impl Drop for Locals {
    fn drop(&mut self) {
        LAST.set((0, ptr::null()));
        DOOR.set(NOTHING);
        LEASED.set(NOTHING);
        FOLLOWED.set(NOTHING);
        for met in self.0.drain(..) {
            if let Some(recorder) = met.recorder.upgrade() {
                recorder.end_thread(&met.local);
            }
        }
    }
}
