//! Once a layer is finished the host is rid of it, and other layers are not.
//!
//! Whether a callsite is off depends on all subscribers of the process, so that is
//! for the example at `Flame::finish`, which has one of its own.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use tracing::{
    Span, Subscriber,
    field::{Empty, display},
    info_span,
    level_filters::LevelFilter,
    span::{Attributes, Id},
    subscriber::with_default,
    trace_span,
};
use tracing_flame_layer::{
    Clock, Flame, FlameLayer, SpanFields,
    profile::{Frame, Measures},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry,
};

/// Remembers the names of new spans.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<&'static str>>>);

impl<S: Subscriber> Layer<S> for Names {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.0.lock().expect("no panic").push(attributes.metadata().name());
    }
}

/// A layer that wants everything beside one that wants less, as a large program has
/// them.
fn beside(names: &Names) -> (impl Subscriber + Send + Sync + 'static, Flame) {
    let (layer, flame) = FlameLayer::new();
    let layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![
        names.clone().with_filter(LevelFilter::INFO).boxed(),
        layer.with_filter(LevelFilter::TRACE).boxed(),
    ];
    (registry().with(layers), flame)
}

fn fine() -> Span {
    trace_span!("fine")
}

fn coarse() -> Span {
    info_span!("coarse")
}

fn calls(flame: &Flame, name: &str) -> u64 {
    let profile = flame.snapshot();
    let of = |frame: &Frame| matches!(frame, Frame::Span(callsite) if callsite.name == name);
    profile.nodes().iter().filter(|node| of(&node.frame)).map(|node| node.measures.calls).sum()
}

#[test]
fn a_finished_layer_gets_nothing_more_and_other_layers_what_they_want() {
    let names = Names::default();
    let (subscriber, flame) = beside(&names);
    with_default(subscriber, || {
        [fine(), coarse()].into_iter().for_each(|span| span.in_scope(|| ()));
        flame.finish();
        coarse().in_scope(|| fine().in_scope(|| ()));
    });
    assert_eq!(*names.0.lock().expect("no panic"), ["coarse", "coarse"]);
    assert_eq!((calls(&flame, "fine"), calls(&flame, "coarse")), (1, 1));
}

#[test]
fn a_finished_layer_wants_no_level() {
    let (subscriber, flame) = beside(&Names::default());
    assert_eq!(subscriber.max_level_hint(), Some(LevelFilter::TRACE));
    flame.finish();
    assert_eq!(subscriber.max_level_hint(), Some(LevelFilter::INFO));
}

#[test]
fn spans_that_were_open_as_the_layer_was_finished_end_as_ever() {
    let (subscriber, flame) = beside(&Names::default());
    with_default(subscriber, || {
        let open = fine().entered();
        let parked = coarse();
        flame.finish();
        parked.in_scope(|| coarse().in_scope(|| ()));
        drop(parked);
        drop(open);
        assert!(Span::current().is_none());
    });
    assert_eq!((calls(&flame, "fine"), calls(&flame, "coarse")), (1, 1));
    assert_eq!(flame.snapshot().anomalies().unmatched_exits, 0);
}

#[test]
fn a_layer_without_a_filter_records_nothing_more() {
    let (layer, flame) = FlameLayer::new();
    with_default(registry().with(layer), || {
        coarse().in_scope(|| ());
        flame.finish();
        flame.start();
        coarse().in_scope(|| ());
    });
    assert!(!flame.is_recording());
    assert_eq!(calls(&flame, "coarse"), 1);
}

/// Counts how often it is written.
struct Written<'a>(&'a AtomicU64);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fetch_add(1, Relaxed);
        f.write_str("v")
    }
}

#[test]
fn a_finished_layer_writes_no_values_of_fields() {
    let fields = SpanFields::parse_list("valued{v}").expect("a list");
    let (layer, flame) = FlameLayer::builder().fields(fields).build();
    let times = AtomicU64::new(0);
    let record = || {
        info_span!("valued", v = Empty).record("v", display(Written(&times)));
    };
    with_default(registry().with(layer), || {
        record();
        assert_eq!(times.load(Relaxed), 1);
        flame.finish();
        record();
    });
    assert_eq!(times.load(Relaxed), 1);
}

#[test]
fn a_finished_layer_takes_no_time_by_handles_apart_either() {
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let clock = Clock::from_nanos(move || clock.load(Relaxed));
    let (layer, flame) = FlameLayer::builder().clock(clock).build();
    let independent = flame.independent();
    let open = with_default(registry().with(layer), || {
        let open = coarse();
        open.in_scope(|| now.store(10_000_000, Relaxed));
        now.store(30_000_000, Relaxed);
        flame.finish();
        open
    });
    let (mark, profiles) = (independent.mark(), [flame.snapshot(), independent.snapshot()]);
    now.store(500_000_000, Relaxed);
    for (handle, profile) in [&flame, &independent].into_iter().zip(profiles) {
        assert!(!handle.is_recording());
        assert_eq!(profile.window().length.as_millis(), 30);
        let node = profile.nodes().iter().next().expect("coarse");
        let Measures { wall_nanos, await_nanos, .. } = node.measures;
        assert_eq!((wall_nanos, await_nanos), (10_000_000, 20_000_000));
        for change in [Flame::start, Flame::stop, Flame::finish] {
            change(handle);
            assert_eq!(handle.snapshot(), profile);
        }
    }
    assert!(independent.since(&mark).unwrap().window().length.is_zero());
    assert!(flame.independent().snapshot().is_empty());
    drop(open);
}

#[test]
fn a_layer_that_is_only_stopped_still_learns_of_parents() {
    let (subscriber, flame) = beside(&Names::default());
    with_default(subscriber, || {
        flame.stop();
        let parent = fine();
        assert!(!parent.is_disabled());
        let _entered = parent.enter();
        flame.start();
        coarse().in_scope(|| ());
    });
    let profile = flame.snapshot();
    let coarse = profile.nodes().iter().find(|node| node.measures.calls > 0).expect("one call");
    assert!(coarse.parent.is_some(), "below the span made while no time was taken");
}

#[test]
fn a_layer_has_met_spans_once_one_that_it_records_was_created_in_no_window_too() {
    let (layer, flame) = FlameLayer::new();
    let layer = layer.with_filter(LevelFilter::INFO);
    flame.stop();
    with_default(registry().with(layer), || {
        fine().in_scope(|| ());
        assert!(!flame.has_recorded_spans(), "only one that it leaves out");
        drop(coarse());
        assert!(flame.has_recorded_spans());
    });
}

/// A program of one subscriber, which only one of its threads has, is asked by
/// `tracing` what the thread wants that rebuilds its cache.
#[test]
fn a_layer_finished_where_there_is_no_subscriber_takes_nothing_from_others() {
    let names = Names::default();
    let subscriber = registry().with(names.clone());
    let (_layer, flame) = FlameLayer::new();
    with_default(subscriber, || {
        drop(coarse());
        thread::scope(|scope| scope.spawn(|| flame.finish()).join().expect("no panic"));
        drop(coarse());
    });
    assert_eq!(*names.0.lock().expect("no panic"), ["coarse", "coarse"]);
}
