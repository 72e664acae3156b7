//! Which file threads had page faults in.
//!
//! The kernel notes each down with its address and its time ([`PerfEvent`]). A thread's
//! reading tells how many it had since the reading before, so that it is known whether all of
//! these are there, and they are told of only if they are, and in one file.
//!
//! Which file was mapped at an address *then* is known only by looking, and a host may map one
//! file after another at the same place. So a file is believed if it was there at the look
//! before the fault, and at the next one after it. That the first ones are not told of is the
//! price.
//!
//! [`PerfEvent`]: crate::platform::PerfEvent

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use super::Log;
use crate::{
    clock::counter_ticks,
    engine::{Engine, ThreadKey},
    log::Reading,
    platform::{Mappings, PageFault, PerfKey, Record, raw_time},
    room::Room,
};

/// How many files are told apart; others have no names.
const MOST_FILES: usize = 256;
/// How many faults of a thread wait for its reading; what comes then is missing.
const MOST_WAITING: usize = 16_384;
/// A look is followed by a pause so many times as long.
const PAUSE: u32 = 20;

/// A file's place among those that faults were in.
type FileAt = u16;

/// What is known of files that are mapped.
#[derive(Debug)]
pub(super) struct Faults {
    /// The two latest looks at what is mapped.
    before: Look,
    latest: Look,
    /// There is none before that.
    next: Option<Instant>,
    times: Times,
    files: Vec<Arc<str>>,
    /// Whether there were any at the latest drain.
    pub(super) come_in: bool,
}

/// What was mapped, from a moment on; in nanoseconds of the clock that faults are timed by.
#[derive(Debug, Default)]
struct Look {
    began: u64,
    mappings: Mappings,
}

/// The faults of a thread since its latest reading.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Of which it is not known yet in which files they were.
    new: Vec<PageFault>,
    /// When they were, in ticks, and in which file.
    known: VecDeque<(u64, Option<FileAt>)>,
}

impl Faults {
    pub(super) fn new() -> Self {
        let (before, latest) = (Look::default(), Look::default());
        let (times, files) = (Times::new(), Vec::new());
        Self { before, latest, next: None, times, files, come_in: false }
    }

    /// Reads what was noted down for all threads, up to now.
    pub(super) fn read(&mut self, logs: &mut [Option<Log>], engine: &mut Engine) {
        let process = PerfKey::of_this_process();
        self.come_in = false;
        // What is noted down from now on may be told a little less exactly.
        self.times.look();
        for (place, log) in (0..).zip(logs.iter_mut()) {
            let (Some(log), thread) = (log, ThreadKey::new(place)) else { continue };
            let new = &mut log.faults.new;
            log.reader.producer().perf.read(process, |record| match record {
                // One that there is no room for is missing, which its reading tells.
                Record::Fault(fault) if new.len() < MOST_WAITING => drop(new.try_push(fault)),
                Record::Fault(_) => {}
                Record::Switch(at, switch) => {
                    engine.switched(thread, self.times.ticks(at), switch);
                }
            });
            self.come_in |= !new.is_empty();
        }
        if !self.come_in {
            return;
        }
        self.look();
        for log in logs.iter_mut().flatten() {
            let Waiting { new, known } = &mut log.faults;
            // What came behind that look waits for the next one.
            let count = new.partition_point(|fault| fault.at <= self.latest.began);
            for fault in new.drain(..count) {
                if known.len() < MOST_WAITING && known.try_reserve(1).is_ok() {
                    known.push_back((self.times.ticks(fault.at), self.file(fault)));
                }
            }
        }
    }

    /// In which file all page faults were that a thread had in the tail of its reading, which
    /// was taken then.
    pub(super) fn take(&self, of: &mut Waiting, reading: &Reading, at: u64) -> Option<&Arc<str>> {
        // It says nothing of faults: these are for the next one that does.
        reading.voluntary?;
        let count = of.known.partition_point(|(fault, _)| *fault <= at);
        let mut faults = of.known.drain(..count);
        let first = faults.next().and_then(|(_, file)| file);
        let are_in_one = faults.all(|(_, file)| file == first);
        drop(faults);
        // Others that it tells of, of which it is not known where they were.
        let unknown = of.new.partition_point(|fault| self.times.ticks(fault.at) <= at);
        of.new.drain(..unknown);
        let are_all = unknown == 0 && u32::try_from(count) == Ok(reading.major_faults);
        let file = first.filter(|_| are_all && are_in_one)?;
        self.files.get(usize::from(file))
    }

    /// Looks at what is mapped, unless that took too long just now.
    fn look(&mut self) {
        let began = Instant::now();
        if self.next.is_some_and(|next| began < next) {
            return;
        }
        let Some(now) = raw_time() else { return };
        let look = Look { began: now, mappings: Mappings::of_this_process() };
        self.before = std::mem::replace(&mut self.latest, look);
        let pause = began.elapsed().checked_mul(PAUSE).unwrap_or(Duration::MAX);
        self.next = Instant::now().checked_add(pause);
    }

    /// The file that a fault was in, where that is known.
    fn file(&mut self, fault: PageFault) -> Option<FileAt> {
        if !(self.before.began..=self.latest.began).contains(&fault.at) {
            return None;
        }
        let file = self.latest.mappings.at(fault.address)?;
        if self.before.mappings.at(fault.address) != Some(file) {
            return None;
        }
        let known = self.files.iter().position(|name| **name == *file.name);
        if known.is_none() {
            (self.files.len() < MOST_FILES).then_some(())?;
            self.files.try_push(Arc::from(file.name))?;
        }
        let last = || self.files.len().saturating_sub(1);
        FileAt::try_from(known.unwrap_or_else(last)).ok()
    }
}

/// Looks at two clocks at once: the one that faults are timed by, and the processor's counter.
/// Both run evenly, so that between two looks a time by one tells that by the other.
#[derive(Debug)]
struct Times {
    before: Moment,
    latest: Moment,
}

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    nanos: u64,
    ticks: u64,
}

/// Two looks that are so far apart, in nanoseconds, are exact enough to go by.
const APART: u64 = 1_000_000;
/// Looks of which the one that took the least is believed.
const LOOKS: usize = 5;

impl Moment {
    fn now() -> Self {
        let looks = std::iter::repeat_with(|| {
            let (from, nanos, to) = (counter_ticks(), raw_time().unwrap_or(0), counter_ticks());
            let length = to.saturating_sub(from);
            (length, Self { nanos, ticks: from.saturating_add(length / 2) })
        });
        let shortest = looks.take(LOOKS).min_by_key(|(length, _)| *length);
        shortest.map(|(_, moment)| moment).unwrap_or_default()
    }
}

impl Times {
    fn new() -> Self {
        let now = Moment::now();
        Self { before: now, latest: now }
    }

    fn look(&mut self) {
        if self.latest.nanos.saturating_sub(self.before.nanos) >= APART {
            self.before = self.latest;
        }
        self.latest = Moment::now();
    }

    /// The counter at a time of the other clock.
    fn ticks(&self, nanos: u64) -> u64 {
        let Self { before, latest } = self;
        let length = u128::from(latest.nanos.saturating_sub(before.nanos)).max(1);
        let ticks = u128::from(latest.ticks.saturating_sub(before.ticks));
        let since = u128::from(nanos.saturating_sub(before.nanos));
        // No look is so old that it overflows: 2^64 ticks are some centuries.
        let since = since.saturating_mul(ticks).checked_div(length).unwrap_or(0);
        before.ticks.saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1000-2000 r--s 00000000 08:01 1 /a\n2000-3000 r--s 00000000 08:01 2 /b\n";
    const B: &str = "1000-2000 r--s 00000000 08:01 1 /a\n2000-3000 r--s 00000000 08:01 3 /c\n";

    fn look(began: u64, text: &str) -> Look {
        Look { began, mappings: Mappings::of(text.as_bytes().to_vec()) }
    }

    fn faults() -> Faults {
        let moment = |nanos, ticks| Moment { nanos, ticks };
        let times = Times { before: moment(100, 1_000), latest: moment(200, 3_000) };
        Faults { before: look(100, A), latest: look(200, B), times, ..Faults::new() }
    }

    fn reading(major_faults: u32) -> Reading {
        Reading {
            cpu: 0,
            delay: Some(0),
            may_be_waiting: false,
            voluntary: Some(1),
            involuntary: 0,
            major_faults,
        }
    }

    #[test]
    fn a_file_is_believed_that_was_there_before_and_after() {
        let mut faults = faults();
        let mut file = |at, address| {
            let file = faults.file(PageFault { at, address })?;
            Some(faults.files[usize::from(file)].to_string())
        };
        assert_eq!(file(150, 0x1800).as_deref(), Some("/a"));
        assert_eq!(file(150, 0x2800), None, "another file since");
        assert_eq!(file(150, 0x3800), None, "no file");
        assert_eq!(file(99, 0x1800), None, "before the first look");
        assert_eq!(file(201, 0x1800), None, "behind the latest");
    }

    #[test]
    fn times_of_one_clock_are_told_by_the_other() {
        let times = faults().times;
        assert_eq!(
            [100, 150, 200, 201].map(|nanos| times.ticks(nanos)),
            [1_000, 2_000, 3_000, 3_020]
        );
        let (before, times) = (counter_ticks(), Times::new());
        assert!((before..=counter_ticks()).contains(&times.latest.ticks));
    }

    #[test]
    fn a_reading_is_told_a_file_where_all_of_its_faults_were_in_it() {
        let mut faults = faults();
        faults.files = vec!["/a".into(), "/b".into()];
        let waiting = |known: &[(u64, Option<FileAt>)]| Waiting {
            known: known.iter().copied().collect(),
            ..Waiting::default()
        };
        let in_one = [(10, Some(1)), (20, Some(1)), (30, Some(0))];
        let mut of = waiting(&in_one);
        let bare = Reading { voluntary: None, ..reading(0) };
        assert_eq!(faults.take(&mut of, &bare, 15), None);
        assert_eq!(faults.take(&mut of, &reading(2), 20).map(|it| &**it), Some("/b"));
        assert_eq!(faults.take(&mut of, &reading(1), 40).map(|it| &**it), Some("/a"));
        assert_eq!(faults.take(&mut of, &reading(0), 50), None);
        assert_eq!(faults.take(&mut waiting(&in_one), &reading(3), 25), None, "one is missing");
        assert_eq!(faults.take(&mut waiting(&in_one), &reading(3), 40), None, "in two files");
        let unknown = [(10, Some(1)), (20, None)];
        assert_eq!(faults.take(&mut waiting(&unknown), &reading(2), 40), None);
    }

    #[test]
    fn what_nobody_has_looked_for_yet_is_not_told() {
        let mut faults = faults();
        faults.files = vec!["/a".into()];
        let mut of = Waiting {
            new: vec![PageFault { at: 150, address: 0x1800 }],
            known: [(1_500, Some(0))].into(),
        };
        assert_eq!(faults.take(&mut of, &reading(2), 2_000), None);
        assert!(of.new.is_empty() && of.known.is_empty(), "they are of no later reading");
    }
}
