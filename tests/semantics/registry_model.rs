//! The oracle's model of the Registry against the Registry itself: which parent
//! each span gets, and in which order spans close.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tracing::{Id, Subscriber, span::Attributes};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{driver, random};
use crate::oracle::{Program, Registry, SpanKey};

/// Parents by order of creation, and spans in the order they closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Log {
    parents: Vec<Option<SpanKey>>,
    closed: Vec<SpanKey>,
}

/// A layer without a filter, which keeps a log of what the Registry does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness(Arc<Mutex<Seen>>);

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

fn modelled(program: &Program) -> Log {
    let mut registry = Registry::default();
    let mut log = Log::default();
    for step in &program.steps {
        log.closed.extend(registry.apply(step));
    }
    log.parents = (0..registry.len()).map(|span| registry.parent(span)).collect();
    log
}

proptest! {
    #![proptest_config(random::config(10))]

    #[test]
    fn the_model_of_the_registry_does_as_the_registry(program in random::programs()) {
        let witness = Witness::default();
        driver::run_witnessed(&program, witness.clone());
        let mut seen = witness.0.lock().expect("no thread panicked").log.clone();
        let modelled = modelled(&program);
        // What the program left open closes when the driver cleans up.
        seen.closed.truncate(modelled.closed.len());
        prop_assert_eq!(seen, modelled, "{}", program);
    }
}
