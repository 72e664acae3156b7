//! A layer beside the recording one that notes how far it got.

use std::sync::Arc;

use tracing::{Subscriber, span};
use tracing_subscriber::{Layer, layer::Context};

use super::seen::Seen;

/// Notes that the layer was added, and that a span reached it.
#[derive(Debug)]
pub(crate) struct Watch(pub(crate) Arc<Seen>);

impl<S: Subscriber> Layer<S> for Watch {
    fn on_layer(&mut self, _subscriber: &mut S) {
        self.0.layer_added.raise();
    }

    fn on_new_span(&self, _attrs: &span::Attributes<'_>, _id: &span::Id, _cx: Context<'_, S>) {
        self.0.span_created.raise();
    }
}
