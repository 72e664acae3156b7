//! What the handlers say of their own time, by a watch of their own.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How often each handler ran, and how long in all.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<&'static str, (u64, Duration)>>);

impl Tally {
    /// Takes the time of a handler, until what it returns is dropped.
    pub(crate) fn time(&self, handler: &'static str) -> Timed<'_> {
        Timed { tally: self, handler, begun: Instant::now() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, (u64, Duration)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handler that runs.
pub(crate) struct Timed<'t> {
    tally: &'t Tally,
    handler: &'static str,
    begun: Instant,
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        let mut tally = self.tally.lock();
        let (calls, time) = tally.entry(self.handler).or_default();
        *calls += 1;
        *time += took;
    }
}

/// A line each: the handler, its calls, and nanoseconds.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (handler, (calls, time)) in &*self.lock() {
            writeln!(f, "{handler} {calls} {}", time.as_nanos())?;
        }
        Ok(())
    }
}
