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
    registry::LookupSpan,
    reload,
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

/// A fault: where a filter was registered with it, such a subscriber panicked.
#[test]
fn a_subscriber_made_by_fmt_keeps_its_filter_and_the_picture_has_what_that_lets_through() {
    let mut flamed = Flamed::new("--flame-filter debug");
    let fmt = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
    with_default(fmt.with(flamed.session.layer()), work);
    assert_eq!(flamed.finish().0, ["coarse"]);

    for filter in ["warn,cli_fmt=debug", "warn,cli_fmt[outer]=debug"] {
        let mut flamed = Flamed::new(&format!("--flame-filter {filter}"));
        let fmt = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let log = Log::default();
        let subscriber = fmt.with_writer(std::io::sink).finish().with(log.clone());
        with_default(subscriber.with(flamed.session.layer()), || {
            let _refused = info_span!(target: "cli_refused", "refused").entered();
            let _outer = info_span!(target: "cli_fmt", "outer").entered();
            debug_span!(target: "cli_fmt", "inner").in_scope(|| debug!("said in passing"));
        });
        assert_eq!(*log.names(), ["refused", "outer", "inner", "debug"]);
        assert_eq!(flamed.finish().0, ["outer", "outer;inner"], "{filter}");
    }
}

/// A subscriber that knows of spans and has no room for filters.
struct NoFilters(Registry);

impl Subscriber for NoFilters {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.0.new_span(span)
    }

    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &span::Id, follows: &span::Id) {
        self.0.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
    }

    fn enter(&self, span: &span::Id) {
        self.0.enter(span);
    }

    fn exit(&self, span: &span::Id) {
        self.0.exit(span);
    }

    fn try_close(&self, id: span::Id) -> bool {
        self.0.try_close(id)
    }
}

impl<'a> LookupSpan<'a> for NoFilters {
    type Data = <Registry as LookupSpan<'a>>::Data;

    fn span_data(&'a self, id: &span::Id) -> Option<Self::Data> {
        self.0.span_data(id)
    }
}

#[test]
fn a_hosts_own_subscriber_without_filters_is_recorded_too() {
    let mut flamed = Flamed::new("--flame-filter info");
    with_default(NoFilters(Registry::default()).with(flamed.session.layer()), work);
    assert_eq!(flamed.finish().0, ["coarse"]);
}

fn nothing_like<T>(_: &Option<T>) -> Option<T> {
    None
}

#[test]
fn a_layer_that_comes_late_is_known_to_have_come() {
    let mut flamed = Flamed::new("--flame-filter info");
    let layer = flamed.session.layer::<Registry>();
    let (slot, handle) = reload::Layer::new(nothing_like(&layer));
    with_default(registry().with(slot), || {
        handle.reload(layer).expect("a subscriber that is there");
        work();
    });
    assert_eq!(flamed.finish().0, ["coarse"]);

    let mut flamed = Flamed::new("--flame-filter info");
    let layer = flamed.session.layer::<Registry>();
    let (slot, handle) = reload::Layer::new(nothing_like(&layer));
    with_default(registry().with(slot), || {
        handle.reload(layer).expect("a subscriber that is there");
        assert!(flamed.session.flame().is_some_and(|flame| flame.is_installed()));
    });
    let (_, end) = flamed.finish();
    assert!(end.contains("no span was recorded") && !end.contains("never"), "{end}");
}

/// `outer` with two spans below it that are finer.
fn outer_and_finer_ones() {
    let _outer = info_span!(target: "cli_cut", "outer").entered();
    for _ in 0..2 {
        debug_span!(target: "cli_cut", "inner").in_scope(|| ());
        debug_span!(target: "cli_cut", "other").in_scope(|| ());
    }
}

#[test]
fn spans_that_the_hosts_own_filter_cuts_off_are_told() {
    let filters = || EnvFilter::new("off,cli_cut=info");
    let finish = |flamed: Flamed| {
        outer_and_finer_ones();
        let (stacks, end) = flamed.finish();
        assert_eq!(stacks, ["outer"]);
        assert!(
            end.starts_with("missing in the picture: the filter `cli_cut=debug` takes"),
            "{end}"
        );
        assert!(end.contains("`cli_cut::inner` (debug), `cli_cut::other` (debug), but"), "{end}");
    };
    let mut flamed = Flamed::new("--flame-filter cli_cut=debug");
    let layer = flamed.session.layer();
    with_default(registry().with(filters()).with(layer), || finish(flamed));
    // The filter hides them from us altogether where it is the outer one.
    let mut flamed = Flamed::new("--flame-filter cli_cut=debug");
    let layer = flamed.session.layer();
    with_default(registry().with(layer).with(filters()), || finish(flamed));
}

#[test]
fn nothing_is_told_where_the_filter_is_the_logs_or_lets_them_through_somewhere() {
    let mut flamed = Flamed::new("--flame-filter cli_cut=debug");
    let layer = flamed.session.layer();
    let log = Log::default().with_filter(EnvFilter::new("info"));
    let end = with_default(registry().with(log).with(layer), || {
        outer_and_finer_ones();
        flamed.finish().1
    });
    assert!(end.starts_with("wrote "), "{end}");
    // Out of `outer` it refuses what it takes within it.
    let mut flamed = Flamed::new("--flame-filter cli_cut=debug");
    let layer = flamed.session.layer();
    let within = EnvFilter::new("off,cli_cut=info,cli_cut[outer]=debug");
    let end = with_default(registry().with(within).with(layer), || {
        outer_and_finer_ones();
        flamed.finish().1
    });
    assert!(end.starts_with("wrote "), "{end}");
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
