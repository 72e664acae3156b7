//! The layer: spans in, call trees out.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tracing::{
    Event, Level, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::{
    Clock, Flame, SpanFields, SpanSelector,
    clock::counter_ticks,
    engine::{Bounds, Chains, Settings, Slow, Wanted},
    log::{Draft, Line, Local, Message, NewSpan, Parent, Slot, Texts},
    platform::try_box,
    recorder::Recorder,
    role::{NamedFields, Role, Roles},
    text::{EventText, read_fields},
    verdicts::Verdicts,
};

/// A layer that records how long spans take. Read it through its [`Flame`].
#[derive(Debug)]
pub struct FlameLayer {
    recorder: Arc<Recorder>,
    /// Which callsites the user said nothing of that a thread has to know as it makes
    /// their spans; `None` where that is said of none.
    ordinary: Option<Verdicts>,
}

impl FlameLayer {
    /// A layer with every default, and the handle that reads it. Recording
    /// begins at once.
    #[must_use]
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> (Self, Flame) {
        Self::builder().build()
    }

    /// Settings for a layer.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for FlameLayer {
    fn on_layer(&mut self, _: &mut S) {
        // Relaxed: a flag, read for itself.
        self.recorder.installed.store(true, Relaxed);
    }

    #[inline(always)]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.create(attributes, id, context, true);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let named = &self.recorder.settings.roles.named;
        if named.are_empty() || self.recorder.is_finished() {
            return;
        }
        let Some(metadata) = context.metadata(id) else { return };
        let texts = named.read(metadata, |visitor| values.record(visitor)).and_then(try_box);
        match texts {
            Some(texts) if texts.iter().all(Option::is_none) => {}
            Some(texts) => self.say(id, Draft::Message(Message::Values(texts))),
            None => self.recorder.logs.count_lost(),
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let is_wanted = self.recorder.settings.wanted.wants_log(*event.metadata().level());
        if is_wanted && !event.is_root() && !self.recorder.is_finished() {
            self.keep_event(event, &context);
        }
    }

    #[inline(always)]
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append(self.recorder.key, || Slot::enter(span, counter_ticks())) {
            self.say(id, Draft::Enter);
        }
    }

    #[inline(always)]
    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append(self.recorder.key, || Slot::exit(span, counter_ticks())) {
            self.say(id, Draft::Exit);
        }
    }

    #[inline(always)]
    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let span = id.into_u64();
        if !Local::append(self.recorder.key, || Slot::close(span, counter_ticks())) {
            self.say(&id, Draft::Close);
        }
    }
}

impl FlameLayer {
    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Appends an entry in whatever circumstances.
    #[inline]
    fn say(&self, id: &Id, draft: Draft) {
        self.recorder.log(id.into_u64(), draft);
    }

    /// A span is created, one to record if it is `wanted`.
    #[inline(always)]
    pub(crate) fn create<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        context: Context<'_, S>,
        wanted: bool,
    ) {
        let (span, metadata) = (id.into_u64(), attributes.metadata());
        let is_ordinary = match &self.ordinary {
            Some(ordinary) => ordinary.of(metadata) == Some(true),
            None => true,
        };
        let created = wanted
            && is_ordinary
            && attributes.is_contextual()
            && Local::append(self.recorder.key, || {
                Slot::created(span, metadata).unwrap_or_else(Slot::pad)
            });
        if !created {
            self.create_slowly(attributes, id, context, wanted);
        }
    }

    #[cold]
    #[allow(clippy::needless_pass_by_value)]
    fn create_slowly<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        context: Context<'_, S>,
        wanted: bool,
    ) {
        if self.recorder.is_finished() {
            return;
        }
        let parent = parent(attributes, id, &context);
        let draft = match wanted {
            true => self.draft(attributes, parent),
            false => Some(Draft::CreateClear(parent)),
        };
        match draft {
            Some(draft) => self.say(id, draft),
            None => self.recorder.logs.count_lost(),
        }
    }

    /// What is to be said of a new span; `None` where there is no memory to say it.
    fn draft(&self, attributes: &Attributes<'_>, parent: Parent) -> Option<Draft> {
        let (callsite, settings) = (attributes.metadata(), &self.recorder.settings);
        let Some(ordinary) = &self.ordinary else { return Some(Draft::Create(callsite, parent)) };
        let role = settings.roles.of(callsite);
        let is_followed = role.kept && settings.wanted.any();
        if !role.is_by_span() && !is_followed {
            // That it is stamped tells how long it waits for its first enter.
            ordinary.set(callsite, !settings.queued);
            return Some(Draft::Create(callsite, parent));
        }
        let role = if role.by_fields { settings.roles.of_span(attributes) } else { role };
        let new = new_span(attributes, parent, role, settings);
        try_box(new).map(|new| Draft::Message(Message::NewSpan(new)))
    }

    /// Keeps what is logged, for the operation that it belongs to.
    #[cold]
    fn keep_event<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        event: &Event<'_>,
        context: &Context<'_, S>,
    ) {
        // Outside any span it belongs to none.
        if context.event_span(event).is_none() {
            return;
        }
        let parent = event.parent().map_or(Parent::Current, |id| Parent::Span(id.into_u64()));
        let mut text = EventText::new();
        event.record(&mut text);
        let metadata = event.metadata();
        let (level, target, text) = (*metadata.level(), metadata.target(), text.finish());
        match try_box(Line { parent, level, target, text }) {
            Some(line) => self.recorder.log(0, Draft::Message(Message::Line(line))),
            None => self.recorder.logs.count_lost(),
        }
    }
}

/// What is said of a new span whose fields matter. Reading them runs the program's own
/// code, which may make spans itself.
fn new_span(
    attributes: &Attributes<'_>,
    parent: Parent,
    role: Role,
    settings: &Settings,
) -> NewSpan {
    let callsite = attributes.metadata();
    let named = &settings.roles.named;
    let values = match role.has_named {
        true => named.read(callsite, |visitor| attributes.record(visitor)),
        false => Some(Texts::new()),
    };
    let is_followed = role.kept && !role.skip && settings.wanted.any();
    let fields = if is_followed { read_fields(attributes) } else { Vec::new() };
    NewSpan { callsite, parent, role, values, fields }
}

/// The parent of a new span. Where a per-layer filter that stands between the Registry and
/// us hides the one that it was given, its nearest ancestor that is not hidden.
fn parent<S: Subscriber + for<'a> LookupSpan<'a>>(
    attributes: &Attributes<'_>,
    id: &Id,
    context: &Context<'_, S>,
) -> Parent {
    if attributes.is_contextual() {
        return Parent::Current;
    }
    let Some(parent) = attributes.parent() else { return Parent::Root };
    if context.span(parent).is_some() {
        return Parent::Span(parent.into_u64());
    }
    let nearest = context.span(id).and_then(|span| span.parent());
    nearest.map_or(Parent::Root, |span| Parent::Span(span.id().into_u64()))
}

/// Settings for a [`FlameLayer`].
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
    pub fn idle(mut self, spans: impl IntoIterator<Item = SpanSelector>) -> Self {
        self.idle.extend(spans);
        self
    }

    /// Spans that are transparent: they take no time and are never drawn, and
    /// their children hang under the nearest kept ancestor. Defaults to none.
    pub fn skip(mut self, spans: impl IntoIterator<Item = SpanSelector>) -> Self {
        self.skip.extend(spans);
        self
    }

    /// Spans of which each instance is an operation of its own, beside every
    /// span without a parent. Defaults to none.
    pub fn operations(mut self, spans: impl IntoIterator<Item = SpanSelector>) -> Self {
        self.operations.extend(spans);
        self
    }

    /// Spans whose work is no part of what started them, such as what goes on after
    /// an answer: operations too, but never kept by themselves
    /// ([`slowest`](Self::slowest)) unless [`operations`](Self::operations) names
    /// them. Defaults to none.
    pub fn detached(mut self, spans: impl IntoIterator<Item = SpanSelector>) -> Self {
        self.detached.extend(spans);
        self
    }

    /// Fields whose values become part of a frame's name, as in
    /// `stage{name=Execution}`: values that a span is created with, and those
    /// recorded before its first enter and before it has a child. Defaults to none.
    ///
    /// Of a value, the first 80 characters count. A span with such a field takes
    /// longer to create, by well under a microsecond and what its values take to
    /// be formatted; other spans do not.
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
    pub fn distinct_values(mut self, most: usize) -> Self {
        self.named.most = most;
        self
    }

    /// Whether to measure how long spans wait from their creation to their first
    /// enter, in total and at most. Costs a clock read, a few short locks and the
    /// short ways through the recorder: about 100 ns more a span on its thread.
    /// Defaults to `false`.
    pub fn queued(mut self, queued: bool) -> Self {
        self.queued = queued;
        self
    }

    /// Keep so many of the slowest named operations by themselves, for
    /// [`Flame::slowest`]. Defaults to 0.
    ///
    /// With this or [`slower_than`](Self::slower_than) a span of a named operation
    /// costs tens of nanoseconds more; others cost the same. At most 4,096
    /// operations are followed at once.
    pub fn slowest(mut self, most: usize) -> Self {
        self.wanted.slowest = most;
        self
    }

    /// Keep what is logged within operations that are kept by themselves: events
    /// down to this level, the first 200 of each operation. Defaults to none.
    ///
    /// Others' filters decide as ever whether an event happens at all; one that a
    /// filter in front of this layer lets through happens.
    pub fn log(mut self, finest: Level) -> Self {
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
    pub fn depth(mut self, most: u32) -> Self {
        self.bounds.depth = most;
        self
    }

    /// How many distinct stacks are told apart; further ones are drawn as the
    /// `[truncated]` of what they stand on. Defaults to 1,000,000, and is no more
    /// than that. One takes some 200 bytes on each thread that meets it.
    pub fn distinct_stacks(mut self, most: u32) -> Self {
        self.bounds.stacks = most.min(Bounds::default().stacks);
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

    /// What the recorder has to know of all that.
    pub(crate) fn into_settings(self) -> Settings {
        let roles = Roles {
            idle: self.idle,
            skip: self.skip,
            operations: self.operations,
            detached: self.detached,
            named: self.named,
        };
        let Self { bounds, wanted, queued, chains, .. } = self;
        Settings { roles, bounds, wanted, queued, chains }
    }

    /// The layer, and the handle that reads it.
    #[must_use]
    pub fn build(self) -> (FlameLayer, Flame) {
        let clock = self.clock.clone().unwrap_or_else(Clock::system);
        let paused = self.paused;
        let settings = self.into_settings();
        let is_plain = settings.roles.are_empty() && !settings.queued;
        let recorder = Recorder::new(clock, settings);
        let ordinary = if is_plain { None } else { Some(Verdicts::new()) };
        let flame = Flame::new(Arc::clone(&recorder), paused);
        (FlameLayer { recorder, ordinary }, flame)
    }
}
