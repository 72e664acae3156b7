//! The handle that reads a layer.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Weak, atomic::Ordering::Relaxed},
    time::SystemTime,
};

use tracing::subscriber::NoSubscriber;

use crate::{
    Profile,
    kept::{Ended, Missing},
    locks::Mutex,
    profile::{OpenOperation, Operation, StateSource},
    recorder::Recorder,
    scale::{scale, scale_open, scale_operation},
    tally::Snapshot,
};

/// Reads, starts and stops a [`FlameLayer`](crate::FlameLayer). Cheap to clone;
/// all clones read the same layer.
///
/// A profile covers the stretches from each start to the next stop. Counters run
/// all the time; a stretch is what they gained from its first snapshot to its
/// last, so nothing before a start or after a stop is in it.
///
/// ```
/// use tracing::{info_span, subscriber::with_default};
/// use tracing_flame_layer::FlameLayer;
/// use tracing_subscriber::{layer::SubscriberExt, registry};
///
/// let (layer, flame) = FlameLayer::new();
/// with_default(registry().with(layer), || {
///     info_span!("counted").in_scope(|| ());
///     flame.stop();
///     info_span!("not counted").in_scope(|| ());
/// });
/// assert_eq!(flame.snapshot().operations(), 1);
/// ```
#[derive(Clone)]
pub struct Flame {
    pub(crate) recorder: Arc<Recorder>,
    windows: Arc<Mutex<Windows>>,
    /// Whether a start may forget the longest calls of before, so that those of
    /// its stretch are exact: not where others may still want them.
    clears_maxima: bool,
}

/// A moment of a [`Flame`], at which a window begins or ends: see [`Flame::mark`].
///
/// It is of that handle and its clones, and no other tells a window by it. Holds what was counted so far: some 35 bytes for each stack that was visited a
/// few times, 32 more for each name of threads that were there, and 16 for each live
/// thread that was.
#[derive(Clone)]
pub struct Mark {
    taken: Arc<Snapshot>,
    time: SystemTime,
    /// How often taking time had begun.
    starts: u64,
    /// Whether time was taken.
    running: bool,
    /// Tells the handle, and its clones, from all others; keeps nothing of it.
    handle: Weak<Mutex<Windows>>,
}

/// A [`Mark`] is of another handle than the one that was asked for a window: of another layer,
/// or of a handle that is [independent](Flame::independent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignMark(());

/// Operations that are missing among those handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingOperations {
    /// Began while 4,096 others were followed, and were not; or there was no memory to
    /// follow or to keep them.
    pub not_followed: u64,
    /// Were slow, and more than could wait to be taken.
    pub not_taken: u64,
}

/// The stretches over which time was taken.
///
/// Its lock is taken where the logs are read and nowhere else, for moments, so that whoever
/// keeps others from reading them has it free: before a fork.
#[derive(Clone, Debug, Default)]
struct Windows {
    /// The time of day of the first start.
    first: Option<SystemTime>,
    /// How often taking time has begun.
    starts: u64,
    /// Stretches that have ended.
    ended: Arc<Snapshot>,
    /// The snapshot at the last start, while time is taken.
    running: Option<Arc<Snapshot>>,
}

impl Flame {
    pub(crate) fn new(recorder: Arc<Recorder>, paused: bool) -> Self {
        let flame = Self { recorder, windows: Arc::default(), clears_maxima: true };
        if !paused {
            flame.start();
        }
        flame
    }

    /// What was recorded so far, spans still open counted up to now.
    ///
    /// May be called at any moment, from any thread. It reads what threads have logged
    /// up to now, looking 500 times at the most, some 0.1 s, at one that is in the middle
    /// of an entry, and then every counter: [`docs/overhead.md`][overhead] has how long that
    /// takes, under *Snapshots and pictures*.
    ///
    /// ```
    /// use tracing_flame_layer::render::Options;
    ///
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// let profile = flame.snapshot();
    /// println!("{} operations in {:?}", profile.operations(), profile.window().length);
    /// profile.write_table(std::io::stdout(), &Options::default())?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// [overhead]: https://docs.rs/crate/tracing-flame-layer/latest/source/docs/overhead.md
    #[must_use]
    pub fn snapshot(&self) -> Profile {
        let (windows, now) = self.look();
        let first = windows.first.unwrap_or_else(SystemTime::now);
        scale(windows.taken(now), first, &self.recorder.unit())
    }

    /// A [`snapshot`](Self::snapshot) in which only calls that have ended have latencies:
    /// [`Node::latencies`](crate::profile::Node::latencies), and their sum in
    /// [`latency_nanos`](crate::profile::Measures::latency_nanos), each from the call's first
    /// enter on, even before time was taken. So these only grow from one to the next, as counters
    /// have to, while one that is open grows from bucket to bucket. All else is as in a snapshot;
    /// the longest latency is not known by itself.
    #[must_use]
    pub fn snapshot_of_ended(&self) -> Profile {
        let (windows, now) = self.look();
        let first = windows.first.unwrap_or_else(SystemTime::now);
        let mut taken = windows.taken(now);
        taken.keep_ended();
        scale(taken, first, &self.recorder.unit())
    }

    /// Remembers this moment, so that a window may begin or end here. Disturbs
    /// nobody else; any number of marks may be kept, for any time. Costs what a
    /// [`snapshot`](Self::snapshot) does.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let (windows, now) = self.look();
        let (starts, running) = (windows.starts, windows.running.is_some());
        let taken = Arc::new(windows.taken(now));
        let handle = Arc::downgrade(&self.windows);
        Mark { taken, time: SystemTime::now(), starts, running, handle }
    }

    /// The stretches at a moment, and what was recorded up to then.
    fn look(&self) -> (Windows, Snapshot) {
        self.recorder.snapshot_after(|_| self.windows.lock().clone())
    }

    /// What was recorded since a mark of this handle or a clone of it, up to now.
    ///
    /// # Errors
    ///
    /// If the mark is of another handle.
    pub fn since(&self, mark: &Mark) -> Result<Profile, ForeignMark> {
        self.own(mark)?;
        self.between(mark, &self.mark())
    }

    /// What was recorded between two marks, in either order, both of this handle
    /// or a clone of it. Time in which none was taken is left out.
    ///
    /// Windows that share a mark add up: nothing is lost between them and nothing
    /// is in both, spans that are open at the mark included.
    ///
    /// ```
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// let mut from = flame.mark();
    /// for _ in 0..2 {
    ///     // ... some time later ...
    ///     let to = flame.mark();
    ///     let window = flame.between(&from, &to)?;
    ///     println!("{:?}", window.window().length);
    ///     from = to;
    /// }
    /// # Ok::<_, tracing_flame_layer::ForeignMark>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If one of the marks is of another handle.
    pub fn between(&self, from: &Mark, to: &Mark) -> Result<Profile, ForeignMark> {
        self.own(from)?;
        self.own(to)?;
        let (from, to) = if from.place() <= to.place() { (from, to) } else { (to, from) };
        Ok(scale(to.gained_since(from), from.time, &self.recorder.unit()))
    }

    fn own(&self, mark: &Mark) -> Result<(), ForeignMark> {
        // What a `Weak` points to is given to nobody else as long as that is there.
        let is_own = std::ptr::eq(mark.handle.as_ptr(), Arc::as_ptr(&self.windows));
        if is_own { Ok(()) } else { Err(ForeignMark(())) }
    }

    /// A handle that reads the same layer, but has starts and stops of its own:
    /// it begins to take time now, whether or not this one does, and neither
    /// knows of the other.
    ///
    /// ```
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// let window = flame.independent();
    /// flame.stop();
    /// // ... some time later: all that happened since `independent` ...
    /// let profile = window.snapshot();
    /// ```
    #[must_use]
    pub fn independent(&self) -> Self {
        let handle = Self {
            recorder: Arc::clone(&self.recorder),
            windows: Arc::default(),
            clears_maxima: false,
        };
        handle.start();
        handle
    }

    /// The slowest of the operations that have ended so far, the slowest first: as
    /// many as [`Builder::slowest`](crate::Builder::slowest) asked for.
    ///
    /// Copies what was kept of them, up to 1 MB each.
    #[must_use]
    pub fn slowest(&self) -> Vec<Operation> {
        self.recorder.show_paths();
        let slowest = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let slowest = collector.engine.kept.slowest().into_iter();
            slowest
                .map(|ended| scale_operation(ended, (&paths, &reasons), &self.recorder.unit()))
                .collect()
        });
        self.beside_typical(slowest)
    }

    /// Operations, each beside what is typical of its name.
    fn beside_typical(&self, operations: Vec<Operation>) -> Vec<Operation> {
        if operations.is_empty() {
            return operations;
        }
        let (paths, frozen) = self.recorder.with_collector(|collector, _| {
            (collector.engine.paths(), collector.engine.freeze_classes())
        });
        let snapshot = Snapshot { paths, classes: frozen.read(), ..Snapshot::default() };
        let classes = scale(snapshot, SystemTime::now(), &self.recorder.unit());
        let beside = |operation: Operation| {
            let typical = classes.typical(operation.name());
            operation.with_typical(typical)
        };
        operations.into_iter().map(beside).collect()
    }

    /// The [numbers](Operation::number) of [`slowest`](Self::slowest), in the same
    /// order: tells what has changed, and copies nothing else.
    #[must_use]
    pub fn slowest_numbers(&self) -> Vec<u64> {
        self.recorder.with_collector(|collector, _| {
            collector.engine.kept.slowest().into_iter().map(|ended| ended.number).collect()
        })
    }

    /// That one of the [slowest](Self::slowest) operations, unless slower ones have
    /// taken its place.
    #[must_use]
    pub fn slowest_by_number(&self, number: u64) -> Option<Operation> {
        self.recorder.show_paths();
        let found = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let mut slowest = collector.engine.kept.slowest().into_iter();
            let ended = slowest.find(|ended| ended.number == number)?;
            Some(scale_operation(ended, (&paths, &reasons), &self.recorder.unit()))
        });
        self.beside_typical(found.into_iter().collect()).pop()
    }

    /// The operations that are open now, those that have been for longest first, and where
    /// they are: the innermost span and the state of each thread that is in one, and what it
    /// awaits. At most 1,000, named or not; none once the layer is [finished](Self::finish).
    ///
    /// For the program that hangs, from a thread that does not. Reads what threads have logged
    /// up to now, then takes a step for each open span, and some 20 µs for each thread that
    /// is in one, during which nobody else reads the logs.
    ///
    /// ```
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// for operation in flame.open() {
    ///     // `block{number=7} open for 12.3 s: w1 blocked in block > commit (for 12.1 s)`
    ///     println!("{operation}");
    /// }
    /// ```
    #[must_use]
    pub fn open(&self) -> Vec<OpenOperation> {
        /// How many are told of.
        const MOST: usize = 1_000;
        self.recorder.show_paths();
        let found = self.recorder.with_collector(|collector, at| {
            Some((collector.open_now(MOST), collector.engine.paths(), at))
        });
        let Some((open, paths, at)) = found else { return Vec::new() };
        let clock = self.recorder.unit().clock;
        open.into_iter().map(|open| scale_open(open, &paths, at, clock)).collect()
    }

    /// The operations slower than [`Builder::slower_than`] asked for that have
    /// ended since this was called last. At most 256 wait to be taken.
    ///
    /// [`Builder::slower_than`]: crate::Builder::slower_than
    #[must_use]
    pub fn take_slow(&self) -> Vec<Operation> {
        self.recorder.show_paths();
        let slow = self.recorder.with_collector(|collector, _| {
            let (paths, reasons) = (collector.engine.paths(), collector.engine.reasons());
            let scale =
                |ended: &Ended| scale_operation(ended, (&paths, &reasons), &self.recorder.unit());
            collector.engine.kept.take_slow(scale)
        });
        self.beside_typical(slow)
    }

    /// How many operations could not be considered or kept.
    #[must_use]
    pub fn missing_operations(&self) -> MissingOperations {
        let Missing { not_followed, not_taken } =
            self.recorder.with_collector(|collector, _| collector.engine.kept.missing);
        MissingOperations { not_followed, not_taken }
    }

    /// Whether the layer has become part of a subscriber.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        // Relaxed: a flag, read for itself.
        self.recorder.installed.load(Relaxed)
    }

    /// Whether a span that the layer records was ever created, in whatever window or in
    /// none.
    #[must_use]
    pub fn has_recorded_spans(&self) -> bool {
        self.recorder.with_collector(|collector, _| collector.engine.has_recorded_spans)
    }

    /// How it is known what threads do while they are in spans; `None` where that is
    /// switched off ([`Builder::states`](crate::Builder::states)).
    #[must_use]
    pub fn states(&self) -> Option<&StateSource> {
        self.recorder.states.as_ref()
    }

    /// Whether time is taken: never once the layer is [finished](Self::finish).
    #[must_use]
    pub fn is_recording(&self) -> bool {
        !self.recorder.is_finished() && self.is_running()
    }

    /// Whether time has begun to be taken, and not ceased.
    fn is_running(&self) -> bool {
        self.recorder.while_nobody_reads(|| self.windows.lock().running.is_some())
    }

    /// Begins to take time. Does nothing where time is already taken, or once the
    /// layer is [finished](Self::finish).
    pub fn start(&self) {
        if self.recorder.is_finished() || self.is_running() {
            return;
        }
        if self.clears_maxima {
            self.recorder.clear_maxima();
        }
        let ((), now) = self.recorder.snapshot_after(|engine| {
            // Independent handles have no say in which operations are kept.
            engine.kept.is_taking |= self.clears_maxima;
        });
        self.recorder.while_nobody_reads(|| {
            let mut windows = self.windows.lock();
            // Another one may have been faster.
            if windows.running.is_none() && !self.recorder.is_finished() {
                windows.first.get_or_insert_with(SystemTime::now);
                windows.starts += 1;
                windows.running = Some(Arc::new(now));
            }
        });
    }

    /// Ceases to take time. Does nothing where no time is taken.
    pub fn stop(&self) {
        if !self.is_running() {
            return;
        }
        let (windows, now) = self.recorder.snapshot_after(|engine| {
            engine.kept.is_taking &= !self.clears_maxima;
            self.windows.lock().clone()
        });
        let Some(start) = windows.running.clone() else { return };
        let ended = Arc::new(windows.taken(now));
        self.recorder.while_nobody_reads(|| {
            let mut windows = self.windows.lock();
            // Another one may have been faster.
            if windows.running.as_ref().is_some_and(|running| Arc::ptr_eq(running, &start)) {
                (windows.running, windows.ended) = (None, ended);
            }
        });
    }
}

impl Flame {
    /// Ceases to take time, and to record anything, for good, by whatever handle:
    /// windows of those that are [independent](Self::independent) end now too, and nothing of this layer can
    /// be started again. What was recorded can be read; spans that are open now are
    /// counted up to now.
    ///
    /// The host then pays next to nothing for the layer; its thread sleeps, and memory for
    /// the logs, 2 MiB at most, is kept until it is dropped. If that has a filter
    /// ([`FlameLayer::with_filter`]), the callsites that only it wanted are switched off, which costs them what they
    /// cost without a subscriber; other layers keep what they want. Rebuilds
    /// `tracing`'s cache of what is wanted: some microseconds, once. On a thread
    /// without a subscriber the cache is left alone until somebody else rebuilds it.
    ///
    /// ```standalone_crate
    /// use tracing::{level_filters::LevelFilter, trace_span};
    /// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
    ///
    /// let (layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// let layer = layer.with_filter(LevelFilter::TRACE);
    /// tracing_subscriber::registry().with(layer).init();
    /// let is_on = || !trace_span!("work").is_disabled();
    /// assert!(is_on());
    /// flame.finish();
    /// assert!(!is_on());
    /// assert_eq!(LevelFilter::current(), LevelFilter::OFF);
    /// ```
    ///
    /// [`FlameLayer::with_filter`]: crate::FlameLayer::with_filter
    pub fn finish(&self) {
        self.recorder.finish();
        // Last, so that whoever starts meanwhile is stopped too, or comes too late.
        self.stop();
        // Where there is but one subscriber, the rebuild asks the calling thread's. A
        // thread that has none would switch every callsite off, for everybody.
        if tracing::dispatcher::get_default(|current| !current.is::<NoSubscriber>()) {
            tracing::callsite::rebuild_interest_cache();
        }
    }
}

impl Windows {
    /// What was counted in all stretches up to a moment.
    fn taken(self, now: Snapshot) -> Snapshot {
        let mut taken = Arc::unwrap_or_clone(self.ended);
        let until = now.heatmap.until;
        if let Some(start) = &self.running {
            taken.merge(now.since(start));
        }
        // A pause that is under way is in it.
        taken.heatmap.until = until;
        taken
    }
}

impl Mark {
    /// Grows from each mark to the next.
    fn place(&self) -> (u64, u64, bool) {
        (self.starts, self.taken.at, !self.running)
    }

    fn gained_since(&self, from: &Self) -> Snapshot {
        if from.running {
            return (*self.taken).clone().since(&from.taken);
        }
        // What was open when time ceased to be taken may be long gone.
        let mut at_start = (*from.taken).clone();
        at_start.forget_open();
        let mut gained = (*self.taken).clone().since(&at_start);
        if self.starts == from.starts {
            gained.forget_open();
        }
        gained
    }
}

impl fmt::Display for ForeignMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mark is of another handle; a window begins and ends at marks of one")
    }
}

impl Error for ForeignMark {}

/// Takes no lock, so that a handle can be printed from anywhere.
impl fmt::Debug for Flame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flame").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mark").field("time", &self.time).finish_non_exhaustive()
    }
}
