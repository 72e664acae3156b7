//! What a thread did while it was in spans, from readings of its counters: see
//! `docs/semantics.md`, "States".
//!
//! A reading tells of all the time since the one before. Whatever of it the thread did not
//! spend on a CPU lies behind its last change of frames, as it would have read its counters
//! there: in the *tail*, which is one frame's. A thread that may not read them says so, and
//! nothing is known of it until it does.

use super::{
    Engine,
    course::Course,
    sightings::Sightings,
    thread::{Frame, ThreadKey},
};
use crate::{
    Clock,
    kept::Piece,
    log::Reading,
    platform::Used,
    profile::Switches,
    tally::{ReasonId, States, Telling, Told, share_of},
};

/// What is known of a thread's counters.
#[derive(Debug)]
pub(super) struct Known {
    /// Whether it is to be known what the thread does.
    is_wanted: bool,
    /// Up to when it has been told.
    told: u64,
    latest: Option<Latest>,
    /// Whether it takes the thread's own reading to know more: it does not say where it
    /// changes frames until then.
    needs_own: bool,
    /// What it was found asleep for, and has not told of yet.
    pub(super) sightings: Sightings,
    /// The page faults in one file that the next reading tells of.
    pub(super) pages: Option<ReasonId>,
    /// When it was switched, as far as that is known and wanted.
    pub(super) course: Course,
}

/// What counters said at the latest reading.
#[derive(Clone, Copy, Debug)]
struct Latest {
    /// Nanoseconds on a CPU by [`Known::told`].
    cpu: u64,
    /// Nanoseconds that it had waited for a CPU when that was read last.
    delay: Option<u64>,
    /// Ticks off the CPU since then of which that waiting is a part nobody knows.
    untold: u64,
}

impl Known {
    pub(super) fn new(is_wanted: bool) -> Self {
        let (sightings, course) = (Sightings::default(), Course::default());
        Self { is_wanted, told: 0, latest: None, needs_own: false, sightings, pages: None, course }
    }

    /// Whether nothing is known of the thread, though it should be.
    #[inline]
    pub(super) fn is_dark(&self) -> bool {
        self.is_wanted && self.latest.is_none()
    }

    /// What a thread did in its tail, so many ticks long and up to `now`, by a reading that
    /// was taken then or so many ticks later.
    fn take(
        &mut self,
        reading: &Reading,
        now: u64,
        tail: u64,
        later: u64,
        clock: &Clock,
    ) -> States {
        let told = std::mem::replace(&mut self.told, now);
        let known = self.latest.filter(|latest| latest.cpu <= reading.cpu);
        let Some(latest) = known else {
            // The first one; or the counters are those of a child that was forked.
            let new = Latest { cpu: reading.cpu, delay: reading.whole_delay(), untold: 0 };
            self.latest = Some(new);
            return States::unknown(tail);
        };
        let elapsed = (now - told).saturating_add(later);
        let off = elapsed.saturating_sub(clock.ticks_in(reading.cpu - latest.cpu));
        // What is left of it has happened since, or else lies before the tail, in the few
        // steps between a look at the flag and the stamp of the entry behind it.
        let given = off.min(tail);
        let left = (off - given).min(later);
        let (states, mut next) = latest.split(given, off - left, reading, clock);
        next.cpu = reading.cpu.saturating_sub(clock.nanos(later - left));
        self.latest = Some(next);
        states
    }
}

impl Latest {
    /// Splits a time off the CPU, which is that of the tail, or all of it up to then where
    /// the thread is in no span; returns what is known from then on.
    fn split(self, off: u64, all: u64, reading: &Reading, clock: &Clock) -> (States, Self) {
        let Some(delay) = reading.delay else {
            let untold = self.untold.saturating_add(all);
            return (States { off_cpu: off, ..States::default() }, Self { untold, ..self });
        };
        let Some(before) = self.delay else {
            let next = Self { delay: reading.whole_delay(), untold: 0, ..self };
            return (States { off_cpu: off, ..States::default() }, next);
        };
        let next = Self { delay: Some(delay), untold: 0, ..self };
        // That much it waited for a CPU since that was known last. Some of it may have been
        // before this tail, in what was not told then.
        let waited = clock.ticks_in(delay.saturating_sub(before));
        let most = waited.min(off);
        let least = waited.saturating_sub(self.untold).min(off);
        let (rest, either) = (off - most, most - least);
        if reading.voluntary == Some(0) && self.untold == 0 {
            // It cannot have slept: what is beneath the kernel had its CPU.
            return (States { runnable: off, ..States::default() }, next);
        }
        if !reading.may_be_waiting {
            let (runnable, blocked, off_cpu) = (least, rest, either);
            return (States { runnable, blocked, off_cpu, ..States::default() }, next);
        }
        // A wait under way may have begun before the tail, and none of it is counted.
        let untold = self.untold.saturating_add(all).saturating_sub(waited);
        let states = States { runnable: least, off_cpu: either + rest, ..States::default() };
        (states, Self { untold, ..next })
    }
}

impl Engine {
    /// Counters of a thread were read by itself.
    pub(crate) fn read(&mut self, thread: ThreadKey, reading: &Reading, at: u64) {
        self.threads[thread].known.needs_own = false;
        self.read_later(thread, reading, at, 0);
        self.threads[thread].known.sightings.forget(at);
        self.threads[thread].known.pages = None;
        self.end_wait(thread);
    }

    /// Counters of a thread were read by another, so many ticks later than `at`.
    pub(crate) fn read_later(&mut self, thread: ThreadKey, reading: &Reading, at: u64, later: u64) {
        self.now = self.now.max(at);
        // First, as it happened earlier: whatever is told settles operations up to now.
        self.release_loose();
        let (now, tail) = (self.now, self.tail(thread));
        let known = &self.threads[thread].known;
        if !known.is_wanted || known.needs_own {
            return;
        }
        let is_in_wait = self.is_in_wait(thread);
        let known = &mut self.threads[thread].known;
        let states = known.take(reading, now, tail, later, &self.unit);
        let (states, asleep) = self.explain(thread, states, reading);
        let switches = Switches {
            voluntary: reading.voluntary.unwrap_or(0).into(),
            involuntary: reading.involuntary.into(),
            major_faults: reading.major_faults.into(),
            ..Switches::default()
        };
        if is_in_wait {
            self.extend_wait(&states);
        }
        let pieces = self.pieces(thread, tail, &states, reading.voluntary.is_some());
        self.tell(thread, &pieces, &Telling { told: Told { states, switches }, asleep });
    }

    /// Gives what a thread used to the frame that it is in, and to those of all operations that
    /// it is in. What it did meanwhile is told by readings.
    pub(super) fn tell_used(&mut self, thread: ThreadKey, used: Used) -> Option<()> {
        let Used { minor_faults, blocks_read, blocks_written } = used;
        let switches =
            Switches { minor_faults, blocks_read, blocks_written, ..Switches::default() };
        let (owner, now) = (&mut self.threads[thread], self.now);
        let innermost = owner.chain.turn(now).or_else(|| {
            let innermost = owner.stack.innermost().and_then(Frame::recorded);
            innermost.map(|key| self.spans[key].node)
        });
        if let Some(node) = innermost {
            owner.told.add(node, &Telling::counted(switches))?;
        }
        self.uses += 1;
        for key in owner.stack.frames().iter().filter_map(Frame::recorded) {
            let operation = &mut self.operations[self.spans[key].operation];
            if let Some(capture) = &mut operation.capture {
                capture.count(thread, self.uses, switches);
            }
        }
        Some(())
    }

    /// What a thread did since it was told last is not known, nor what it does up to its own
    /// next reading, whatever others find out about it.
    pub(super) fn darken_until_it_reads(&mut self, thread: ThreadKey) {
        self.darken(thread);
        self.threads[thread].known.needs_own = true;
    }

    /// What a thread did since it was told last is not known, nor what it does up to its next
    /// reading.
    pub(super) fn darken(&mut self, thread: ThreadKey) {
        let (now, tail) = (self.now, self.tail(thread));
        if !self.threads[thread].known.is_wanted {
            return;
        }
        // Of a chain nothing would be told at its changes of frames.
        self.leave_chain(thread);
        let known = &mut self.threads[thread].known;
        (known.told, known.latest) = (now, None);
        let pieces = self.pieces(thread, tail, &States::unknown(tail), false);
        self.tell(thread, &pieces, &Telling::unknown(tail));
    }

    /// Of threads that are in spans and were not read, nothing is known.
    pub(super) fn darken_unread(&mut self) {
        for thread in self.threads.all_keys() {
            let is_unread = self.threads[thread].known.told < self.now && self.is_within(thread);
            if is_unread {
                self.darken(thread);
            }
        }
    }

    /// Whether a thread is in a span that is recorded.
    pub(crate) fn is_within(&self, thread: ThreadKey) -> bool {
        let owner = &self.threads[thread];
        owner.chain.is_running() || owner.stack.innermost().is_some()
    }

    /// How long a thread has been in the frame that it is in, or since it was told.
    pub(super) fn tail(&self, thread: ThreadKey) -> u64 {
        let owner = &self.threads[thread];
        let since = match owner.chain.is_running() {
            true => owner.chain.since,
            false if owner.stack.innermost().is_some() => owner.busy_since,
            false => return 0,
        };
        self.now.saturating_sub(since.max(owner.known.told))
    }

    /// Gives what a thread did in its tail to the frame that it is in, and to those of all
    /// operations that it is in; to those that are kept by themselves in pieces.
    fn tell(&mut self, thread: ThreadKey, pieces: &[Piece], telling: &Telling) {
        if self.try_tell(thread, pieces, telling).is_none() {
            self.anomalies.lost += 1;
        }
    }

    fn try_tell(&mut self, thread: ThreadKey, pieces: &[Piece], telling: &Telling) -> Option<()> {
        let now = self.now;
        let owner = &mut self.threads[thread];
        let lent = owner.chain.anchor.filter(|_| owner.chain.is_running());
        let innermost = match owner.chain.turn(now) {
            Some(node) => {
                self.tree.told.add(node, &telling.share(share_of))?;
                Some(node)
            }
            None => {
                let innermost = owner.stack.innermost().and_then(Frame::recorded);
                innermost.map(|key| self.spans[key].node)
            }
        };
        if let Some(node) = innermost {
            owner.told.add(node, telling)?;
        }
        let lent = lent.map(|anchor| self.spans[anchor].operation);
        for at in 0..self.threads[thread].stack.frames().len() {
            let Some(key) = self.threads[thread].stack.frames()[at].recorded() else { continue };
            let operation = self.spans[key].operation;
            if Some(operation) != lent {
                self.with_operation(operation, |operation, books| {
                    operation.settle(now, books);
                    operation.tell(thread, pieces, telling, books)
                })?;
            }
        }
        Some(())
    }
}
