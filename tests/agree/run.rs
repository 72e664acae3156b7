//! A run by the real clock, with something of everything that can be hard to
//! add up: recursion, parallel children, pending time, odd names.

use std::{hint::black_box, thread};

use tracing::{Dispatch, Span, dispatcher, info_span};
use tracing_flame_layer::{FlameLayer, Profile};
use tracing_subscriber::layer::SubscriberExt;

pub(super) fn recorded() -> Profile {
    let (layer, flame) = FlameLayer::new();
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    dispatcher::with_default(&dispatch, || {
        let import = info_span!("import").entered();
        for _ in 0..3 {
            recover(&dispatch);
            call(3);
            info_span!("<Store<K, V> as Reader>::get(&self) [a.b/c]").in_scope(work);
        }
        drop(import);
        request();
    });
    flame.snapshot()
}

fn recover(dispatch: &Dispatch) {
    let recover = info_span!("recover_senders").entered();
    let chunk = |name: &str| {
        let thread = thread::Builder::new().name(name.to_owned());
        let parent: &Span = &recover;
        let chunk = || info_span!(parent: parent, "chunk of work").in_scope(work);
        thread::scope(|scope| {
            let run = || dispatcher::with_default(dispatch, chunk);
            thread.spawn_scoped(scope, run).expect("a thread").join().expect("no panic");
        });
    };
    chunk("worker 0");
    chunk("worker 1");
}

fn call(depth: u32) {
    let _span = info_span!("call").entered();
    work();
    if depth > 0 {
        call(depth - 1);
        info_span!("Tx::commit").in_scope(work);
    }
}

/// Entered twice; in between it is awaited.
fn request() {
    let request = info_span!("request");
    request.in_scope(work);
    work();
    request.in_scope(work);
}

fn work() {
    for i in 0..2_000_u32 {
        black_box(i);
    }
}
