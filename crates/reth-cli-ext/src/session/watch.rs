//! A layer beside the recording one that notes that both were added.

use std::sync::Arc;

use tracing::Subscriber;
use tracing_subscriber::Layer;

use super::seen::Seen;

/// Notes that the layer was added to a subscriber.
#[derive(Debug)]
pub(crate) struct Watch(pub(crate) Arc<Seen>);

impl<S: Subscriber> Layer<S> for Watch {
    fn on_layer(&mut self, _subscriber: &mut S) {
        self.0.layer_added.raise();
    }
}
