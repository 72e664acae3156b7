//! From a callback to the calling thread's own side of a recorder.

use std::{
    cell::{Cell, RefCell},
    ptr,
    rc::Rc,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use super::{
    recorder::{Recorder, count},
    thread::Local,
};

/// A recorder and the number under which threads know it.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) recorder: Arc<Recorder>,
    number: u64,
}

impl Current {
    pub(crate) fn new(recorder: Recorder) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only uniqueness matters.
        Self { recorder: Arc::new(recorder), number: NEXT.fetch_add(1, Relaxed) }
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
    /// The recorder met last, and the thread's side of it. Nothing to drop, so
    /// reading it is one load.
    static LAST: Cell<(u64, *const Local)> = const { Cell::new((0, ptr::null())) };
}

/// Calls `callback` with this thread's own side of a recorder.
///
/// A callback of a thread whose thread-locals are gone gets a side that lives
/// for this call only: what it closes is closed, what it enters is exited at
/// once.
#[inline]
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
        let local: *const Local = match known {
            Some(met) => Rc::as_ptr(&met.local),
            None => {
                LAST.set((0, ptr::null()));
                self.0.retain(|met| met.recorder.strong_count() > 0);
                let local = Rc::new(current.recorder.threads.begin()?);
                let recorder = Arc::downgrade(&current.recorder);
                let address = Rc::as_ptr(&local);
                self.0.push(Met { number: current.number, recorder, local });
                address
            }
        };
        LAST.set((current.number, local));
        Some(local)
    }
}

impl Drop for Locals {
    fn drop(&mut self) {
        LAST.set((0, ptr::null()));
        for met in self.0.drain(..) {
            if let Some(recorder) = met.recorder.upgrade() {
                recorder.end_thread(&met.local);
            }
        }
    }
}
