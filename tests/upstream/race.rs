//! The smallest program that loses an `on_close`, left to chance. It needs two
//! processors, and may lose nothing at all; so the test asserts what always holds.
//! `docs/upstream.md` has the command that counts the loss.

use std::{
    env, hint,
    io::{self, Write},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tracing::{Dispatch, Span, Subscriber, dispatcher, info_span, span::Id};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::{self, LookupSpan},
};

const ROUNDS: &str = "FLAME_UPSTREAM_ROUNDS";

/// So many grandchildren are made before the two threads begin to drop them.
const BATCH: usize = 1_000;

/// Roots, children and grandchildren that have closed.
#[derive(Default)]
struct Closes([AtomicUsize; 3]);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for &'static Closes {
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let depth = context.span_scope(&id).expect("a span is there while it closes").count() - 1;
        self.0[depth].fetch_add(1, Ordering::Relaxed);
    }
}

/// A grandchild that nothing but this handle keeps open, nor those above it.
fn grandchild() -> Span {
    let root = info_span!("root");
    let child = info_span!(parent: &root, "child");
    info_span!(parent: &child, "grandchild")
}

/// How often a thread looks whether the other one has come before it goes on alone.
const PATIENCE: u32 = 1_000_000;

/// Drops each span when the other thread is about to drop its own of that index.
fn drop_together(spans: Vec<Span>, mine: &AtomicUsize, other: &AtomicUsize) {
    for (index, span) in spans.into_iter().enumerate() {
        mine.store(index + 1, Ordering::Release);
        for look in 1..PATIENCE {
            if other.load(Ordering::Acquire) > index {
                break;
            }
            // On one processor the other thread could not run otherwise.
            if look % 1_000 == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
        drop(span);
    }
}

fn drop_a_batch(dispatch: &Dispatch, size: usize) {
    let ours: Vec<_> = (0..size).map(|_| grandchild()).collect();
    let theirs = ours.clone();
    let [mine, other] = [AtomicUsize::new(0), AtomicUsize::new(0)];
    thread::scope(|scope| {
        scope.spawn(|| {
            dispatcher::with_default(dispatch, || drop_together(theirs, &other, &mine));
        });
        drop_together(ours, &mine, &other);
    });
}

#[test]
fn of_handles_dropped_by_chance_at_once_no_close_of_a_span_or_its_parent_is_lost() {
    let rounds = env::var(ROUNDS).map_or(10_000, |rounds| rounds.parse().expect("a number"));
    let closes: &'static Closes = Box::leak(Box::default());
    let dispatch = Dispatch::new(registry::Registry::default().with(closes));
    dispatcher::with_default(&dispatch, || {
        let mut left: usize = rounds;
        while left > 0 {
            let size = left.min(BATCH);
            drop_a_batch(&dispatch, size);
            left -= size;
        }
    });
    let [roots, children, grandchildren] =
        [0, 1, 2].map(|depth| closes.0[depth].load(Ordering::Relaxed));
    assert_eq!((grandchildren, children), (rounds, rounds));
    assert!(roots <= rounds, "{roots} roots closed of {rounds}");
    if env::var_os(ROUNDS).is_some() {
        // Not `eprintln!`, which is shown of tests that fail only.
        let _ = writeln!(io::stderr(), "{} of {rounds} roots never closed", rounds - roots);
    }
}
