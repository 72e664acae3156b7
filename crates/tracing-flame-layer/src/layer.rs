//! The layer: spans in, call trees out.

use std::{
    num::NonZeroU64,
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
    record::{
        Bounds, Current, Local, Named, Parent, Recorder, Roles, Slow, Values, Wanted, with_local,
    },
};

/// A layer that records how long spans take. Read it through its [`Flame`].
#[derive(Debug)]
pub struct FlameLayer {
    current: Current,
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
        self.current.recorder.installed.store(true, Relaxed);
    }

    #[inline(always)]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.create(attributes, id, context, true);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if self.current.recorder.roles.values.are_empty() {
            return;
        }
        if let Some(metadata) = context.metadata(id) {
            self.slowly(|recorder, local| {
                recorder.fill(local, id.into_u64(), metadata, |visitor| values.record(visitor));
            });
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.current.recorder.captures.wants_log(*event.metadata().level()) {
            self.slowly(|recorder, local| recorder.log(local, event));
        }
    }

    #[inline(always)]
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let id = id.into_non_zero_u64();
        if !self.current.enter_at_once(id) {
            self.enter_slowly(id);
        }
    }

    #[inline(always)]
    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let id = id.into_non_zero_u64();
        if !self.current.exit_at_once(id) {
            self.exit_slowly(id);
        }
    }

    #[inline(always)]
    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let id = id.into_non_zero_u64();
        if let Err(read) = self.current.close_at_once(id) {
            self.close_slowly(id, read);
        }
    }
}

impl FlameLayer {
    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.current.recorder
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
        let id = id.into_non_zero_u64();
        let created = wanted
            && attributes.is_contextual()
            && self.current.create_at_once(id, attributes.metadata());
        if !created {
            self.create_slowly(attributes, id, context, wanted);
        }
    }

    /// Takes its arguments by value, so that the quick way need not lay them out in
    /// memory before it knows whether they are wanted.
    #[cold]
    #[allow(clippy::needless_pass_by_value)]
    fn create_slowly<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: NonZeroU64,
        context: Context<'_, S>,
        wanted: bool,
    ) {
        let created = wanted
            && attributes.is_contextual()
            && (Current::is_following() && self.current.create_followed(id, attributes.metadata())
                || self.current.create_fresh_at_once(id, attributes.metadata())
                || self.current.create_leased_at_once(id, attributes.metadata()));
        if !created {
            self.create_whatever(attributes, id, &context, wanted);
        }
    }

    /// The same where nothing quick fits; apart, so that what is quick needs no room
    /// on the stack for it.
    #[inline(never)]
    fn create_whatever<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: NonZeroU64,
        context: &Context<'_, S>,
        wanted: bool,
    ) {
        self.slowly(|recorder, local| {
            let parent = if attributes.is_contextual() {
                Parent::Current
            } else {
                explicit_parent(attributes, id, context, recorder, local)
            };
            recorder.create(local, id, attributes, parent, wanted);
        });
    }

    /// Calls `callback` with the thread's side, unless the layer is finished.
    fn slowly(&self, callback: impl FnOnce(&Recorder, &Local)) {
        if !self.current.recorder.is_finished() {
            with_local(&self.current, callback);
        }
    }

    #[cold]
    fn enter_slowly(&self, id: NonZeroU64) {
        let entered = self.current.enter_leased_at_once(id)
            || Current::is_following() && self.current.enter_followed(id)
            || self.current.enter_fresh_at_once(id);
        if !entered {
            self.slowly(|recorder, local| recorder.enter(local, id));
        }
    }

    #[cold]
    fn exit_slowly(&self, id: NonZeroU64) {
        let exited = self.current.exit_leased_at_once(id)
            || Current::is_following() && self.current.exit_followed(id);
        if !exited {
            self.slowly(|recorder, local| recorder.exit(local, id));
        }
    }

    #[cold]
    fn close_slowly(&self, id: NonZeroU64, read: Option<NonZeroU64>) {
        let closed = match read {
            Some(now) => {
                self.current.close_taken_at_once(id, now.get())
                    || self.current.close_long_at_once(id, now.get())
            }
            None if Current::is_following() => return self.close_followed(id),
            None => self.current.close_leased_at_once(id),
        };
        if !closed {
            self.slowly(|recorder, local| recorder.close(local, id, read));
        }
    }

    fn close_followed(&self, id: NonZeroU64) {
        if let Err(read) = self.current.close_followed(id) {
            self.slowly(|recorder, local| recorder.close(local, id, read));
        }
    }
}

/// The parent that a span was given, or where the layer does not know that one,
/// the nearest ancestor that it does.
fn explicit_parent<S: Subscriber + for<'a> LookupSpan<'a>>(
    attributes: &Attributes<'_>,
    id: NonZeroU64,
    context: &Context<'_, S>,
    recorder: &Recorder,
    local: &Local,
) -> Parent {
    let Some(parent) = attributes.parent() else { return Parent::None };
    if recorder.knows_at_hand(local, parent.into_u64()) {
        return Parent::Span(parent.into_u64());
    }
    // It is another thread's, or hidden by a per-layer filter that stands between
    // the Registry and us: then its nearest ancestor that is not.
    let mut ancestor = context.span(&Id::from_non_zero_u64(id)).and_then(|span| span.parent());
    while let Some(span) = ancestor {
        if recorder.knows(local, span.id().into_u64()) {
            return Parent::Span(span.id().into_u64());
        }
        ancestor = span.parent();
    }
    Parent::None
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
    named: Named,
    bounds: Bounds,
    queued: bool,
    paused: bool,
    wanted: Wanted,
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

    /// The layer, and the handle that reads it.
    #[must_use]
    pub fn build(self) -> (FlameLayer, Flame) {
        let roles = Roles {
            idle: self.idle,
            skip: self.skip,
            operations: self.operations,
            detached: self.detached,
            values: Values::new(self.named),
        };
        let clock = self.clock.unwrap_or_else(Clock::system);
        let recorder = Recorder::new(clock, roles, self.bounds, self.wanted);
        let recorder = if self.queued { recorder.with_queue() } else { recorder };
        let current = Current::new(recorder);
        let flame = Flame::new(current.clone(), self.paused);
        (FlameLayer { current }, flame)
    }
}
