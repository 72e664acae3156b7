//! Which operations are kept by themselves.
//!
//! A named operation that begins while time is taken is followed by a
//! [`Capture`]. When it ends it competes: for a place among the slowest, and for
//! being slower than what was asked for. A loser's capture follows the next
//! operation, so memory stays as it is. There is one lock; it is taken when an
//! operation begins, when it ends, and when a root that was created elsewhere is first
//! entered. Whoever holds it takes no other.

use std::{
    collections::{HashMap, VecDeque},
    hash::BuildHasherDefault,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tracing::Level;

use super::{
    capture::{Budget, Capture},
    counted::Counted,
    hash::IdHasher,
    rolling::Rolling,
    room::{Room, try_box},
    sync::{AtomicBool, Mutex, Ordering::Relaxed},
};
use crate::Clock;

/// How many operations are followed at once.
const MOST_FOLLOWED: usize = 4_096;
/// Bytes that stretches and notes may take, of all operations together.
const STRETCHES: usize = 64 << 20;
/// How many captures wait for an operation to follow.
const MOST_SPARE: usize = 64;
/// How many slow operations wait to be taken.
const MOST_WAITING: usize = 256;

/// From which duration on an operation is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slow {
    /// From this one on.
    From(Duration),
    /// From the 99th percentile of the latest on.
    P99,
}

/// Which operations are wanted by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// So many of the slowest.
    pub(crate) slowest: usize,
    pub(crate) slow: Option<Slow>,
    /// With what was logged in them, down to this level.
    pub(crate) log: Option<Level>,
}

impl Wanted {
    fn any(&self) -> bool {
        self.slowest > 0 || self.slow.is_some()
    }
}

/// An operation that has ended and is kept.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Which of the kept ones it is.
    pub(crate) number: u64,
    pub(crate) capture: Box<Capture>,
    /// The time of day at its first enter.
    pub(crate) start: SystemTime,
    /// Ticks from its first enter to its last close.
    pub(crate) duration: u64,
}

/// How many operations are missing, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Too many were open at once, or there was no memory.
    pub(crate) not_followed: u64,
    /// Slow ones that came faster than they were taken.
    pub(crate) not_taken: u64,
}

/// The captures of one recorder.
#[derive(Debug)]
pub(crate) struct Captures {
    wanted: Wanted,
    budget: Arc<Budget>,
    /// Whether time is taken.
    taking: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    /// Boxed, as operations have them.
    #[allow(clippy::vec_box)]
    spare: Vec<Box<Capture>>,
    followed: usize,
    /// What is to follow roots that nobody has entered yet, by their spans' ids.
    early: HashMap<u64, Box<Capture>, BuildHasherDefault<IdHasher>>,
    /// The slowest first.
    slowest: Vec<Counted<Ended>>,
    waiting: VecDeque<Counted<Ended>>,
    rolling: Rolling,
    ended: u64,
    missing: Missing,
}

impl Captures {
    pub(crate) fn new(wanted: Wanted) -> Self {
        let kept = Kept {
            spare: Vec::new(),
            followed: 0,
            early: HashMap::default(),
            slowest: Vec::new(),
            waiting: VecDeque::new(),
            rolling: Rolling::new(),
            ended: 0,
            missing: Missing::default(),
        };
        Self {
            wanted,
            budget: Arc::new(Budget::new(STRETCHES)),
            taking: AtomicBool::new(false),
            kept: Mutex::new(kept),
        }
    }

    /// Whether time is taken from now on.
    pub(crate) fn take(&self, taking: bool) {
        // Relaxed: a flag, read for itself.
        self.taking.store(taking, Relaxed);
    }

    /// Whether events of a level are kept.
    pub(crate) fn wants_log(&self, level: Level) -> bool {
        self.wanted.any() && self.wanted.log.is_some_and(|finest| level <= finest)
    }

    /// Whether operations are wanted by themselves at all.
    pub(crate) fn wanted(&self) -> bool {
        self.wanted.any()
    }

    /// What follows an operation that begins now, if anything does.
    pub(crate) fn begin(&self) -> Option<Box<Capture>> {
        if !self.wanted.any() || !self.taking.load(Relaxed) {
            return None;
        }
        let mut kept = self.kept.lock();
        if kept.followed >= MOST_FOLLOWED {
            kept.miss();
            return None;
        }
        let capture = kept.spare.pop().or_else(|| try_box(Capture::new(&self.budget)));
        match capture {
            Some(_) => kept.followed = kept.followed.saturating_add(1),
            None => kept.miss(),
        }
        capture
    }

    /// Lets a capture wait for whoever enters a root first. Returns whether it does:
    /// there may be no memory.
    pub(crate) fn wait(&self, root: u64, capture: Box<Capture>) -> bool {
        let mut kept = self.kept.lock();
        let waits = kept.early.try_reserve(1).is_ok();
        if waits {
            kept.early.insert(root, capture);
        } else {
            kept.miss();
            kept.give_back(capture);
        }
        waits
    }

    /// The capture that waits for a root's first enter.
    pub(crate) fn fetch(&self, root: u64) -> Option<Box<Capture>> {
        self.kept.lock().early.remove(&root)
    }

    /// Takes back a capture of an operation that did not begin, or is recorded no
    /// further.
    pub(crate) fn give_back(&self, capture: Box<Capture>) {
        self.kept.lock().give_back(capture);
    }

    /// The operation that a capture followed has ended.
    pub(crate) fn end(&self, mut capture: Box<Capture>, clock: &Clock) {
        let duration = capture.duration().filter(|_| self.taking.load(Relaxed));
        let Some(duration) = duration else { return self.give_back(capture) };
        // A clock may be the program's own code, so it is asked first.
        let ago = clock.nanos(clock.ticks().saturating_sub(capture.begun().unwrap_or(0)));
        let mut kept = self.kept.lock();
        kept.followed = kept.followed.saturating_sub(1);
        let slow = self.is_slow(&mut kept, duration, clock);
        let place = kept.place(duration, self.wanted.slowest);
        if !slow && place.is_none() {
            return kept.recycle(capture);
        }
        drop(kept);
        capture.end_notes();
        let mut kept = self.kept.lock();
        // Others may have come meanwhile.
        let place = kept.place(duration, self.wanted.slowest);
        if !slow && place.is_none() {
            return kept.recycle(capture);
        }
        let now = SystemTime::now();
        let start = now.checked_sub(Duration::from_nanos(ago)).unwrap_or(now);
        kept.ended = kept.ended.saturating_add(1);
        let ended = Ended { number: kept.ended, capture, start, duration };
        let Some(ended) = Counted::try_new(|| Some(ended)) else { return kept.miss() };
        if slow {
            kept.wait(ended.clone());
        }
        if let Some(place) = place {
            kept.insert(place, ended, self.wanted.slowest);
        }
    }

    fn is_slow(&self, kept: &mut Kept, duration: u64, clock: &Clock) -> bool {
        match self.wanted.slow {
            None => false,
            Some(Slow::P99) => kept.rolling.is_long(duration),
            Some(Slow::From(least)) => u128::from(clock.nanos(duration)) >= least.as_nanos(),
        }
    }

    /// The slowest operations so far, the slowest first.
    pub(crate) fn slowest(&self) -> Vec<Counted<Ended>> {
        self.kept.lock().slowest.clone()
    }

    /// The slow operations since this was asked last, in the order of their ends.
    pub(crate) fn take_slow(&self) -> Vec<Counted<Ended>> {
        self.kept.lock().waiting.drain(..).collect()
    }

    /// How many operations are followed.
    #[cfg(test)]
    pub(crate) fn followed(&self) -> usize {
        self.kept.lock().followed
    }

    pub(crate) fn missing(&self) -> Missing {
        self.kept.lock().missing
    }
}

impl Kept {
    /// Where an operation stands among the slowest, if it is one of them.
    fn place(&self, duration: u64, most: usize) -> Option<usize> {
        let place = self.slowest.partition_point(|ended| ended.duration >= duration);
        (place < most).then_some(place)
    }

    fn insert(&mut self, place: usize, ended: Counted<Ended>, most: usize) {
        if self.slowest.try_reserve(1).is_err() {
            return self.miss();
        }
        self.slowest.insert(place.min(self.slowest.len()), ended);
        while self.slowest.len() > most {
            let loser = self.slowest.pop().and_then(Counted::into_inner);
            if let Some(Ended { capture, .. }) = loser {
                self.recycle(capture);
            }
        }
    }

    /// One is not followed, or not kept for want of memory.
    #[cold]
    fn miss(&mut self) {
        self.missing.not_followed = self.missing.not_followed.saturating_add(1);
    }

    fn wait(&mut self, ended: Counted<Ended>) {
        if self.waiting.len() < MOST_WAITING && self.waiting.try_reserve(1).is_ok() {
            self.waiting.push_back(ended);
        } else {
            self.missing.not_taken = self.missing.not_taken.saturating_add(1);
        }
    }

    fn give_back(&mut self, capture: Box<Capture>) {
        self.followed = self.followed.saturating_sub(1);
        self.recycle(capture);
    }

    fn recycle(&mut self, mut capture: Box<Capture>) {
        if self.spare.len() < MOST_SPARE {
            capture.clear();
            // It goes where there is no memory to keep it in.
            let _ = self.spare.try_push(capture);
        }
    }
}
