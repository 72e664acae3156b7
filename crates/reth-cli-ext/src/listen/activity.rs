//! Which connections are busy, and since when the others are idle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{task::AbortHandle, time::Instant};

/// Whether a connection has a request to answer.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    requests: u32,
    idle_since: Instant,
}

/// A request that is being answered. It is until this is dropped.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Activity {
    /// That of a connection which has asked for nothing yet.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { requests: 0, idle_since: Instant::now() })))
    }

    /// Begins a request.
    pub(super) fn begin(&self) -> Busy {
        self.lock().requests += 1;
        Busy(self.clone())
    }

    fn idle_since(&self) -> Option<Instant> {
        let state = self.lock();
        (state.requests == 0).then_some(state.idle_since)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests -= 1;
        state.idle_since = Instant::now();
    }
}

/// The connections there are.
#[derive(Debug, Default)]
pub(super) struct Connections(Vec<(Activity, AbortHandle)>);

impl Connections {
    pub(super) fn add(&mut self, activity: Activity, task: AbortHandle) {
        self.0.retain(|(_, task)| !task.is_finished());
        self.0.push((activity, task));
    }

    /// Ends the connection that has been idle for longest, if any is.
    pub(super) fn end_idlest(&mut self) {
        self.0.retain(|(_, task)| !task.is_finished());
        let idle = |(place, (activity, _)): (usize, &(Activity, AbortHandle))| {
            Some((activity.idle_since()?, place))
        };
        if let Some((_, place)) = self.0.iter().enumerate().filter_map(idle).min() {
            self.0.swap_remove(place).1.abort();
        }
    }
}
