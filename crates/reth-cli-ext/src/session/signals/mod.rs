//! Writes when the program is interrupted, then lets that end it.
//!
//! A signal that the host handles is the host's, whether it was there first or comes
//! later: what would have happened happens, and the picture is written when the host
//! ends the session. One that would have ended the process there and then ends it
//! after the picture is written.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

#[cfg(unix)]
use self::unix as platform;
#[cfg(windows)]
use self::windows as platform;
use super::{Ending, run::Run};
use crate::Error;

/// The sessions that a signal ends. Handlers belong to the process, so there is one
/// list for all of them.
static RUNS: Mutex<Vec<Weak<Run>>> = Mutex::new(Vec::new());

fn runs() -> MutexGuard<'static, Vec<Weak<Run>>> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a session end, by writing, when the program is interrupted.
pub(crate) fn heed(run: &Arc<Run>) -> Result<(), Error> {
    let mut runs = runs();
    // A forked child has copies of its parent's.
    runs.retain(|run| run.upgrade().is_some_and(|run| run.process == process::id()));
    platform::listen()?;
    runs.push(Arc::downgrade(run));
    Ok(())
}

/// Gives signals their effect back, where this was the last session to heed them.
pub(crate) fn retire(run: &Arc<Run>) {
    let mut runs = runs();
    let heeded = runs.len();
    runs.retain(|heeding| !std::ptr::eq(heeding.as_ptr(), Arc::as_ptr(run)));
    let listening = (runs.len() < heeded && runs.is_empty()).then(platform::stop);
    drop(runs);
    // It looks at the list while it ends, so nobody may hold that.
    if let Some(listening) = listening.flatten() {
        listening.join();
    }
}

/// The sessions of this process.
fn heeding() -> Vec<Arc<Run>> {
    let runs: Vec<_> = runs().iter().filter_map(Weak::upgrade).collect();
    runs.into_iter().filter(|run| run.process == process::id()).collect()
}

/// Ends every session of this process.
fn end_all() {
    for run in heeding() {
        // The reporter has been told of a failure.
        let _ = run.end(Ending::Signal);
    }
}
