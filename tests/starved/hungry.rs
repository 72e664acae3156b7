//! The layer, with a mark around each of its callbacks.

use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::allocator::in_callback;

/// In its callbacks, and nowhere else, the allocator fails.
#[derive(Debug)]
pub(crate) struct Hungry(FlameLayer);

impl Hungry {
    pub(crate) fn new(layer: FlameLayer) -> Self {
        Self(layer)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hungry {
    fn on_layer(&mut self, subscriber: &mut S) {
        self.0.on_layer(subscriber);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        in_callback(|| self.0.on_new_span(attributes, id, context));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        in_callback(|| self.0.on_record(id, values, context));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        in_callback(|| self.0.on_event(event, context));
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        in_callback(|| self.0.on_enter(id, context));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        in_callback(|| self.0.on_exit(id, context));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        in_callback(|| self.0.on_close(id, context));
    }
}
