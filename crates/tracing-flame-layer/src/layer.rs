//! The layer: spans in, call trees out.

use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{Clock, Flame, SpanSelector};

/// A layer that records how long spans take. Read it through its [`Flame`].
#[derive(Debug)]
pub struct FlameLayer {}

impl FlameLayer {
    /// A layer with every default, and the handle that reads it. Recording
    /// begins at once.
    #[must_use]
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> (Self, Flame) {
        Self::builder().build()
    }

    /// Settings for a layer.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for FlameLayer {}

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
        (FlameLayer {}, Flame {})
    }
}
