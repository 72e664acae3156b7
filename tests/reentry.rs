//! A clock that makes spans itself, in the middle of the callback that reads it.

use std::{
    cell::Cell,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tracing::{
    Dispatch, Metadata,
    dispatcher::{self, WeakDispatch},
    field::{Empty, Field, Value},
    info_span,
    span::Attributes,
};
use tracing_flame_layer::{Clock, FlameLayer, SpanFields};
use tracing_subscriber::{layer::SubscriberExt, registry};

use crate::repeats::calls;

thread_local! {
    /// Whether the clock makes a span when it is read.
    static MAKES_SPANS: Cell<bool> = const { Cell::new(false) };
}

/// What the clock's spans are of.
struct Stage(WeakDispatch, &'static Metadata<'static>);

impl Stage {
    /// Creates, enters, exits and closes a span. Past `tracing`'s own guard, which keeps
    /// whoever makes a span from making another.
    fn make(&self) {
        let Some(dispatch) = self.0.upgrade() else { return };
        let none: [(&Field, Option<&dyn Value>); 0] = [];
        let values = self.1.fields().value_set(&none);
        let span = dispatch.new_span(&Attributes::new_root(self.1, &values));
        dispatch.enter(&span);
        dispatch.exit(&span);
        dispatch.try_close(span);
    }
}

#[test]
fn spans_that_the_clock_makes_in_every_kind_of_callback_are_counted_and_change_nothing() {
    let (stage, made) = (Arc::new(OnceLock::<Stage>::new()), Arc::new(AtomicU64::new(0)));
    let (reading, making) = (Arc::clone(&stage), Arc::clone(&made));
    let clock = Clock::from_nanos(move || {
        if MAKES_SPANS.replace(false) {
            reading.get().expect("it is set").make();
            making.fetch_add(1, Relaxed);
            MAKES_SPANS.set(true);
        }
        0
    });
    let fields = SpanFields::parse_list("valued{v}").expect("a list");
    let (layer, flame) = FlameLayer::builder().clock(clock).fields(fields).build();
    let dispatch = Dispatch::new(registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        let metadata = info_span!("of the clock").metadata().expect("it is wanted");
        assert!(stage.set(Stage(dispatch.downgrade(), metadata)).is_ok());
        MAKES_SPANS.set(true);
        let outer = info_span!("outer").entered();
        info_span!(parent: None, "root").in_scope(|| info_span!("below").in_scope(|| ()));
        let valued = info_span!("valued", v = Empty);
        valued.record("v", 7);
        valued.in_scope(|| ());
        drop((valued, outer));
        MAKES_SPANS.set(false);
    });
    let profile = flame.snapshot();
    // Each of four is created, entered, exited and closed, and one is given a value.
    assert_eq!(made.load(Relaxed), 4 * 4 + 1);
    assert_eq!(profile.anomalies().reentered, 4 * made.load(Relaxed));
    let recorded = ["of the clock", "outer", "root", "below"];
    assert_eq!(recorded.map(|name| calls(&profile, name)), [1; 4]);
    assert_eq!(profile.spans(), 5, "the one with a value too");
}
