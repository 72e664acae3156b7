//! The filter in front of the layer: spans, events where they are asked for, and
//! it remembers what it refused.

use std::sync::Arc;

use tracing::{Event, Level, Metadata, level_filters::LevelFilter, span, subscriber::Interest};
use tracing_subscriber::{
    EnvFilter,
    layer::{Context, Filter},
};

use super::seen::Seen;
use crate::directives::Directives;

/// An [`EnvFilter`] that lets no event through but those that were asked for.
///
/// A layer that takes spans only has no use for events, and an event that no
/// other layer wants would otherwise be made for nothing. Callsites are noted
/// where they register, which happens once for each; at a span's creation one
/// flag is raised.
#[derive(Debug)]
pub(crate) struct SpanFilter {
    env: EnvFilter,
    seen: Arc<Seen>,
    /// The finest level of events that are let through, if any are.
    events: Option<Level>,
}

impl SpanFilter {
    pub(crate) fn new(directives: &Directives, seen: Arc<Seen>, events: Option<Level>) -> Self {
        Self { env: directives.filter(), seen, events }
    }

    fn wants_event(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.events.is_some_and(|finest| *metadata.level() <= finest)
    }
}

impl<S> Filter<S> for SpanFilter {
    fn enabled(&self, metadata: &Metadata<'_>, cx: &Context<'_, S>) -> bool {
        match metadata.is_event() {
            true => self.wants_event(metadata),
            // A span, or the question of `enabled!`, behind which spans may stand.
            false => Filter::enabled(&self.env, metadata, cx),
        }
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.is_event() {
            return match self.wants_event(metadata) {
                true => Interest::always(),
                false => Interest::never(),
            };
        }
        let interest = Filter::<S>::callsite_enabled(&self.env, metadata);
        if !metadata.is_span() {
            return interest;
        }
        // `sometimes` counts as refused: it is looked at only where no span
        // ever got through.
        let seen = &self.seen;
        seen.named.iter().for_each(|named| named.note(metadata, !interest.is_never()));
        if interest.is_always() {
            seen.accepted.note(metadata);
        } else {
            seen.refused.note(metadata);
        }
        interest
    }

    fn event_enabled(&self, event: &Event<'_>, _cx: &Context<'_, S>) -> bool {
        self.wants_event(event.metadata())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Asked for when a subscriber becomes a dispatcher. `on_register_dispatch`
        // is for that, but never arrives at a layer within an `Option` or a `Vec`.
        self.seen.subscriber_used.raise();
        let events = self.events.map(LevelFilter::from_level);
        // No hint means every level.
        Some(self.env.max_level_hint()?.max(events.unwrap_or(LevelFilter::OFF)))
    }

    fn on_new_span(&self, attrs: &span::Attributes<'_>, id: &span::Id, cx: Context<'_, S>) {
        self.env.on_new_span(attrs, id, cx);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, cx: Context<'_, S>) {
        self.env.on_record(id, values, cx);
    }

    fn on_enter(&self, id: &span::Id, cx: Context<'_, S>) {
        self.env.on_enter(id, cx);
    }

    fn on_exit(&self, id: &span::Id, cx: Context<'_, S>) {
        self.env.on_exit(id, cx);
    }

    fn on_close(&self, id: span::Id, cx: Context<'_, S>) {
        self.env.on_close(id, cx);
    }
}
