//! Reads the logs of all threads in the order of time, for the engine.
//!
//! A *drain* begins with a horizon, up to which nothing more can come, and looks how far each
//! log is written. Then the log with the earliest entry is read as long as none of another's
//! is earlier, and so on. It may be read in slices: whoever has the lock goes on where the
//! last one ceased.
//!
//! Who reads: a thread of ours, woken when some chunks have been filled; whoever takes a
//! snapshot; and threads of the host that need a chunk where few are left. Besides, that
//! thread of ours looks at what threads are asleep for (`lookout`).

mod faults;
mod lookout;
#[cfg(all(test, not(loom), not(miri)))]
mod tests;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    mem::replace,
    sync::{
        Arc, Weak,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use self::faults::{Faults, Waiting};
pub(crate) use self::lookout::Round;
use self::lookout::{Lookout, Post};
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
use crate::locks::MutexGuard;
use crate::{
    engine::{Engine, Frozen, OpenNow, ThreadKey},
    locks::Mutex,
    log::{Entry, Next, Patience, Producer, Reader, Reading},
    platform::{Counted, PerfEvent, without_signals},
    recorder::Recorder,
    room::Room,
};

/// Chunks that are filled before the collector is woken: half of what the second level of a
/// processor's cache has room for. What was read as soon as it is written would go to and fro
/// between the caches of two processors, which costs both: docs/overhead.md, "Targets".
const WORTH_WHILE: usize = 128;
/// As long as page faults come in, the collector reads them so often, or more often where a
/// thread asks for that.
const BETWEEN_FAULTS: Duration = Duration::from_millis(20);
/// ... which a thread does no more often than once in so many ticks: some 10 ms.
const APART: u64 = 1 << 25;
/// Entries that the collector's thread reads at a time, before others have their turn.
const SLICE: u64 = 4_096;

/// Reads all logs of one recorder.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) engine: Engine,
    /// The logs by their threads' places in the engine.
    logs: Vec<Option<Log>>,
    /// The logs that have something to read, the earliest first.
    queue: BinaryHeap<Reverse<(u64, u32)>>,
    /// Up to where the drain goes that is under way.
    horizon: u64,
    /// When it began: a thread that begins after that stamps its entries later.
    began: u64,
    /// What was recorded in the end.
    last: Option<Arc<Frozen>>,
    faults: Faults,
}

/// A thread's name, and whether it sleeps, where that is known.
pub(crate) type OpenThreadNow = (String, Option<bool>);

/// The log of a thread that has not ended.
#[derive(Debug)]
struct Log {
    reader: Reader,
    /// What was read too early and has to wait: it names a span that is not known.
    /// The clocks of two processors may differ by some ticks, and the other thread's entry
    /// that creates the span come a little later.
    held: Option<Read>,
    /// What the thread's counters said as it was found asleep, if it was at the latest look.
    asleep: Option<Counted>,
    post: Post,
    /// The thread's page faults, until a reading tells how many they are.
    faults: Waiting,
}

/// Something that happened to a span, at a time.
#[derive(Debug)]
struct Read {
    span: u64,
    entry: Entry,
    at: u64,
}

/// How far a log was read.
enum Progress {
    /// To its end, for now.
    Read,
    /// The thread has ended.
    Ended,
    /// What comes next is stamped with this.
    Until(u64),
}

impl Collector {
    pub(crate) fn new(engine: Engine) -> Self {
        let (logs, queue) = (Vec::new(), BinaryHeap::new());
        let faults = Faults::new();
        Self { engine, logs, queue, horizon: 0, began: 0, last: None, faults }
    }

    /// Reads so many entries, in a new drain if none is under way. Returns how many were
    /// read.
    pub(crate) fn read_some(&mut self, recorder: &Recorder, most: u64, patience: Patience) -> u64 {
        if self.last.is_some() {
            return 0;
        }
        if self.queue.is_empty() {
            self.begin(recorder, patience);
        }
        self.go_on(recorder, most)
    }

    /// Whether a drain is under way.
    pub(crate) fn is_draining(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Reads all that has happened up to a moment. Returns whether it has.
    ///
    /// A thread in the middle of an entry, which has lost its processor or is stopped, is
    /// to be waited for until it has been [looked at](Reader::look) often enough: none is
    /// after that, nor one that begins after the first drain. Meanwhile the others' logs are
    /// to go on being read, or these would be full.
    pub(crate) fn read_up_to(&mut self, recorder: &Recorder, until: u64) -> bool {
        if self.last.is_some() {
            return true;
        }
        self.go_on(recorder, u64::MAX);
        self.begin(recorder, Patience::Little);
        self.go_on(recorder, u64::MAX);
        self.horizon >= until
    }

    /// Up to when all has been read.
    pub(crate) fn time(&self, recorder: &Recorder) -> u64 {
        if recorder.logs.order.skew() > 0 { self.horizon } else { recorder.clock.ticks() }
    }

    /// Of all threads only the one with this log is left.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn leave_behind(&self, all_but: *const Producer, at: u64) {
        let producers = self.logs.iter().flatten().map(|log| log.reader.producer());
        producers.filter(|log| !std::ptr::eq(*log, all_but)).for_each(|log| log.leave_behind(at));
    }

    /// What there is at a moment, or was in the end.
    pub(crate) fn freeze(&mut self, recorder: &Recorder, at: u64) -> Arc<Frozen> {
        if let Some(last) = &self.last {
            return Arc::clone(last);
        }
        self.read_threads(recorder, at);
        let cpu = |thread: ThreadKey| {
            let log = self.logs.get(thread.index())?.as_ref()?;
            log.reader.producer().cpu.nanos()
        };
        let mut frozen = self.engine.freeze(at, cpu);
        frozen.anomalies = frozen.anomalies.plus(&recorder.anomalies());
        Arc::new(frozen)
    }

    /// What is open now, at most so much, and of each thread that is in it its name and whether
    /// it sleeps, where that is known. Nothing once the recording is over.
    pub(crate) fn open_now(&mut self, most: usize) -> Vec<(OpenNow, Vec<OpenThreadNow>)> {
        if self.last.is_some() {
            return Vec::new();
        }
        let open = self.engine.open_now(most);
        let process = std::process::id();
        let thread = |thread: ThreadKey| {
            let log = self.logs.get(thread.index()).and_then(Option::as_ref);
            let sleeps = log.and_then(|log| log.reader.producer().counters.sleeps_now(process));
            (self.engine.thread_name(thread).to_owned(), sleeps)
        };
        let with_threads = |open: OpenNow| {
            let threads = open.threads.iter().map(|(key, ..)| thread(*key)).collect();
            (open, threads)
        };
        open.into_iter().map(with_threads).collect()
    }

    /// Reads the counters of threads that are in spans at a moment, which is just over. Of
    /// those that cannot be read the engine knows nothing.
    fn read_threads(&mut self, recorder: &Recorder, at: u64) {
        if !recorder.settings.states {
            return;
        }
        let process = std::process::id();
        for (place, log) in (0..).zip(&mut self.logs) {
            let (Some(log), thread) = (log, ThreadKey::new(place)) else { continue };
            if !self.engine.is_within(thread) {
                continue;
            }
            let counters = &log.reader.producer().counters;
            if let Some(seen) = counters.of_another_thread(process, &mut log.asleep) {
                let later = recorder.logs.order.now().saturating_sub(at);
                self.engine.read_later(thread, &Reading::of_another(seen), at, later);
            }
        }
    }

    /// The end: what is there is kept, and nothing more is read.
    pub(crate) fn finish(&mut self, recorder: &Recorder, at: u64) {
        let last = self.freeze(recorder, at);
        self.last.get_or_insert(last);
    }

    /// Begins a drain.
    fn begin(&mut self, recorder: &Recorder, patience: Patience) {
        let Some(horizon) = recorder.logs.horizon(patience) else { return };
        self.adopt(recorder);
        self.began = horizon;
        let logs = self.logs.iter_mut().flatten();
        self.horizon = logs.map(|log| log.reader.look(horizon)).min().unwrap_or(horizon);
        // A thread of the host's that assists is not to look at what is mapped.
        if recorder.settings.states && patience != Patience::None {
            self.faults.read(&mut self.logs, &mut self.engine);
        }
        for (place, log) in (0..).zip(&self.logs) {
            if log.as_ref().is_some_and(|log| log.reader.has_more()) {
                self.queue.push(Reverse((0, place)));
            }
        }
    }

    /// Takes over the logs of threads that have begun. One that there is no memory for has
    /// to wait.
    fn adopt(&mut self, recorder: &Recorder) {
        for producer in recorder.logs.newcomers() {
            if let Err(producer) = self.adopt_one(producer) {
                recorder.logs.return_newcomer(producer);
            }
        }
    }

    fn adopt_one(&mut self, producer: Box<[Producer]>) -> Result<(), Box<[Producer]>> {
        let reader = Reader::new(producer, self.began);
        let name = reader.producer().name.as_deref().unwrap_or("<unnamed>");
        // The new place is one more at the most. A log stands in the queue once at the most,
        // which is empty now.
        let length = self.logs.len().saturating_add(1);
        let has_room =
            self.logs.try_hold(length).is_some() && self.queue.try_reserve(length).is_ok();
        let thread = if has_room { self.engine.begin_thread(name) } else { None };
        let Some(thread) = thread else { return Err(reader.into_producer()) };
        self.logs.resize_with(self.logs.len().max(thread.index().saturating_add(1)), || None);
        if let Some(place) = self.logs.get_mut(thread.index()) {
            let (post, faults) = (Post::default(), Waiting::default());
            *place = Some(Log { reader, held: None, asleep: None, post, faults });
        }
        Ok(())
    }

    /// Reads so many entries of the drain that is under way. Returns how many were read.
    fn go_on(&mut self, recorder: &Recorder, entries: u64) -> u64 {
        let mut left = entries;
        let mut next = self.queue.pop();
        while let Some(Reverse((_, place))) = next {
            let bound = self.queue.peek().map_or(self.horizon, |Reverse((key, _))| *key);
            next = match self.read(recorder, place, bound.min(self.horizon), &mut left) {
                Progress::Until(key) if key <= self.horizon => {
                    let waits = Reverse((key, place));
                    if left == 0 {
                        self.queue.push(waits);
                        break;
                    }
                    // One step in place of two: what is first goes, and this one comes.
                    match self.queue.peek_mut() {
                        Some(mut first) if *first > waits => Some(replace(&mut *first, waits)),
                        _ => Some(waits),
                    }
                }
                Progress::Until(_) | Progress::Read => self.queue.pop(),
                Progress::Ended => {
                    self.end_thread(recorder, place);
                    self.queue.pop()
                }
            };
        }
        entries.saturating_sub(left)
    }

    fn end_thread(&mut self, recorder: &Recorder, place: u32) {
        if let Some(log) = self.logs.get_mut(place as usize).and_then(Option::take) {
            log.reader.finish(&recorder.logs.pool);
        }
    }

    /// Whether page faults came in of late, of which there may be more soon.
    pub(crate) fn has_met_faults(&self) -> bool {
        self.faults.come_in
    }

    /// Reads one log up to a bound.
    fn read(&mut self, recorder: &Recorder, place: u32, bound: u64, left: &mut u64) -> Progress {
        let Some(Some(log)) = self.logs.get_mut(place as usize) else {
            return Progress::Read;
        };
        let thread = ThreadKey::new(place);
        if let Some(Read { span, entry, at }) = log.held.take() {
            self.engine.take_slow(thread, span, entry, at);
        }
        while *left > 0 {
            let mut steps = log.reader.steps(bound, *left, &recorder.logs.pool);
            while let Some(slot) = steps.peek()
                && self.engine.take_fast(thread, slot, || steps.time(slot))
            {
                steps.pass();
            }
            let passed = log.reader.go_on_at(&steps);
            *left = left.saturating_sub(passed);
            if let Some(key) = steps.later() {
                return Progress::Until(key);
            }
            if passed > 0 {
                continue;
            }
            let Read { span, entry, at } = match log.reader.next(bound, &recorder.logs.pool) {
                Next::Entry { span, entry, at } => Read { span, entry, at },
                Next::Aside => continue,
                Next::Later(key) => return Progress::Until(key),
                Next::Nothing => return Progress::Read,
            };
            *left = left.saturating_sub(1);
            if let Entry::Reading { cpu, delay } = entry {
                let reading = Reading::of_words(cpu, delay, log.reader.counts());
                if let Some(file) = self.faults.take(&mut log.faults, &reading, at) {
                    self.engine.faults_were_in(thread, file);
                }
                self.engine.read(thread, &reading, at);
                continue;
            }
            let has_others = !self.queue.is_empty();
            let unknown = entry.refers_to(span).filter(|span| !self.engine.knows(*span));
            if unknown.is_some() && has_others && recorder.logs.order.skew() > 0 {
                let until = at.saturating_add(recorder.logs.order.skew()).min(self.horizon);
                log.held = Some(Read { span, entry, at });
                return Progress::Until(until);
            }
            let is_end = matches!(entry, Entry::ThreadEnd);
            self.engine.take_slow(thread, span, entry, at);
            if is_end {
                return Progress::Ended;
            }
        }
        Progress::Until(log.reader.key())
    }
}

/// Wakes the collector's thread, and ends it.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    thread: Mutex<Option<Thread>>,
    is_awake: AtomicBool,
    is_stopped: AtomicBool,
    /// How many chunks were used when it went to sleep.
    used: AtomicUsize,
    /// Whether it looks at no threads until one of them reads its counters.
    rests: AtomicBool,
    /// When it was woken for page faults, in ticks.
    faults: AtomicU64,
}

impl Wake {
    /// Starts the collector's thread. Where none can be had, or no threads are to be had at
    /// all, whoever needs a chunk and whoever takes a snapshot reads the logs.
    pub(crate) fn start(wake: &Arc<Self>, recorder: &Weak<Recorder>) {
        if cfg!(loom) {
            return;
        }
        let (wake, recorder) = (Arc::clone(wake), Weak::clone(recorder));
        let thread = thread::Builder::new().name("flame-collector".to_owned());
        let started = without_signals(|| {
            let wake = Arc::clone(&wake);
            thread.spawn(move || run(&wake, &recorder))
        });
        if let Ok(started) = started {
            *wake.thread.lock() = Some(started.thread().clone());
        }
    }

    /// Wakes the collector if so many chunks are used that it is worth while, or few are left.
    pub(crate) fn if_worth_while(&self, used: usize, is_low: bool) {
        // Relaxed: a hint.
        let is_worth_while = used >= self.used.load(Relaxed).saturating_add(WORTH_WHILE);
        if is_worth_while || is_low {
            self.wake();
        }
    }

    /// Wakes the collector as there are page faults to be read: one of many times, as a fault
    /// takes longer than the look at a clock, unless they fill what there is for them.
    pub(crate) fn for_faults(&self, now: u64) {
        // Relaxed: a hint.
        let last = self.faults.load(Relaxed);
        if now.saturating_sub(last) < APART || self.is_awake.load(Relaxed) {
            return;
        }
        self.faults.store(now, Relaxed);
        self.wake();
    }

    fn wake(&self) {
        if self.is_awake.swap(true, AcqRel) {
            return;
        }
        self.unpark();
    }

    /// A thread reads its counters: it may sleep again, so that it is worth while to look.
    #[inline]
    pub(crate) fn if_resting(&self) {
        // Relaxed: a hint. One that is missed comes again with the next reading.
        if self.rests.load(Relaxed) && self.rests.swap(false, AcqRel) {
            self.unpark();
        }
    }

    #[cold]
    fn unpark(&self) {
        if let Some(thread) = &*self.thread.lock() {
            thread.unpark();
        }
    }

    /// The lock on who is woken, if it can be had until then.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn hold(&self, until: Instant) -> Option<MutexGuard<'_, Option<Thread>>> {
        self.thread.lock_until(until)
    }

    /// The thread was left behind by a fork.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn forget(&self) {
        // Relaxed: there is but one thread.
        self.is_awake.store(false, Relaxed);
    }

    /// Ends the collector's thread.
    pub(crate) fn stop(&self) {
        // Relaxed: unparking orders it before what the thread does then.
        self.is_stopped.store(true, Relaxed);
        if let Some(thread) = self.thread.lock().take() {
            thread.unpark();
        }
    }
}

/// What the collector's thread does.
fn run(wake: &Wake, recorder: &Weak<Recorder>) {
    let wants_states = recorder.upgrade().is_some_and(|recorder| recorder.settings.states);
    let mut lookout = Lookout::new(wants_states);
    if wants_states {
        // In a child that was forked nobody has yet.
        PerfEvent::allow();
    }
    // When page faults are to be read, while they come in.
    let mut faults_due = None;
    while !wake.is_stopped.load(Acquire) {
        // Relaxed: a hint.
        wake.rests.store(lookout.rests(), Relaxed);
        let for_faults =
            faults_due.map(|due: Instant| due.saturating_duration_since(Instant::now()));
        match lookout.pause().into_iter().chain(for_faults).min() {
            Some(pause) => thread::park_timeout(pause),
            None => thread::park(),
        }
        let Some(recorder) = recorder.upgrade() else { return };
        let is_full = lookout.look(&recorder);
        // A drain between two looks at what is mapped tells of no file. So threads that are looked
        // at more often than that make none.
        let are_due = faults_due.is_some_and(|due| due <= Instant::now());
        // Cleared first, so that whoever finds enough to do from now on wakes it again.
        if wake.is_awake.swap(false, Relaxed) || is_full || are_due {
            // One drain, and not another for what has come meanwhile: each takes a barrier.
            let mut collected = recorder.collect(SLICE);
            while collected.is_draining {
                collected = recorder.collect(SLICE);
            }
            wake.used.store(recorder.logs.pool.used(), Relaxed);
            faults_due = if collected.has_met_faults {
                Instant::now().checked_add(BETWEEN_FAULTS)
            } else {
                None
            };
        }
    }
}
