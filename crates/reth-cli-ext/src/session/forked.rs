//! A session in a child that was forked.
//!
//! None of the session's threads is there, and any of its locks may have been taken by one
//! of them. So the child waits for none: where it takes the session over it begins with new
//! ones, and with what lies behind those that nobody had.

use std::{
    mem, process,
    sync::{Arc, Mutex, OnceLock, PoisonError, TryLockError},
};

use super::{Ending, failing::Failing, run::Run, series::Series};
use crate::{Error, error::Kind};

impl Run {
    /// Whether this process is a child of the one that it is a session of.
    pub(super) fn is_forked(&self) -> bool {
        self.process != process::id()
    }

    /// Ends the session in a child that was forked, if that is its own by now.
    pub(super) fn end_in_child(&self, ending: Ending) -> Result<(), Error> {
        if let Err(elsewhere) = self.owner.take() {
            let error = Error::from(Kind::Forked(elsewhere));
            // A child that only drops its copy asks for nothing.
            if ending == Ending::Finished {
                self.tell(|reporter| reporter.error(&error.to_string()));
            }
            return Err(error);
        }
        let run = self.taken_over();
        let result = run.end(ending);
        run.flame.finish();
        result
    }

    /// The session as it goes on here.
    fn taken_over(&self) -> Self {
        let outcome = OnceLock::new();
        if let Some(known) = self.outcome.get() {
            let _ = outcome.set(known.clone());
        }
        let new = || Series::new(&self.plan, self.gate.time_of_day());
        Self {
            process: process::id(),
            owner: Arc::clone(&self.owner),
            plan: Arc::clone(&self.plan),
            flame: self.flame.clone(),
            seen: Arc::clone(&self.seen),
            series: Mutex::new(left(&self.series, new).unwrap_or_else(new)),
            gate: self.gate.again(),
            busy: Mutex::default(),
            failing: Failing::default(),
            reporter: Arc::clone(&self.reporter),
            outcome,
            pages: self.pages.left(),
        }
    }
}

/// What lies behind a lock, in the place of which something else is put; `None` where
/// somebody has it, who is not in this process.
pub(super) fn left<T>(lock: &Mutex<T>, other: impl FnOnce() -> T) -> Option<T> {
    match lock.try_lock() {
        Ok(mut value) => Some(mem::replace(&mut *value, other())),
        Err(TryLockError::Poisoned(value)) => {
            Some(mem::replace(&mut *PoisonError::into_inner(value), other()))
        }
        Err(TryLockError::WouldBlock) => None,
    }
}
