//! What threads are asleep for: the collector's thread looks at them now and then.
//!
//! In a *round* it looks at each thread that has said nothing since the round before, and is
//! in a span as far as that is known without reading logs. One that it has looked at it leaves
//! alone for an eighth of the time that it has been where it is, so that what sleeps for long costs
//! little. Rounds are a millisecond apart while threads say something, further apart while they
//! do not, and take the collector no more than a two-hundredth of a CPU. A second after the last
//! thing that was said it *rests*: it looks at whom it has to look at again, ever more seldom, and
//! where that is nobody it sleeps until a thread reads its counters. No thread is interrupted, and
//! none of the host's does anything for it but to wake it then.

use std::{
    sync::atomic::{Ordering::Acquire, fence},
    time::Duration,
};

use super::Collector;
use crate::{
    engine::{Sight, ThreadKey},
    platform::{Found, can_find, cpu_of_this_thread, find},
    recorder::Recorder,
};

/// The time between two rounds.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(32);
/// So many times what a round took the collector's thread passes until the next one.
const SPARE: u32 = 200;
/// What being woken takes besides, some microseconds.
const WAKING: Duration = Duration::from_micros(5);
/// A thread that did not sleep is looked at again after so long at the latest.
const AWAKE: Duration = Duration::from_millis(16);
/// One that was found asleep is looked at again after this part of the time for which it has been
/// where it is.
const AGAIN: u64 = 8;
/// For how long a thread has been where it is when its log is to be read, so that it is known
/// whether it is in a span there: those who wait for work between spans are many.
const UNREAD: Duration = Duration::from_millis(4);
/// How long nobody has said anything when it rests.
const QUIET: Duration = Duration::from_secs(1);
/// How many threads are looked at in one round at the most, which holds up whoever else reads.
const MOST: usize = 32;

/// Plans the rounds of one collector's thread.
#[derive(Debug)]
pub(super) struct Lookout {
    /// Whether there are any rounds.
    is_wanted: bool,
    /// The time until the next one; `None` for ever.
    pause: Option<Duration>,
    /// Where it begins.
    from: usize,
    /// For how long nobody has said anything.
    quiet: Duration,
    /// For how long it has not had the logs read.
    unread: Duration,
}

/// What came of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Round {
    /// Some thread has said something since the round before.
    has_moved: bool,
    /// There is no room for what more is found of some thread until its log is read.
    is_full: bool,
    /// Of some thread it is not known whether it is in a span until its log is read.
    is_unknown: bool,
    /// Where the next round begins.
    next: usize,
    /// When some thread is to be looked at again.
    due: Option<u64>,
}

/// Where a thread was found in the latest round.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Post {
    /// Up to where it had written, unless it was writing.
    written: Option<u64>,
    /// Since when it is there, and when it is looked at again.
    since: u64,
    due: u64,
    /// Whether it was found asleep there at the latest look.
    is_asleep: bool,
}

impl Lookout {
    /// That of a recorder which wants to know.
    pub(super) fn new(is_wanted: bool) -> Self {
        let is_wanted = is_wanted && can_find();
        let pause = is_wanted.then_some(LONGEST);
        Self { is_wanted, pause, from: 0, quiet: Duration::ZERO, unread: Duration::ZERO }
    }

    /// How long to sleep until the next round; `None` for ever.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.pause
    }

    /// Whether it rests, until a thread reads its counters.
    pub(super) fn rests(&self) -> bool {
        self.is_wanted && self.quiet >= QUIET
    }

    /// Makes a round, if there are any. Returns whether the logs are to be read.
    pub(super) fn look(&mut self, recorder: &Recorder) -> bool {
        if !self.is_wanted {
            return false;
        }
        self.unread = self.unread.saturating_add(self.pause.unwrap_or(LONGEST));
        let before = cpu_of_this_thread();
        let round = recorder.look_out(self.from);
        let took = match (before, cpu_of_this_thread()) {
            (Some(before), Some(after)) => Duration::from_nanos(after.saturating_sub(before)),
            _ => Duration::ZERO,
        };
        self.from = round.next;
        let pause = self.next_pause(&round, recorder);
        let least = took.saturating_add(WAKING).saturating_mul(SPARE);
        self.pause = pause.map(|pause| pause.max(least));
        let is_to_read = round.is_full || round.is_unknown && self.unread >= LONGEST;
        if is_to_read {
            self.unread = Duration::ZERO;
        }
        is_to_read
    }

    fn next_pause(&mut self, round: &Round, recorder: &Recorder) -> Option<Duration> {
        if round.has_moved {
            self.quiet = Duration::ZERO;
            return Some(SHORTEST);
        }
        let before = self.pause.unwrap_or(LONGEST);
        self.quiet = self.quiet.saturating_add(before);
        if !self.rests() {
            return Some(before.saturating_mul(2).clamp(SHORTEST, LONGEST));
        }
        let ticks = round.due?.saturating_sub(recorder.logs.order.now());
        Some(Duration::from_nanos(recorder.clock.nanos(ticks)).max(LONGEST))
    }
}

impl Collector {
    /// Looks at threads that may be asleep, from some place among the logs on.
    pub(crate) fn look_out(&mut self, recorder: &Recorder, from: usize) -> Round {
        if self.last.is_some() {
            return Round::default();
        }
        if !self.is_draining() {
            self.adopt(recorder);
        }
        let mut round = Round { next: from, ..Round::default() };
        let mut left = MOST;
        for place in (from..self.logs.len()).chain(0..from.min(self.logs.len())) {
            if left == 0 {
                // The others are due now.
                (round.next, round.due) = (place, Some(0));
                break;
            }
            left = left.saturating_sub(self.look_at(recorder, place, &mut round));
        }
        round
    }

    /// Looks at one thread, unless there is no need to. Returns how many looks that took.
    fn look_at(&mut self, recorder: &Recorder, place: usize, round: &mut Round) -> usize {
        let Some(Some(log)) = self.logs.get_mut(place) else { return 0 };
        let (order, post) = (&recorder.logs.order, &mut log.post);
        let (before, now) = (log.reader.written(), order.now());
        if before.is_none() || post.written != before {
            round.has_moved = true;
            *post = Post { written: before, since: now, due: now, is_asleep: false };
            return 0;
        }
        let thread = ThreadKey::new(place as u32);
        let is_read = log.reader.has_read(before);
        if is_read && !self.engine.is_within(thread) {
            return 0;
        }
        let unread = recorder.clock.ticks_in(UNREAD.as_nanos() as u64);
        let is_for_long = now.saturating_sub(post.since) >= unread;
        if now < post.due || !is_read && is_for_long {
            round.is_unknown |= !is_read && is_for_long;
            round.due = Some(round.due.map_or(post.due, |due| due.min(post.due)));
            return 0;
        }
        let counters = &log.reader.producer().counters;
        let found = counters.during(std::process::id(), find);
        let then = order.now();
        // What the thread wrote before it fell asleep was written when it was found asleep, as
        // the system takes a lock of its to find that. So where its log is now as it was before
        // the look, it slept at that place of it. The fence keeps this load behind the look.
        fence(Acquire);
        if log.reader.written() != before {
            return 1;
        }
        let age = then.saturating_sub(post.since);
        let (found, counted) = match found {
            Some((found, counted)) => (found, Some(counted)),
            None => (Found::Awake, None),
        };
        let again = match found {
            Found::Awake => (age / AGAIN).min(recorder.clock.ticks_in(AWAKE.as_nanos() as u64)),
            Found::NoCall | Found::Call(_) => age / AGAIN,
        };
        // Where it is not known whether it is in a span, once is enough until it is.
        let again = if is_read { again } else { again.max(unread) };
        post.due = then.saturating_add(again);
        round.due = Some(round.due.map_or(post.due, |due| due.min(post.due)));
        let goes_on = std::mem::replace(&mut post.is_asleep, found != Found::Awake);
        let sight = match found {
            Found::Awake => return 1,
            Found::NoCall => Some(Sight::NoCall),
            Found::Call(reason) => self.engine.reason_id(&reason).map(Sight::Call),
        };
        match (sight, counted) {
            (Some(sight), Some(counted)) => {
                round.is_full |= self.engine.see(thread, sight, (now, counted), goes_on);
            }
            _ => post.is_asleep = false,
        }
        1
    }
}
