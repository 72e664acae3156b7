//! What a Registry does, as a layer of its own sees it.

use std::sync::{Arc, Mutex};

use tracing::{Id, Subscriber, span::Attributes};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::SpanKey;

/// Parents by order of creation, and spans in the order they closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    pub parents: Vec<Option<SpanKey>>,
    pub closed: Vec<SpanKey>,
}

/// A layer without a filter, which keeps a log of what the Registry does.
#[derive(Clone, Debug, Default)]
pub struct Witness(Arc<Mutex<Seen>>);

impl Witness {
    /// What the Registry has done so far.
    pub fn log(&self) -> Log {
        self.0.lock().expect("no thread panicked").log.clone()
    }
}

#[derive(Debug, Default)]
struct Seen {
    log: Log,
    ids: Vec<Id>,
}

impl Seen {
    fn key(&self, id: &Id) -> SpanKey {
        self.ids.iter().rposition(|seen| seen == id).expect("a span that was created")
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Witness {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let parent = ctx.span(id).and_then(|span| Some(span.parent()?.id()));
        let mut seen = self.0.lock().expect("no thread panicked");
        let parent = parent.map(|id| seen.key(&id));
        seen.log.parents.push(parent);
        seen.ids.push(id.clone());
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let mut seen = self.0.lock().expect("no thread panicked");
        let key = seen.key(&id);
        seen.log.closed.push(key);
    }
}
