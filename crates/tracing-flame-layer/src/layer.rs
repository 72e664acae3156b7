//! The layer: spans in, call trees out.

use tracing::{
    Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::{
    Clock, Flame, SpanSelector,
    record::{Bounds, Current, OpenSpan, Recorder, Roles, with_local},
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
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        with_local(&self.current, |recorder, local| {
            let parent = self.parent(attributes, id, &context, &|id| recorder.look_up(local, id));
            recorder.create(local, id.into_u64(), attributes.metadata(), parent);
        });
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        with_local(&self.current, |recorder, local| recorder.enter(local, id.into_u64()));
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        with_local(&self.current, |recorder, local| recorder.exit(local, id.into_u64()));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        with_local(&self.current, |recorder, local| recorder.close(local, id.into_u64()));
    }
}

impl FlameLayer {
    /// The span's logical parent, or where we do not record that one, its
    /// nearest recorded ancestor.
    fn parent<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        attributes: &Attributes<'_>,
        id: &Id,
        context: &Context<'_, S>,
        look_up: &impl Fn(u64) -> Option<OpenSpan>,
    ) -> Option<OpenSpan> {
        if attributes.is_root() {
            return None;
        }
        let current = context.current_span();
        let parent = attributes.parent().or_else(|| current.id())?;
        look_up(parent.into_u64()).or_else(|| self.ancestor(id, context, look_up))
    }

    /// Asks the Registry, which knows the spans that are not ours too.
    #[cold]
    fn ancestor<S: Subscriber + for<'a> LookupSpan<'a>>(
        &self,
        id: &Id,
        context: &Context<'_, S>,
        look_up: &impl Fn(u64) -> Option<OpenSpan>,
    ) -> Option<OpenSpan> {
        let mut ancestor = context.span(id)?.parent();
        while let Some(span) = ancestor {
            if let Some(known) = look_up(span.id().into_u64()) {
                return Some(known);
            }
            ancestor = span.parent();
        }
        None
    }
}

/// Settings for a [`FlameLayer`].
#[derive(Debug, Default)]
#[must_use]
pub struct Builder {
    clock: Option<Clock>,
    idle: Vec<SpanSelector>,
    skip: Vec<SpanSelector>,
    operations: Vec<SpanSelector>,
    paused: bool,
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

    /// Take no time until [`Flame::start`]. Spans are tracked all the same, so
    /// that later ones find their parents. Defaults to `false`.
    pub fn paused(mut self, paused: bool) -> Self {
        self.paused = paused;
        self
    }

    /// The layer, and the handle that reads it.
    #[must_use]
    pub fn build(self) -> (FlameLayer, Flame) {
        let roles = Roles { idle: self.idle, skip: self.skip, operations: self.operations };
        let clock = self.clock.unwrap_or_else(Clock::system);
        let current = Current::new(Recorder::new(clock, roles, Bounds::default()));
        let flame = Flame::new(current.clone(), self.paused);
        (FlameLayer { current }, flame)
    }
}
