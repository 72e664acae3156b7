//! Spans whose `on_close` never comes, in an order of events that is forced.

use std::{
    mem,
    sync::{Arc, Mutex},
    thread,
};

use tracing::{Dispatch, Span, Subscriber, dispatcher, info_span, span::Id};
use tracing_flame_layer::{
    FlameLayer, Profile,
    profile::{Measures, Node},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

use super::{closed::Closed, stretched::Stretched};
use crate::semantics::scene::Hands;

const MS: u64 = 1_000_000;

/// How the last two handles of a span are dropped, each on a thread of its own.
#[derive(Clone, Copy)]
enum Drops {
    OneAfterTheOther,
    AtOnce,
}

/// Enters a root, its child and its grandchild once each for 10 ms, and drops all
/// handles to them, the two of the grandchild last.
fn drop_a_grandchild(dispatch: &Dispatch, hands: &Hands, drops: Drops) {
    dispatcher::with_default(dispatch, || {
        let root = info_span!("root");
        let child = info_span!(parent: &root, "child");
        let grandchild = info_span!(parent: &child, "grandchild");
        for span in [&root, &child, &grandchild] {
            span.in_scope(|| hands.pass(10));
        }
        drop((root, child));
        let other = grandchild.clone();
        let drop_other = || thread::spawn(|| drop(other)).join().expect("a drop does not panic");
        match drops {
            Drops::OneAfterTheOther => drop_other(),
            Drops::AtOnce => {
                let registry = dispatch.downcast_ref::<Stretched>().expect("it lies below");
                registry.meanwhile("grandchild", drop_other);
            }
        }
        drop(grandchild);
    });
}

fn root(profile: &Profile) -> Measures {
    let of_root =
        |node: &Node| node.frame.callsite().is_some_and(|callsite| callsite.name == "root");
    profile.nodes().iter().find(of_root).expect("the root was entered").measures
}

#[test]
fn the_last_two_handles_of_a_grandchild_dropped_at_once_leave_its_root_open() {
    let closed = [Drops::OneAfterTheOther, Drops::AtOnce].map(|drops| {
        let closed = Closed::default();
        let dispatch = Dispatch::new(Stretched::default().with(closed.clone()));
        drop_a_grandchild(&dispatch, &Hands::default(), drops);
        closed.names()
    });
    assert_eq!(closed[0], ["grandchild", "child", "root"]);
    assert_eq!(closed[1], ["grandchild", "child"], "the root closed, too: upstream is mended");
}

#[test]
fn the_last_two_children_of_a_grandchild_closed_at_once_leave_its_root_open() {
    let closed = Closed::default();
    let dispatch = Dispatch::new(Stretched::default().with(closed.clone()));
    dispatcher::with_default(&dispatch, || {
        let root = info_span!("root");
        let child = info_span!(parent: &root, "child");
        let grandchild = info_span!(parent: &child, "grandchild");
        let [mine, other] = [(); 2].map(|()| info_span!(parent: &grandchild, "part"));
        drop((root, child, grandchild));
        let registry = dispatch.downcast_ref::<Stretched>().expect("it lies below");
        let everywhere = dispatch.clone();
        let drop_other = move || dispatcher::with_default(&everywhere, || drop(other));
        registry.meanwhile("grandchild", || {
            thread::spawn(drop_other).join().expect("a drop does not panic");
        });
        drop(mine);
    });
    let names = closed.names();
    assert_eq!(names, ["part", "part", "grandchild", "child"], "upstream is mended");
}

#[test]
fn a_root_that_is_never_closed_awaits_in_every_window_and_is_no_slow_operation() {
    let hands = Hands::default();
    let builder = FlameLayer::builder().clock(hands.clock());
    let builder = builder.operations(["root"]).slowest(10);
    let (layer, flame) = builder.build();
    let dispatch = Dispatch::new(Stretched::default().with(layer));
    drop_a_grandchild(&dispatch, &hands, Drops::OneAfterTheOther);
    drop_a_grandchild(&dispatch, &hands, Drops::AtOnce);
    let lost = flame.mark();
    hands.pass(50);

    let all = root(&flame.snapshot());
    assert_eq!((all.calls, all.wall_nanos, all.await_nanos), (2, 20 * MS, 50 * MS));
    assert_eq!((all.latency_nanos, all.max_latency_nanos), (110 * MS, 80 * MS));
    let window = flame.since(&lost).unwrap();
    assert_eq!((window.operations(), root(&window).calls), (1, 0));
    assert_eq!((root(&window).await_nanos, root(&window).open_before), (50 * MS, 1));
    assert_eq!(flame.slowest().len(), 1, "that it ended is never seen");
}

/// Drops what it holds in the `on_close` of the first span that closes.
#[derive(Clone, Default)]
struct DropsAtClose(Arc<Mutex<Option<Span>>>);

impl DropsAtClose {
    fn replace(&self, span: Option<Span>) -> Option<Span> {
        mem::replace(&mut *self.0.lock().expect("nothing panics under the lock"), span)
    }
}

impl<S: Subscriber> Layer<S> for DropsAtClose {
    fn on_close(&self, _: Id, _: Context<'_, S>) {
        drop(self.replace(None));
    }
}

#[test]
fn a_span_that_closes_within_an_on_close_leaves_its_parent_open() {
    let (closed, kept) = (Closed::default(), DropsAtClose::default());
    let dispatch = Dispatch::new(registry().with(closed.clone()).with(kept.clone()));
    dispatcher::with_default(&dispatch, || {
        let root = info_span!("root");
        kept.replace(Some(info_span!(parent: &root, "child")));
        drop(root);
        drop(info_span!("other"));
    });
    assert_eq!(closed.names(), ["other", "child"], "the root closed, too: upstream is mended");
}

#[test]
fn a_span_dropped_where_another_subscriber_is_the_default_leaves_its_parent_open() {
    let closed = Closed::default();
    let dispatch = Dispatch::new(registry().with(closed.clone()));
    let child = dispatcher::with_default(&dispatch, || {
        let root = info_span!("root");
        info_span!(parent: &root, "child")
    });
    dispatcher::with_default(&Dispatch::none(), || drop(child));
    assert_eq!(closed.names(), ["child"], "the root closed, too: upstream is mended");
}
