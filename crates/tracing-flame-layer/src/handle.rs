//! The handle that reads a layer.

mod operations;
mod windows;

use std::{
    fmt,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::SystemTime,
};

use tracing::subscriber::NoSubscriber;

use self::windows::Windows;
pub use self::{
    operations::MissingOperations,
    windows::{ForeignMark, Mark},
};
use crate::{
    Profile, locks::Mutex, profile::StateSource, recorder::Recorder, scale::scale, tally::Snapshot,
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

/// Takes no lock, so that a handle can be printed from anywhere.
impl fmt::Debug for Flame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flame").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}
