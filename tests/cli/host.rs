//! Beside a host's own layers: what they want stays theirs, and what the flags
//! want reaches them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::{
    Event, Subscriber, debug, debug_span, info_span, span, subscriber::with_default, warn,
};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::LevelFilter,
    layer::{Context, SubscriberExt},
    registry,
};

use super::Flamed;

/// A host's log, reduced to the names of what it is shown.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn names(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _id: &span::Id, _cx: Context<'_, S>) {
        self.names().push(attributes.metadata().name());
    }

    fn on_event(&self, event: &Event<'_>, _cx: Context<'_, S>) {
        self.names().push(if event.metadata().level() == &tracing::Level::WARN {
            "warn"
        } else {
            "debug"
        });
    }
}

fn work() {
    let _fine = debug_span!("fine").entered();
    let _coarse = info_span!("coarse").entered();
    debug!("said in passing");
    warn!("said aloud");
}

#[test]
fn a_filtered_log_sees_what_it_did_before_and_the_picture_all_that_it_asks_for() {
    let log = Log::default();
    let mut flamed = Flamed::new("--flame-filter debug");
    let subscriber =
        registry().with(log.clone().with_filter(LevelFilter::INFO)).with(flamed.session.layer());
    with_default(subscriber, work);
    assert_eq!(*log.names(), ["coarse", "warn"]);
    let (stacks, _) = flamed.finish();
    assert_eq!(stacks, ["fine", "fine;coarse"]);
}

#[test]
fn the_layer_lives_in_a_list_of_boxed_layers() {
    let log = Log::default();
    let mut flamed = Flamed::new("--flame-filter debug");
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> =
        vec![log.clone().with_filter(LevelFilter::WARN).boxed()];
    layers.extend(flamed.session.layer().map(Layer::boxed));
    with_default(registry().with(layers), work);
    assert_eq!(*log.names(), ["warn"]);
    let (stacks, _) = flamed.finish();
    assert_eq!(stacks, ["fine", "fine;coarse"]);
}

#[test]
fn a_global_filter_in_front_is_suspected_where_nothing_comes_through() {
    let mut flamed = Flamed::new("--flame-filter cli_global=debug");
    let global = EnvFilter::new("debug,cli_global=off");
    with_default(registry().with(global).with(flamed.session.layer()), || {
        info_span!(target: "cli_global", "span").in_scope(|| ());
    });
    let (_, end) = flamed.finish();
    assert!(end.contains("accepts the spans of `cli_global` (info), but another filter"), "{end}");
}

#[test]
fn a_layer_that_never_joined_a_subscriber_is_found_out() {
    let mut flamed = Flamed::new("");
    drop(flamed.session.layer::<Registry>());
    let (_, end) = flamed.finish();
    assert!(end.contains("the session's layer was never added to a subscriber"), "{end}");

    let mut flamed = Flamed::new("");
    drop(registry().with(flamed.session.layer()));
    let (_, end) = flamed.finish();
    assert!(end.contains("the subscriber with the session's layer was never installed"), "{end}");
}
