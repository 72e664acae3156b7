//! Settings for a layer.

use std::{borrow::Cow, sync::Arc, time::Duration};

use tracing::Level;

use crate::{
    Clock, Flame, FlameLayer, SpanFields, SpanSelector,
    engine::{Bounds, Chains, Settings},
    kept::{Slow, Wanted},
    log::SHARED,
    platform::{Counters, PerfEvent, Switched},
    profile::StateSource,
    recorder::Recorder,
    role::{NamedFields, Roles},
    verdicts::Verdicts,
};

/// Settings for a [`FlameLayer`].
///
/// ```
/// use tracing_flame_layer::{FlameLayer, SlowerThan};
///
/// // Requests are operations, of which the slow ones are kept by themselves; workers wait
/// // for them most of the time.
/// let (layer, flame) = FlameLayer::builder()
///     .operations(["request"])
///     .idle(["worker"])
///     .slower_than(SlowerThan::P99)
///     .build();
/// # drop((layer, flame));
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    clock: Option<Clock>,
    idle: Vec<SpanSelector>,
    skip: Vec<SpanSelector>,
    operations: Vec<SpanSelector>,
    detached: Vec<SpanSelector>,
    named: NamedFields,
    bounds: Bounds,
    queued: bool,
    paused: bool,
    wanted: Wanted,
    chains: Chains,
    chunks: Option<usize>,
    no_states: bool,
    partial_states: bool,
    resources: bool,
}

/// From which duration on an operation is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowerThan {
    /// From this one on.
    Duration(Duration),
    /// From the 99th percentile of the latest few thousand on. The first hundred
    /// are not slow.
    P99,
}

impl Builder {
    /// Where time comes from. Defaults to [`Clock::system`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Spans that mostly wait: by wall-clock weight they do not work, their
    /// children do. Defaults to none.
    pub fn idle(mut self, spans: impl IntoIterator<Item: Into<SpanSelector>>) -> Self {
        self.idle.extend(spans.into_iter().map(Into::into));
        self
    }

    /// Spans that are transparent: they take no time and are never drawn, and
    /// their children hang under the nearest kept ancestor. Defaults to none.
    pub fn skip(mut self, spans: impl IntoIterator<Item: Into<SpanSelector>>) -> Self {
        self.skip.extend(spans.into_iter().map(Into::into));
        self
    }

    /// Spans of which each instance is an operation of its own, beside every
    /// span without a parent. Defaults to none.
    pub fn operations(mut self, spans: impl IntoIterator<Item: Into<SpanSelector>>) -> Self {
        self.operations.extend(spans.into_iter().map(Into::into));
        self
    }

    /// Spans whose work is no part of what started them, such as what goes on after
    /// an answer: operations too, but never kept by themselves
    /// ([`slowest`](Self::slowest)) unless [`operations`](Self::operations) names
    /// them. What started them ended when it was left, where nothing but they is open below
    /// it until it closes: until it goes on, no snapshot shows that it waits. Defaults to
    /// none.
    pub fn detached(mut self, spans: impl IntoIterator<Item: Into<SpanSelector>>) -> Self {
        self.detached.extend(spans.into_iter().map(Into::into));
        self
    }

    /// Fields whose values become part of a frame's name, as in
    /// `stage{name=Execution}`: values that a span is created with, and those
    /// recorded before its first enter and before it has a child. Defaults to none.
    ///
    /// Of a value, the first 80 characters count. A span with such a field takes
    /// longer to create, by two allocations and what its values take to be
    /// formatted, and longer to interpret; other spans take a look-up more.
    ///
    /// ```
    /// use tracing_flame_layer::{FlameLayer, SpanFields, SpanSelector};
    ///
    /// let (layer, flame) = FlameLayer::builder()
    ///     .fields(SpanFields::parse_list("stage{name},job{kind,size}")?)
    ///     .operations(SpanSelector::parse_list("block{number=7},request")?)
    ///     .build();
    /// # drop((layer, flame));
    /// # Ok::<_, tracing_flame_layer::ParseSelectorError>(())
    /// ```
    pub fn fields(mut self, fields: impl IntoIterator<Item = SpanFields>) -> Self {
        self.named.fields.extend(fields);
        self
    }

    /// How many distinct values of named fields are told apart, for each callsite;
    /// of several fields, how many distinct sets of them. The spans with others
    /// share a frame, `stage{…}`, and are counted. Each takes a node for each stack
    /// that it occurs in. Defaults to 64.
    pub fn max_field_values(mut self, most: usize) -> Self {
        self.named.most = most;
        self
    }

    /// Whether to measure how long spans wait from their creation to their first
    /// enter, in total and at most. A span's creation is stamped then, which takes
    /// a clock read and a longer entry in its thread's log, and what is logged is
    /// interpreted without a fast path, on a thread of ours. Defaults to `false`.
    pub fn queued(mut self, queued: bool) -> Self {
        self.queued = queued;
        self
    }

    /// Keep so many of the slowest named operations by themselves, for
    /// [`Flame::slowest`]. Defaults to 0.
    ///
    /// With this or [`slower_than`](Self::slower_than) the spans of a named operation
    /// take longer to interpret, on a thread of ours; on their own threads only the
    /// root does, whose fields are read. At most 4,096 operations are followed at once.
    pub fn slowest(mut self, most: usize) -> Self {
        self.wanted.slowest = most;
        self
    }

    /// Keep a call tree for each class of latency of the named operations, a power of two of
    /// nanoseconds, beside the whole: [`Profile::classes`](crate::Profile::classes). Defaults
    /// to `false`.
    ///
    /// Operations are followed for it as for [`slowest`](Self::slowest), and cost what they do
    /// there. At most 65,536 stacks of all classes together are kept, some 230 bytes each, 15
    /// MB in all; an operation that has one more is in no class, and counted.
    pub fn classes(mut self, classes: bool) -> Self {
        self.wanted.classes = classes;
        self
    }

    /// Keep what is logged within operations that are kept by themselves: events
    /// down to this level, the first 200 of each operation. Defaults to none.
    ///
    /// Others' filters decide as ever whether an event happens at all; one that a
    /// filter in front of this layer lets through happens.
    pub fn events(mut self, finest: Level) -> Self {
        self.wanted.log = Some(finest);
        self
    }

    /// Keep named operations that took at least so long by themselves, for
    /// [`Flame::take_slow`]. Defaults to none.
    pub fn slower_than(mut self, least: SlowerThan) -> Self {
        self.wanted.slow = Some(match least {
            SlowerThan::Duration(least) => Slow::From(least),
            SlowerThan::P99 => Slow::P99,
        });
        self
    }

    /// How many frames are kept above one another; deeper spans are drawn as one
    /// `[truncated]` and lose no time. Defaults to 1,000.
    pub fn max_depth(mut self, most: u32) -> Self {
        self.bounds.depth = most;
        self
    }

    /// How many distinct stacks are told apart; further ones are drawn as the
    /// `[truncated]` of what they stand on. Defaults to 1,000,000, and is no more
    /// than that. One takes some 250 bytes, and some 50 more for each thread that
    /// enters it.
    pub fn max_stacks(mut self, most: u32) -> Self {
        self.bounds.stacks = most.min(Bounds::default().stacks);
        self
    }

    /// Whether threads say what they did while they were in spans: whether they were on a
    /// CPU, waited for one, or slept. Defaults to `true`, where that can be known:
    /// [`Profile::states`](crate::Profile::states) says so. Without it there are no
    /// [`orphans`](crate::Profile::orphans).
    ///
    /// Linux on x86-64 with the GNU C library 2.35 or later: there an enter and an exit look
    /// at a word, and one that finds its thread switched out meanwhile reads the thread's
    /// counters, which takes some two microseconds. Each thread that makes spans has a file
    /// open, as long as the host has descriptors to spare. Never with a
    /// [`clock`](Self::clock) of one's own. Elsewhere see
    /// [`partial_states`](Self::partial_states).
    pub fn states(mut self, states: bool) -> Self {
        self.no_states = !states;
        self
    }

    /// Whether threads say what they did in some of their spans, where they cannot in all: on
    /// Linux on x86-64 with another C library than the GNU one (musl), or where the program has
    /// the word for itself by which a thread sees that it was switched out
    /// (`GLIBC_TUNABLES=glibc.pthread.rseq=0`). Defaults to `false`.
    ///
    /// There threads read their counters at all enters and exits, but no more than some 5,000
    /// times a second each, which takes them some two hundredths of their time: what they do
    /// beside that is unknown. So much is known of all spans of a thread that makes fewer than
    /// some 2,500 a second. Quick spans take more CPU time, most of it on the recorder's own
    /// thread, whose fast way is not for threads of which nothing is known.
    pub fn partial_states(mut self, partial: bool) -> Self {
        self.partial_states = partial;
        self
    }

    /// Whether it is counted what threads use in spans: page faults for which nothing had to be
    /// read, and blocks read and written ([`Switches`](crate::profile::Switches) has them).
    /// Defaults to `false`. On Linux, with any clock and any C library; elsewhere it does
    /// nothing.
    ///
    /// Each enter and exit of a recorded span makes two system calls then (`getrusage(2)` of the
    /// thread, and `getpid(2)`), some half a microsecond, and takes the recorder's slower way.
    pub fn resources(mut self, resources: bool) -> Self {
        self.resources = resources;
        self
    }

    /// Take no time until [`Flame::start`]. Spans are tracked all the same, so
    /// that later ones find their parents. Defaults to `false`.
    pub fn paused(mut self, paused: bool) -> Self {
        self.paused = paused;
        self
    }

    /// Whether the engine's fast path is taken, for tests of what is done without it.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn chains(mut self, chains: Chains) -> Self {
        self.chains = chains;
        self
    }

    /// How many chunks the threads' logs share, for tests of what is done where none is
    /// left.
    #[cfg(any(test, feature = "testing"))]
    #[doc(hidden)]
    pub fn chunks(mut self, chunks: usize) -> Self {
        self.chunks = Some(chunks);
        self
    }

    /// What the recorder has to know of all that.
    pub(crate) fn into_settings(mut self) -> Settings {
        let picking = [&self.idle, &self.operations, &self.detached].into_iter().flatten();
        let picking = picking.filter(|selector| selector.has_values());
        self.named.picking = picking.cloned().collect();
        let roles = Roles {
            idle: self.idle,
            skip: self.skip,
            operations: self.operations,
            detached: self.detached,
            named: self.named,
        };
        let chunks = self.chunks.unwrap_or(SHARED);
        let Self { bounds, wanted, queued, chains, no_states, resources, .. } = self;
        let states = !no_states;
        let resources = resources && cfg!(target_os = "linux");
        Settings { roles, bounds, wanted, queued, chains, chunks, states, resources }
    }

    /// The layer, and the handle that reads it.
    ///
    /// Starts a thread named `flame-collector`, which interprets what the program's
    /// threads log and ends with the last of the layer and its handles. It sleeps while
    /// there is little to read. Where no thread can be had, whoever takes a snapshot or
    /// needs room in the log does its work.
    #[must_use]
    pub fn build(self) -> (FlameLayer, Flame) {
        let clock = self.clock.clone().unwrap_or_else(Clock::system);
        let (paused, partial) = (self.paused, self.partial_states);
        let mut settings = self.into_settings();
        let source = settings.states.then(|| state_source(&clock, partial));
        settings.states = source.as_ref().is_some_and(StateSource::is_known);
        if settings.states {
            PerfEvent::find();
        }
        let is_plain = settings.roles.are_empty() && !settings.queued;
        let recorder = Recorder::new(clock, settings, source);
        let ordinary = if is_plain { None } else { Some(Verdicts::new()) };
        let flame = Flame::new(Arc::clone(&recorder), paused);
        (FlameLayer { key: recorder.key, recorder, ordinary }, flame)
    }
}

/// How it is to be known what threads do.
fn state_source(clock: &Clock, partial: bool) -> StateSource {
    if !clock.reads_counter() {
        return StateSource::None(Cow::Borrowed("as time is not the processor's counter"));
    }
    match Switched::find() {
        Ok(()) => StateSource::Exact,
        Err(why) if partial && Counters::ARE_TO_BE_HAD => StateSource::Partial(Cow::Borrowed(why)),
        Err(why) => StateSource::None(Cow::Borrowed(why)),
    }
}
