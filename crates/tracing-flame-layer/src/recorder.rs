//! What the callbacks of one layer, the handles that read it and the collector share.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    Clock,
    collector::{Collector, Round, Wake},
    engine::{Engine, Settings},
    locks::{Turn, Turns},
    log::{Chunk, Level, Local, Logs, Order, Patience},
    profile::{Anomalies, StateSource},
    scale::Unit,
    tally::Snapshot,
};

/// Entries that a thread reads for the others when it takes a chunk and few are left: half
/// of what a chunk holds.
const SLICE: u64 = 128;
/// How long a thread that needs a chunk and finds none waits at a time, if none comes back
/// before, and in all.
const WAIT: Duration = Duration::from_millis(1);
const WAITS: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 1_000 });
/// How long a thread in the middle of an entry is left alone by whoever waits for it.
const NAP: Duration = Duration::from_micros(200);

/// Everything recorded through one layer.
pub(crate) struct Recorder {
    /// Tells it from any other of this process; never 0.
    pub(crate) key: u64,
    pub(crate) clock: Clock,
    pub(crate) settings: Arc<Settings>,
    /// How it is known what threads do; `None` where nobody asked.
    pub(crate) states: Option<StateSource>,
    pub(crate) logs: Logs,
    /// Reads the logs; whoever has the lock is the one that reads.
    pub(crate) collector: Turns<Collector>,
    pub(crate) wake: Arc<Wake>,
    /// Whether a fork has left the collector's thread behind.
    is_alone: AtomicBool,
    pub(crate) me: Weak<Self>,
    /// Whether the layer is part of a subscriber.
    pub(crate) installed: AtomicBool,
    /// Whether nothing is recorded any more.
    finished: AtomicBool,
}

/// What became of a slice that the collector's thread has read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Collected {
    /// Whether the drain that it is of goes on.
    pub(crate) is_draining: bool,
    /// Whether page faults came in with that drain.
    pub(crate) has_met_faults: bool,
}

impl Recorder {
    pub(crate) fn new(clock: Clock, settings: Settings, states: Option<StateSource>) -> Arc<Self> {
        Self::by(Order::of(&clock), clock, settings, states)
    }

    /// One whose stamps are in that order.
    pub(crate) fn by(
        order: Order,
        clock: Clock,
        settings: Settings,
        states: Option<StateSource>,
    ) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only uniqueness matters.
        let key = NEXT.fetch_add(1, Relaxed);
        let settings = Arc::new(settings);
        let engine = Engine::new(Arc::clone(&settings), clock.clone());
        let recorder = Arc::new_cyclic(|me| Self {
            key,
            logs: Logs::new(order, settings.chunks),
            clock,
            settings,
            states,
            collector: Turns::new(Collector::new(engine)),
            wake: Arc::default(),
            is_alone: AtomicBool::new(false),
            me: Weak::clone(me),
            installed: AtomicBool::new(false),
            finished: AtomicBool::new(false),
        });
        Wake::start(&recorder.wake, &recorder.me);
        recorder.join_forks();
        recorder
    }

    /// A chunk for a thread to write to. Where few are left the thread reads some of the
    /// logs itself, if nobody else does; where none is left it waits, asleep, up to a
    /// second. A span that begins gets none of the last ones, which serve those that have
    /// begun, until it has waited for half of that: where all threads ask for more than can be
    /// read, those that have begun would leave it nothing.
    pub(crate) fn take_chunk(&self, begins: bool) -> Option<*mut Chunk> {
        if self.is_finished() || Self::is_torn() {
            return None;
        }
        // Relaxed: a flag, read for itself.
        if self.is_alone.swap(false, Relaxed) {
            Wake::start(&self.wake, &self.me);
        }
        let is_low = self.logs.pool.level() != Level::Plenty;
        self.wake.if_worth_while(self.logs.pool.used(), is_low);
        if is_low {
            self.assist();
        }
        if let Some(chunk) = self.try_take(begins) {
            return Some(chunk);
        }
        let began = Instant::now();
        while began.elapsed() < WAITS {
            let used = self.logs.pool.used();
            if !self.assist() || self.logs.pool.used() >= used {
                self.logs.pool.wait(WAIT);
            }
            let is_in_time = began.elapsed() < WAITS / 2;
            if let Some(chunk) = self.try_take(begins && is_in_time) {
                return Some(chunk);
            }
        }
        None
    }

    /// A chunk, but none of the last ones where those are `spared`.
    fn try_take(&self, spared: bool) -> Option<*mut Chunk> {
        let may = !(spared && self.logs.pool.level() == Level::Reserve);
        if may { self.logs.pool.take() } else { None }
    }

    /// Reads a slice of the logs, if nobody else does. Returns whether something was read.
    fn assist(&self) -> bool {
        let collector = self.collector.try_lock();
        collector.is_some_and(|mut logs| logs.read_some(self, SLICE, Patience::None) > 0)
    }

    /// Reads a slice of the logs, for the collector's thread.
    pub(crate) fn collect(&self, entries: u64) -> Collected {
        Local::within(|| {
            let mut collector = self.collector.lock();
            collector.read_some(self, entries, Patience::Little);
            Collected {
                is_draining: collector.is_draining(),
                has_met_faults: collector.has_met_faults(),
            }
        })
    }

    /// Looks at what threads are asleep for, for the collector's thread.
    pub(crate) fn look_out(&self, from: usize) -> Round {
        Local::within(|| self.collector.lock().look_out(self, from))
    }

    /// Calls with what reads the logs, all of which have been read up to now. In a child that
    /// is torn nothing can be read.
    pub(crate) fn with_collector<T: Default>(
        &self,
        call: impl FnOnce(&mut Collector, u64) -> T,
    ) -> T {
        if Self::is_torn() {
            return T::default();
        }
        Local::within(|| {
            let mut collector = self.read_to_now();
            let at = collector.time(self);
            call(&mut collector, at)
        })
    }

    /// Calls with what reads the logs. In a child that is torn it is not called.
    fn in_turn<T: Default>(&self, call: impl FnOnce(&mut Collector) -> T) -> T {
        if Self::is_torn() {
            return T::default();
        }
        Local::within(|| call(&mut self.collector.lock()))
    }

    /// Calls while nobody else reads.
    pub(crate) fn while_nobody_reads<T: Default>(&self, call: impl FnOnce() -> T) -> T {
        self.in_turn(|_| call())
    }

    /// Reads all logs up to now. Nobody waits for whoever waits for a thread in the middle of
    /// an entry.
    fn read_to_now(&self) -> Turn<'_, Collector> {
        let now = self.logs.order.now();
        loop {
            let mut collector = self.collector.lock();
            if collector.read_up_to(self, now) {
                return collector;
            }
            drop(collector);
            thread::sleep(NAP);
        }
    }

    /// Everything up to now, or up to its end, once the engine was told something at this
    /// very moment, and what it answered.
    ///
    /// What takes a step for each stack is done in slices or after the engine was let go of:
    /// two threads that make nothing but spans fill the logs within milliseconds.
    pub(crate) fn snapshot_after<T: Default>(
        &self,
        tell: impl FnOnce(&mut Engine) -> T,
    ) -> (T, Snapshot) {
        self.show_paths();
        let frozen = self.with_collector(|collector, at| {
            let answer = tell(&mut collector.engine);
            Some((answer, collector.freeze(self, at)))
        });
        let Some((answer, frozen)) = frozen else { return Default::default() };
        (answer, Local::within(|| frozen.read()))
    }

    /// Makes ready for readers what stacks there are, but for some that come meanwhile.
    pub(crate) fn show_paths(&self) {
        while self.in_turn(|collector| collector.engine.show_some()) {}
    }

    /// Forgets the longest latencies and waits, of calls that have ended up to now. Of one that
    /// ends meanwhile it may be kept.
    pub(crate) fn clear_maxima(&self) {
        let mut from = None;
        loop {
            from = self.with_collector(|collector, _| collector.engine.clear_maxima(from));
            if from.is_none() {
                return;
            }
        }
    }

    /// Records nothing any more: every snapshot from now on is the same one.
    pub(crate) fn finish(&self) {
        // SeqCst: a thread that sees a snapshot that is the last appends nothing.
        self.finished.store(true, SeqCst);
        self.with_collector(|collector, at| collector.finish(self, at));
    }

    /// Whether nothing is recorded any more.
    #[inline]
    pub(crate) fn is_finished(&self) -> bool {
        // Relaxed: what is recorded meanwhile is recorded or not.
        self.finished.load(Relaxed)
    }

    /// Notes that a fork has left the collector's thread behind.
    #[cfg(all(target_os = "linux", not(loom), not(miri)))]
    pub(crate) fn note_fork(&self) {
        // Relaxed: there is but one thread.
        self.is_alone.store(true, Relaxed);
    }

    /// Anomalies that threads count themselves.
    pub(crate) fn anomalies(&self) -> Anomalies {
        Anomalies {
            // Relaxed: numbers, each read for itself.
            reentered: self.logs.reentered.load(Relaxed),
            lost: self.logs.lost.load(Relaxed),
            ..Anomalies::default()
        }
    }

    /// What profiles need to know besides what was counted.
    pub(crate) fn unit(&self) -> Unit<'_> {
        Unit { clock: &self.clock, named: &self.settings.roles.named, states: self.states.as_ref() }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if Self::is_torn() {
            return;
        }
        self.wake.stop();
        // Entries own what they say.
        Local::within(|| drop(self.read_to_now()));
    }
}

/// What is at hand without a lock, and in a line: subscribers are printed with their layers.
impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("clock", &self.clock)
            .field("states", &self.states)
            // Relaxed: a flag, read for itself.
            .field("is_installed", &self.installed.load(Relaxed))
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
