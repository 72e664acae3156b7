//! What threads were asleep for: see `docs/semantics.md`, "Reasons".
//!
//! Others look at a thread while it is asleep, and find the system call that it is in: a
//! *sighting*. What that is worth is known as the thread reads its counters again.

use std::{collections::VecDeque, mem::replace, sync::Arc};

use super::{Engine, ThreadKey};
use crate::{
    Clock,
    log::Reading,
    platform::Counted,
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
    /// When it was found first, or some moments later.
    first: u64,
    /// When it was found or read last, and what its counters said then.
    last: (u64, Counted),
    /// For how long it slept up to then, from the first time on or, if that was later, from when
    /// it was told.
    asleep: u64,
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
    /// It was found asleep at a moment, when its counters said that. That goes on with the latest
    /// sighting where it has said nothing in between.
    fn add(&mut self, sight: Sight, at: u64, counted: Counted, goes_on: bool, clock: &Clock) {
        if let Some(latest) = self.0.back_mut().filter(|_| goes_on) {
            latest.sight = latest.sight.filter(|known| *known == sight);
            let (then, before) = replace(&mut latest.last, (at, counted));
            latest.asleep += slept(at - then, &before, &counted, clock);
        } else if !self.is_full() && self.0.try_reserve(1).is_ok() {
            let (sight, last) = (Some(sight), (at, counted));
            self.0.push_back(Sighting { sight, first: at, last, asleep: 0 });
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
    /// found. Of one that slept more often it is what it slept between sightings of one call.
    fn explain(&mut self, blocked: u64, reading: &Reading, until: u64) -> Option<Explained> {
        let mut first = None;
        let (mut asleep, mut is_mixed) = (0_u64, false);
        for seen in self.0.iter_mut().take_while(|seen| seen.first <= until) {
            is_mixed |= *first.get_or_insert(seen.sight) != seen.sight;
            asleep += replace(&mut seen.asleep, 0);
            // Where it sleeps on it has slept from here on, too.
            let counted = Counted { cpu: reading.cpu, delay: reading.whole_delay() };
            seen.last = (until, counted);
        }
        match first.filter(|_| !is_mixed) {
            _ if is_mixed => None,
            Some(None) => None,
            None | Some(Some(Sight::NoCall)) => {
                reading.slept_for_pages_alone().then_some(Explained::Pages)
            }
            Some(Some(Sight::Call(reason))) => {
                let slept_once = reading.voluntary == Some(1);
                let time = if slept_once { blocked } else { asleep.min(blocked) };
                (time > 0).then_some(Explained::Call(Asleep { reason, time }))
            }
        }
    }
}

/// For how long a thread was asleep in so many ticks, asleep at both ends, by its counters there;
/// nothing where they do not tell.
fn slept(ticks: u64, before: &Counted, after: &Counted, clock: &Clock) -> u64 {
    let (Some(had), Some(has)) = (before.delay, after.delay) else { return 0 };
    let awake = (after.cpu.saturating_sub(before.cpu)).saturating_add(has.saturating_sub(had));
    ticks.saturating_sub(clock.ticks_in(awake))
}

impl Engine {
    /// A thread was found asleep at a moment, when its counters said that. That goes on with the
    /// latest time that it was, where it has said nothing in between.
    ///
    /// Returns whether what was found of it should be told soon, as no more is kept.
    pub(crate) fn see(
        &mut self,
        thread: ThreadKey,
        sight: Sight,
        (at, counted): (u64, Counted),
        goes_on: bool,
    ) -> bool {
        let sightings = &mut self.threads[thread].known.sightings;
        sightings.add(sight, at, counted, goes_on, &self.unit);
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
        &mut self,
        thread: ThreadKey,
        states: States,
        reading: &Reading,
    ) -> (States, Option<Asleep>) {
        let known = &mut self.threads[thread].known;
        match known.sightings.explain(states.blocked, reading, self.now) {
            Some(Explained::Pages) => {
                let time = states.blocked;
                let pages = known.pages.filter(|_| time > 0);
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

    /// Sightings at moments, up to which the thread was awake for so long.
    fn sightings(all: &[(Sight, u64, u64)]) -> Sightings {
        let (clock, mut sightings) = (Clock::from_nanos(|| 0), Sightings::default());
        for (place, (sight, at, awake)) in all.iter().enumerate() {
            let counted = Counted { cpu: *awake, delay: Some(0) };
            sightings.add(*sight, *at, counted, place > 0, &clock);
        }
        sightings
    }

    #[test]
    fn who_slept_once_was_in_that_sleep_when_it_was_seen() {
        let seen = || sightings(&[(CALL, 41, 0)]);
        assert_eq!(seen().explain(70, &slept(1, 0), 100), in_call(70));
        assert_eq!(seen().explain(70, &slept(1, 0), 39), None, "it was seen later");
        // Not of a page either, as it was seen in a call.
        assert_eq!(seen().explain(70, &slept(1, 1), 100), in_call(70));
        assert_eq!(seen().explain(70, &slept(2, 2), 100), None);
        let mut told = seen();
        told.forget(100);
        assert_eq!(told.explain(70, &slept(1, 0), 100), None);
        assert_eq!(told.explain(70, &slept(1, 1), 100), Some(Explained::Pages));
    }

    #[test]
    fn who_slept_more_often_is_told_what_it_slept_between_sightings() {
        let mut seen = sightings(&[(CALL, 41, 3), (CALL, 60, 3), (CALL, 90, 15)]);
        assert_eq!(seen.explain(70, &slept(3, 0), 100), in_call(19 + 18));
        let mut mixed = sightings(&[(CALL, 41, 0), (CALL, 90, 0), (OTHER, 91, 0)]);
        assert_eq!(mixed.explain(70, &slept(1, 0), 100), None);
        let mut little = sightings(&[(CALL, 10, 0), (CALL, 90, 0)]);
        assert_eq!(little.explain(30, &slept(3, 0), 100), in_call(30));
    }

    #[test]
    fn a_wait_that_a_snapshot_comes_into_is_told_on_both_sides_of_it() {
        let (by_others, clock) =
            (Reading { voluntary: None, ..slept(0, 0) }, Clock::from_nanos(|| 0));
        let mut seen = sightings(&[(CALL, 30, 0), (CALL, 60, 0)]);
        assert_eq!(seen.explain(60, &by_others, 70), in_call(30));
        let counted = Counted { cpu: 0, delay: Some(0) };
        seen.add(CALL, 80, counted, true, &clock);
        assert_eq!(seen.explain(20, &by_others, 90), in_call(10), "of 70 to 80");
        seen.add(CALL, 95, counted, true, &clock);
        assert_eq!(seen.explain(30, &slept(2, 0), 100), in_call(5), "of 90 to 95");
        assert_eq!(seen.explain(30, &slept(1, 0), 100), in_call(30));
    }

    #[test]
    fn what_is_no_call_is_a_page_where_pages_were_counted() {
        let seen = || sightings(&[(Sight::NoCall, 41, 0)]);
        assert_eq!(seen().explain(70, &slept(1, 0), 100), None);
        assert_eq!(seen().explain(70, &slept(2, 2), 100), Some(Explained::Pages));
    }

    #[test]
    fn no_more_sightings_wait_than_there_is_room_for() {
        let (clock, mut sightings) = (Clock::from_nanos(|| 0), Sightings::default());
        let counted = Counted { cpu: 0, delay: None };
        (0..1_000).for_each(|at| sightings.add(CALL, at, counted, false, &clock));
        assert_eq!(sightings.0.len(), MOST_WAITING);
        assert!(sightings.is_full());
    }
}
