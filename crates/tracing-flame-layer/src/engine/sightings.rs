//! What threads were asleep for: see `docs/semantics.md`, "Reasons".
//!
//! Others look at a thread while it is asleep, and find the system call that it is in: a
//! *sighting*. What that is worth is known as the thread reads its counters again.

use std::{collections::VecDeque, sync::Arc};

use super::{Engine, ThreadKey};
use crate::{
    log::Reading,
    profile::{Reason, ReasonKind},
    tally::{Asleep, ReasonId, States},
};

/// How many reasons are told apart, and with how many in all they still have their files.
const MOST: usize = 255;
const MOST_WITH_FILES: usize = 192;
/// How many sightings of a thread wait to be told at the most; of what comes then nothing is
/// known.
const MOST_WAITING: usize = 256;

/// What a thread that is asleep was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// A system call.
    Call(ReasonId),
    /// None: it waits for a page, or a signal has stopped it.
    NoCall,
}

/// A thread was found asleep, once or several times without anything that it said in between.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    /// `None` where it was not in the same each time.
    sight: Option<Sight>,
    /// When it was found first, or some moments later, and last, or some moments earlier.
    first: u64,
    last: u64,
}

/// What a thread was found asleep in since its latest reading of itself.
#[derive(Debug, Default)]
pub(super) struct Sightings(VecDeque<Sighting>);

/// What a thread's sleep in a tail was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Explained {
    /// All of it for pages.
    Pages,
    /// So much of it in a system call.
    Call(Asleep),
}

impl Sightings {
    /// It was found somewhen between two moments. That goes on with the latest sighting where
    /// it has said nothing in between.
    fn add(&mut self, sight: Sight, (from, to): (u64, u64), goes_on: bool) {
        if let Some(latest) = self.0.back_mut().filter(|_| goes_on) {
            latest.sight = latest.sight.filter(|known| *known == sight);
            latest.last = from;
        } else if !self.is_full() && self.0.try_reserve(1).is_ok() {
            self.0.push_back(Sighting { sight: Some(sight), first: to, last: from });
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_WAITING
    }

    /// Forgets those up to a moment.
    pub(super) fn forget(&mut self, until: u64) {
        while self.0.front().is_some_and(|earliest| earliest.first <= until) {
            self.0.pop_front();
        }
    }

    /// What a thread's sleep in a tail was for, of so many ticks, by the reading at its end.
    ///
    /// One that slept once since it read its counters before was in that sleep when it was
    /// found. Of one that slept more often, so much must have been between sightings of one
    /// call as cannot have been elsewhere in the tail.
    fn explain(&self, blocked: u64, reading: &Reading, tail: (u64, u64)) -> Option<Explained> {
        let (from, to) = tail;
        let seen = || self.0.iter().take_while(|sighting| sighting.first <= to);
        let first = seen().next().map(|sighting| sighting.sight);
        if seen().any(|sighting| Some(sighting.sight) != first) {
            return None;
        }
        match first {
            Some(None) => None,
            None | Some(Some(Sight::NoCall)) => {
                reading.slept_for_pages_alone().then_some(Explained::Pages)
            }
            Some(Some(Sight::Call(reason))) => {
                let within = seen()
                    .map(|sighting| sighting.last.min(to).saturating_sub(sighting.first.max(from)));
                let elsewhere = (to - from).saturating_sub(within.sum());
                let slept_once = reading.voluntary == Some(1);
                let elsewhere = if slept_once { 0 } else { elsewhere };
                let time = blocked.saturating_sub(elsewhere);
                (time > 0).then_some(Explained::Call(Asleep { reason, time }))
            }
        }
    }
}

impl Engine {
    /// A thread was found asleep somewhen between two moments. That goes on with the latest
    /// time that it was, where it has said nothing in between.
    ///
    /// Returns whether what was found of it should be told soon, as no more is kept.
    pub(crate) fn see(
        &mut self,
        thread: ThreadKey,
        sight: Sight,
        between: (u64, u64),
        goes_on: bool,
    ) -> bool {
        let sightings = &mut self.threads[thread].known.sightings;
        sightings.add(sight, between, goes_on);
        sightings.is_full()
    }

    /// All page faults that a thread has had since its latest reading, up to the one that comes
    /// next, were in this file.
    pub(crate) fn faults_were_in(&mut self, thread: ThreadKey, file: &Arc<str>) {
        let (kind, file) = (ReasonKind::Fault, Some(Arc::clone(file)));
        self.threads[thread].known.pages = self.reason_id(&Reason { kind, call: None, file });
    }

    /// The number of a reason, without its file where there are many. `None` where there are
    /// too many, or no memory.
    pub(crate) fn reason_id(&mut self, reason: &Reason) -> Option<ReasonId> {
        if let Some(known) = self.known_reason(reason) {
            return Some(known);
        }
        let bare = Reason { file: None, ..reason.clone() };
        let (reason, most) = match self.reasons.len() {
            MOST_WITH_FILES.. => (&bare, MOST),
            _ => (reason, MOST_WITH_FILES),
        };
        if let Some(known) = self.known_reason(reason) {
            return Some(known);
        }
        let id = u8::try_from(self.reasons.len()).ok()?;
        if self.reasons.len() >= most || self.reasons.try_reserve(1).is_err() {
            return None;
        }
        self.reasons.push(Arc::new(reason.clone()));
        Some(ReasonId(id))
    }

    fn known_reason(&self, reason: &Reason) -> Option<ReasonId> {
        let place = self.reasons.iter().position(|known| **known == *reason)?;
        u8::try_from(place).ok().map(ReasonId)
    }

    /// Splits what was blocked of a thread's tail, by the reading at its end.
    pub(super) fn explain(
        &self,
        thread: ThreadKey,
        states: States,
        reading: &Reading,
        tail: u64,
    ) -> (States, Option<Asleep>) {
        let (sightings, now) = (&self.threads[thread].known.sightings, self.now);
        match sightings.explain(states.blocked, reading, (now - tail, now)) {
            Some(Explained::Pages) => {
                let time = states.blocked;
                let pages = self.threads[thread].known.pages.filter(|_| time > 0);
                let asleep = pages.map(|reason| Asleep { reason, time });
                (states.asleep_for(ReasonKind::Fault, time), asleep)
            }
            Some(Explained::Call(asleep)) => {
                let kind = self.reasons[usize::from(asleep.reason.0)].kind;
                (states.asleep_for(kind, asleep.time), Some(asleep))
            }
            None => (states, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Sight = Sight::Call(ReasonId(0));
    const OTHER: Sight = Sight::Call(ReasonId(1));

    fn slept(times: u32, major_faults: u32) -> Reading {
        Reading {
            cpu: 0,
            delay: Some(0),
            may_be_waiting: false,
            voluntary: Some(times),
            involuntary: 0,
            major_faults,
        }
    }

    fn in_call(time: u64) -> Option<Explained> {
        Some(Explained::Call(Asleep { reason: ReasonId(0), time }))
    }

    #[test]
    fn who_slept_once_was_in_that_sleep_when_it_was_seen() {
        let mut sightings = Sightings::default();
        sightings.add(CALL, (40, 41), false);
        assert_eq!(sightings.explain(70, &slept(1, 0), (20, 100)), in_call(70));
        assert_eq!(sightings.explain(70, &slept(1, 0), (20, 39)), None, "it was seen later");
        // Not of a page either, as it was seen in a call.
        assert_eq!(sightings.explain(70, &slept(1, 1), (20, 100)), in_call(70));
        assert_eq!(sightings.explain(70, &slept(2, 2), (20, 100)), None);
        sightings.forget(100);
        assert_eq!(sightings.explain(70, &slept(1, 0), (20, 100)), None);
        assert_eq!(sightings.explain(70, &slept(1, 1), (20, 100)), Some(Explained::Pages));
    }

    #[test]
    fn who_slept_more_often_was_elsewhere_for_as_long_as_it_can_have_been() {
        let mut sightings = Sightings::default();
        sightings.add(CALL, (40, 41), false);
        sightings.add(CALL, (89, 90), true);
        // Seen for 48 of 80, so that of 70 asleep 32 may have been outside of that.
        assert_eq!(sightings.explain(70, &slept(3, 0), (20, 100)), in_call(38));
        assert_eq!(sightings.explain(30, &slept(3, 0), (20, 100)), None);
        sightings.add(OTHER, (91, 92), true);
        assert_eq!(sightings.explain(70, &slept(1, 0), (20, 100)), None);
    }

    #[test]
    fn a_wait_that_a_snapshot_comes_into_is_told_on_both_sides_of_it() {
        let mut sightings = Sightings::default();
        let by_others = Reading { voluntary: None, ..slept(0, 0) };
        sightings.add(CALL, (30, 30), false);
        sightings.add(CALL, (60, 60), true);
        assert_eq!(sightings.explain(40, &by_others, (10, 50)), in_call(20));
        sightings.add(CALL, (90, 90), true);
        assert_eq!(sightings.explain(50, &slept(1, 0), (50, 100)), in_call(50));
        assert_eq!(sightings.explain(50, &slept(2, 0), (50, 100)), in_call(40));
    }

    #[test]
    fn what_is_no_call_is_a_page_where_pages_were_counted() {
        let mut sightings = Sightings::default();
        sightings.add(Sight::NoCall, (40, 41), false);
        assert_eq!(sightings.explain(70, &slept(1, 0), (20, 100)), None);
        assert_eq!(sightings.explain(70, &slept(2, 2), (20, 100)), Some(Explained::Pages));
    }

    #[test]
    fn no_more_sightings_wait_than_there_is_room_for() {
        let mut sightings = Sightings::default();
        (0..1_000).for_each(|at| sightings.add(CALL, (at, at), false));
        assert_eq!(sightings.0.len(), MOST_WAITING);
        assert!(sightings.is_full());
    }
}
