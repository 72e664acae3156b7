//! From a callback to the calling thread's own side of a recorder.

use std::{
    cell::{Cell, RefCell},
    ptr,
    rc::Rc,
    sync::{Arc, Weak},
};

use super::{
    biased::Door,
    recorder::{Recorder, count},
    thread::{Local, Owned, ThreadRecord},
};
use crate::clock::Counter;

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

    /// Calls `quick` within the calling thread's section, if the thread met this
    /// recorder last and can walk in at once, and the clock is a counter. Returns
    /// what that does, or `false`.
    #[inline]
    pub(crate) fn at_once(
        &self,
        quick: impl FnOnce(Counter, &ThreadRecord, &mut Owned) -> bool,
    ) -> bool {
        // SAFETY: `DOOR` is that of nothing, which has no key, or the first field
        // of a record that a `Local` in this thread's `LOCALS` has claimed; whoever
        // removes that sets `DOOR` first.
        let Some((record, mut owned)) =
            (unsafe { ThreadRecord::own_at_once(DOOR.get(), self.number) })
        else {
            return false;
        };
        quick(Counter::of_quick_recorder(), record, &mut owned)
    }
}

/// The sides of every recorder that this thread has met.
struct Locals(Vec<Met>);

struct Met {
    number: u64,
    recorder: Weak<Recorder>,
    /// Counted: [`LAST`] points to it, which a box, moved, would not let it.
    local: Rc<Local>,
}

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals(Vec::new())) };
    /// The recorder met last, and the thread's side of it.
    static LAST: Cell<(u64, *const Local)> = const { Cell::new((0, ptr::null())) };
    /// The door of the record of that side. Nothing to drop, so reading it is one
    /// load.
    static DOOR: Cell<*const Door> = const { Cell::new(NOTHING) };
}

#[cfg(not(loom))]
static OF_NOTHING: Door = Door::of_nothing();
/// Stands for no record.
#[cfg(not(loom))]
const NOTHING: *const Door = &raw const OF_NOTHING;
/// The same in models, which do not come this way.
#[cfg(loom)]
const NOTHING: *const Door = ptr::null();

/// Remembers the side that was met last, or that there is none.
fn remember(number: u64, local: Option<&Rc<Local>>) {
    LAST.set((number, local.map_or(ptr::null(), Rc::as_ptr)));
    DOOR.set(local.map_or(NOTHING, |local| Arc::as_ptr(&local.record).cast()));
}

/// Calls `callback` with this thread's own side of a recorder.
///
/// A callback of a thread whose thread-locals are gone gets a side that lives
/// for this call only: what it closes is closed, what it enters is exited at
/// once.
pub(crate) fn with_local(current: &Current, callback: impl FnOnce(&Recorder, &Local)) {
    let (number, local) = LAST.get();
    if number == current.number {
        // SAFETY: `LAST` holds this number only with the address of the counted
        // `Local` that `meet` put into this thread's `LOCALS`; whoever removes
        // that clears `LAST` first.
        callback(&current.recorder, unsafe { &*local });
    } else {
        with_other(current, callback);
    }
}

#[cold]
fn with_other(current: &Current, callback: impl FnOnce(&Recorder, &Local)) {
    let recorder = &*current.recorder;
    let met = LOCALS.try_with(|locals| match locals.try_borrow_mut() {
        Ok(mut locals) => locals.meet(current),
        Err(_) => {
            count(&recorder.trouble.reentered);
            None
        }
    });
    match met {
        // SAFETY: as in `with_local`; `meet` has just returned it.
        Ok(Some(local)) => callback(recorder, unsafe { &*local }),
        Ok(None) => {}
        Err(_) => after_thread_end(recorder, callback),
    }
}

#[cold]
fn after_thread_end(recorder: &Recorder, callback: impl FnOnce(&Recorder, &Local)) {
    if let Some(local) = recorder.threads.begin() {
        callback(recorder, &local);
        recorder.end_thread(&local);
    }
}

impl Locals {
    /// The thread's side of a recorder, made where it has none.
    fn meet(&mut self, current: &Current) -> Option<*const Local> {
        let known = self.0.iter().find(|met| met.number == current.number);
        let local = match known {
            Some(met) => Rc::clone(&met.local),
            None => {
                remember(0, None);
                self.0.retain(|met| met.recorder.strong_count() > 0);
                let local = Rc::new(current.recorder.threads.begin()?);
                let recorder = Arc::downgrade(&current.recorder);
                self.0.push(Met { number: current.number, recorder, local: Rc::clone(&local) });
                local
            }
        };
        remember(current.number, Some(&local));
        Some(Rc::as_ptr(&local))
    }
}

impl Drop for Locals {
    fn drop(&mut self) {
        remember(0, None);
        for met in self.0.drain(..) {
            if let Some(recorder) = met.recorder.upgrade() {
                recorder.end_thread(&met.local);
            }
        }
    }
}
