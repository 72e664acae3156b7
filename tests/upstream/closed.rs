//! A layer that only writes down which spans close.

use std::sync::{Arc, Mutex};

use tracing::{Subscriber, span::Id};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The names of the spans that have closed, in the order of their `on_close`.
#[derive(Clone, Debug, Default)]
pub(super) struct Closed(Arc<Mutex<Vec<&'static str>>>);

impl Closed {
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.lock().expect("no thread panicked").clone()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Closed {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let name = context.span(&id).expect("a span is there while it closes").name();
        self.0.lock().expect("no thread panicked").push(name);
    }
}
