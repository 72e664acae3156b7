//! What threads were asleep for, as far as it was seen.

use super::scheduler::{Account, CALLS, Call, State};

/// What a thread was seen asleep in since its latest reading of itself.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    rows: Vec<Row>,
    /// Whether it has been asleep since it was seen last, as far as anybody knows.
    goes_on: bool,
}

/// Moments at which it was seen, between which it said nothing and was never seen awake.
#[derive(Debug)]
struct Row {
    moments: Vec<(u64, Account)>,
}

/// How an own reading ends: how often it has slept since the one before, and for pages.
#[derive(Clone, Copy)]
pub(super) struct Slept {
    pub(super) times: u64,
    pub(super) for_pages: u64,
}

/// What is known of a time that a thread was blocked.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Known {
    pub(super) faulted: u64,
    pub(super) in_calls: [u64; CALLS],
}

impl Sightings {
    pub(super) fn see(&mut self, at: u64, account: Account) {
        if !account.state.is_asleep() {
            self.goes_on = false;
            return;
        }
        if !std::mem::replace(&mut self.goes_on, true) {
            self.rows.push(Row { moments: Vec::new() });
        }
        self.rows.last_mut().expect("one").moments.push((at, account));
    }

    /// The thread says something.
    pub(super) fn interrupt(&mut self) {
        self.goes_on = false;
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What of the time that a thread was blocked in its tail is known to have been for what, by
    /// a reading of its own or, where `slept` is not known, of somebody else's. At the tail's
    /// beginning it had slept for `begun` in all, if it was asleep there.
    pub(super) fn explain(
        &self,
        blocked: u64,
        tail: (u64, u64),
        begun: Option<u64>,
        slept: Option<Slept>,
    ) -> Known {
        let states =
            || self.rows.iter().flat_map(|row| &row.moments).map(|(_, account)| account.state);
        let mut known = Known::default();
        let first = states().next().unwrap_or(State::Faulted);
        if states().any(|state| state != first) {
            return known;
        }
        match first {
            State::Blocked(call) => {
                known.in_calls[call] = match slept {
                    Some(Slept { times: 1, .. }) => blocked,
                    _ => blocked.min(self.seen_within(tail, begun)),
                };
            }
            _ => {
                let for_pages =
                    slept.is_some_and(|slept| (1..=slept.for_pages).contains(&slept.times));
                known.faulted = if for_pages { blocked } else { 0 };
            }
        }
        known
    }

    /// For how long the thread slept in a tail between moments at which it was seen asleep, or up
    /// to one from the tail's beginning, where it had slept so long by then.
    fn seen_within(&self, (from, to): (u64, u64), begun: Option<u64>) -> u64 {
        let within = |row: &Row| {
            let seen = |is: fn(u64, (u64, u64)) -> bool| {
                let seen = row.moments.iter().filter(move |(at, _)| is(*at, (from, to)));
                seen.map(|(_, account)| account.blocked)
            };
            let mut later = seen(|at, (from, to)| from < at && at <= to);
            let was_seen = seen(|at, (from, _)| at <= from).next().is_some();
            let first = begun.filter(|_| was_seen).or_else(|| later.next()).unwrap_or(0);
            later.next_back().unwrap_or(first) - first
        };
        self.rows.iter().map(within).sum()
    }
}

impl Known {
    /// That no more is told of a call than a thread was in it between two accounts.
    pub(super) fn assert_true(&self, before: &Account, after: &Account) {
        for call in 0..CALLS {
            let truth = after.in_calls[call] - before.in_calls[call];
            assert!(self.in_calls[call] <= truth, "{self:?} of {before:?} to {after:?}");
        }
        assert!(self.faulted <= after.faulted - before.faulted, "{self:?} of {after:?}");
    }

    pub(super) fn of(&self, call: Call) -> u64 {
        self.in_calls[call]
    }
}
