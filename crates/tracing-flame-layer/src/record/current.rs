//! From a callback to the calling thread's own side of a recorder.

use std::{
    cell::RefCell,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use super::{
    local::Local,
    recorder::{Recorder, count},
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
#[derive(Default)]
struct Locals(Vec<Met>);

struct Met {
    number: u64,
    recorder: Weak<Recorder>,
    local: Local,
}

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals(Vec::new())) };
}

/// Calls `callback` with this thread's own side of a recorder.
///
/// A callback within a callback is dropped and counted. A callback of a thread
/// whose thread-locals are gone gets a side that lives for this call only: what
/// it closes is closed, what it enters is exited at once.
#[inline]
pub(crate) fn with_local(current: &Current, callback: impl FnOnce(&Recorder, &mut Local)) {
    let recorder = &*current.recorder;
    let mut callback = Some(callback);
    let met = LOCALS.try_with(|locals| match locals.try_borrow_mut() {
        Ok(mut locals) => {
            if let Some(callback) = callback.take() {
                callback(recorder, locals.of(current));
            }
        }
        Err(_) => count(&recorder.trouble.reentered),
    });
    if let (Err(_), Some(callback)) = (met, callback) {
        after_thread_end(recorder, callback);
    }
}

#[cold]
fn after_thread_end(recorder: &Recorder, callback: impl FnOnce(&Recorder, &mut Local)) {
    let mut local = recorder.new_local();
    callback(recorder, &mut local);
    recorder.end_thread(&mut local);
}

impl Locals {
    #[inline]
    fn of(&mut self, current: &Current) -> &mut Local {
        let at = self.0.iter().position(|met| met.number == current.number);
        let at = at.unwrap_or_else(|| self.meet(current));
        &mut self.0[at].local
    }

    #[cold]
    fn meet(&mut self, current: &Current) -> usize {
        self.0.retain(|met| met.recorder.strong_count() > 0);
        self.0.push(Met {
            number: current.number,
            recorder: Arc::downgrade(&current.recorder),
            local: current.recorder.new_local(),
        });
        self.0.len() - 1
    }
}

impl Drop for Locals {
    fn drop(&mut self) {
        for met in &mut self.0 {
            if let Some(recorder) = met.recorder.upgrade() {
                recorder.end_thread(&mut met.local);
            }
        }
    }
}
