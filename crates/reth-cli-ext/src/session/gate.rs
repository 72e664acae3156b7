//! Waits for a time or for the end, whichever comes first.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// Closed once, at the session's end; until then threads wait at it.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
    time: Time,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    /// The time since the start by a [`Time::Manual`].
    #[cfg(test)]
    manual: Duration,
}

/// Where the gate's time comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    /// The system's monotonic clock.
    Since(Instant),
    /// Whatever a test says.
    #[cfg(test)]
    Manual,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woke {
    /// The time has come.
    Due,
    /// The gate was closed first.
    Closed,
}

impl Gate {
    pub(crate) fn new(time: Time) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), time }
    }

    /// One that is open, by the time of this one.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.time)
    }

    /// Waits until this long after the start, or until the gate is closed. A
    /// time beyond what the clock can express never comes.
    pub(crate) fn wait(&self, due: Duration) -> Woke {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Woke::Closed;
            }
            let left = due.saturating_sub(self.elapsed_by(&state));
            if left.is_zero() {
                return Woke::Due;
            }
            state = self.sleep(state, left);
        }
    }

    fn sleep<'a>(&self, state: MutexGuard<'a, State>, left: Duration) -> MutexGuard<'a, State> {
        match self.time {
            Time::Since(_) => {
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
            }
            #[cfg(test)]
            Time::Manual => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn elapsed_by(&self, _state: &State) -> Duration {
        match self.time {
            Time::Since(start) => start.elapsed(),
            #[cfg(test)]
            Time::Manual => _state.manual,
        }
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.elapsed_by(&self.lock())
    }

    /// The time of day.
    pub(crate) fn time_of_day(&self) -> SystemTime {
        match self.time {
            Time::Since(_) => SystemTime::now(),
            #[cfg(test)]
            Time::Manual => SystemTime::UNIX_EPOCH + self.elapsed(),
        }
    }

    /// Does something that closing the gate waits for; nothing once it is closed.
    pub(crate) fn unless_closed<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let state = self.lock();
        (!state.closed).then(act)
    }

    /// Whether the session is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Ends every wait, now and later.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Lets time pass.
    #[cfg(test)]
    pub(crate) fn advance(&self, by: Duration) {
        self.lock().manual += by;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_wait_ends_when_its_time_comes() {
        let gate = Gate::new(Time::Manual);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.wait(Duration::from_secs(60)));
            gate.advance(Duration::from_secs(59));
            gate.advance(Duration::from_secs(1));
            assert_eq!(waiting.join().ok(), Some(Woke::Due));
        });
    }

    #[test]
    fn closing_ends_a_wait_before_its_time_and_every_later_one() {
        let gate = Gate::new(Time::Manual);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.wait(Duration::from_secs(60)));
            gate.close();
            assert_eq!(waiting.join().ok(), Some(Woke::Closed));
        });
        assert_eq!(gate.wait(Duration::ZERO), Woke::Closed);
    }

    #[test]
    fn what_is_done_at_a_gate_is_done_before_it_closes_or_not_at_all() {
        let gate = Gate::new(Time::Manual);
        assert_eq!(gate.unless_closed(|| gate.state.try_lock().is_err()), Some(true));
        gate.close();
        assert_eq!(gate.unless_closed(|| panic!("it is closed")), None::<()>);
    }

    #[test]
    fn the_longest_time_there_is_ends_by_closing_only() {
        let gate = Gate::new(Time::Since(Instant::now()));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.wait(Duration::MAX));
            gate.close();
            assert_eq!(waiting.join().ok(), Some(Woke::Closed));
        });
    }
}
