//! A layer that keeps every latency, by the very readings of the clock that the
//! layer under test got.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::{Id, Subscriber};
use tracing_flame_layer::{Builder, Clock, Flame, Profile, profile::Node};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// A clock that stands still until told to move on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn pass(&self, nanos: u64) {
        self.0.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        clock(move || now.load(Ordering::Relaxed))
    }
}

thread_local! {
    static READING: Cell<u64> = const { Cell::new(0) };
}

/// A clock whose last reading on this thread the stopwatch knows.
pub(crate) fn clock(nanos: impl Fn() -> u64 + Send + Sync + 'static) -> Clock {
    Clock::from_nanos(move || {
        READING.set(nanos());
        READING.get()
    })
}

/// Every latency from a span's first enter to its close, by the span's name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopwatch(Arc<Mutex<BTreeMap<&'static str, Vec<u64>>>>);

struct Entered(u64);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Stopwatch {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("an open span");
        let mut extensions = span.extensions_mut();
        if extensions.get_mut::<Entered>().is_none() {
            extensions.insert(Entered(READING.get()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("a span that closes");
        if let Some(Entered(at)) = span.extensions().get() {
            let latency = READING.get() - at;
            self.0.lock().expect("no panic").entry(span.name()).or_default().push(latency);
        }
    }
}

impl Stopwatch {
    /// All latencies of a name, in ascending order.
    pub(crate) fn of(&self, name: &str) -> Vec<u64> {
        let mut latencies = self.0.lock().expect("no panic").get(name).cloned().unwrap_or_default();
        latencies.sort_unstable();
        latencies
    }
}

/// Runs something under a layer and a stopwatch.
pub(crate) fn watch(builder: Builder, run: impl FnOnce(&Flame)) -> (Profile, Stopwatch) {
    let stopwatch = Stopwatch::default();
    let (layer, flame) = builder.build();
    let subscriber = tracing_subscriber::registry().with(layer).with(stopwatch.clone());
    tracing::subscriber::with_default(subscriber, || run(&flame));
    (flame.snapshot(), stopwatch)
}

/// The only node of a name.
pub(crate) fn node(profile: &Profile, name: &str) -> Node {
    let named = |node: &Node| node.frame.callsite().is_some_and(|callsite| callsite.name == name);
    let mut nodes: Vec<Node> = profile.nodes().iter().filter(named).collect();
    assert_eq!(nodes.len(), 1, "{name} in {profile:#?}");
    nodes.remove(0)
}
