//! Threads that run freely, while others look on.
//!
//! Every reading of the clock moves it on by a microsecond, so time passes with
//! what the threads do, and a lost or doubled stretch is far above rounding.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use tracing::{Dispatch, Span, dispatcher, info_span};
use tracing_flame_layer::{Clock, Flame, FlameLayer, Profile};
use tracing_subscriber::{layer::SubscriberExt, registry};

const STEP_NANOS: u64 = 1_000;
const WORKERS: u64 = 4;
const ROUNDS: u64 = 1_500;

#[derive(Clone)]
struct Stage {
    now: Arc<AtomicU64>,
    dispatch: Dispatch,
    flame: Flame,
}

impl Stage {
    fn new() -> Self {
        let now = Arc::new(AtomicU64::new(0));
        let reading = Arc::clone(&now);
        let clock = Clock::from_nanos(move || reading.fetch_add(STEP_NANOS, Ordering::SeqCst));
        let (layer, flame) = FlameLayer::builder().clock(clock).build();
        Self { now, dispatch: Dispatch::new(registry().with(layer)), flame }
    }

    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }
}

/// The weights of all nodes, by `wall`.
fn sum(profile: &Profile) -> u64 {
    let nodes = profile.nodes().iter();
    nodes.map(|node| node.measures.wall_nanos + node.measures.await_nanos).sum()
}

/// Opens, nests, shares and moves spans, all of one operation.
fn work(stage: &Stage, root: &Span, shared: &Span, worker: u64) {
    dispatcher::with_default(&stage.dispatch, || {
        for round in 0..ROUNDS {
            match (round + worker) % 4 {
                0 => info_span!(parent: root, "outer")
                    .in_scope(|| info_span!("inner").in_scope(|| ())),
                1 => shared.in_scope(|| info_span!("inside").in_scope(|| ())),
                2 => root.in_scope(|| shared.in_scope(|| ())),
                _ => drop(info_span!(parent: shared, "never_entered")),
            }
        }
    });
}

/// Takes snapshots until told to cease.
fn look_on(stage: &Stage, began: u64, done: &AtomicBool) {
    let mut before = 0;
    while !done.load(Ordering::SeqCst) {
        let profile = stage.flame.snapshot();
        let (now, lived) = (stage.now(), sum(&profile));
        let nodes = 2 * profile.nodes().len() as u64 * WORKERS;
        assert!(lived <= now - began + nodes, "{lived} of {} ns were given out", now - began);
        assert!(before <= lived + nodes, "a snapshot says {lived}, an earlier one {before}");
        before = lived;
    }
}

#[test]
fn nothing_is_lost_or_counted_twice_while_threads_run_freely() {
    let stage = Stage::new();
    let done = AtomicBool::new(false);
    let (root, shared) = dispatcher::with_default(&stage.dispatch, || {
        let root = info_span!("root");
        (root.clone(), info_span!(parent: &root, "shared"))
    });
    let began = stage.now();
    root.in_scope(|| ());
    thread::scope(|scope| {
        let watcher = scope.spawn(|| look_on(&stage, began, &done));
        let workers = (0..WORKERS).map(|worker| {
            let (stage, root, shared) = (&stage, &root, &shared);
            scope.spawn(move || work(stage, root, shared, worker))
        });
        let workers: Vec<_> = workers.collect();
        workers.into_iter().for_each(|worker| worker.join().expect("a worker panicked"));
        done.store(true, Ordering::SeqCst);
        watcher.join().expect("the watcher panicked");
    });
    dispatcher::with_default(&stage.dispatch, || drop((root, shared)));
    let life = stage.now() - began;
    let profile = stage.flame.snapshot();
    let nodes = 2 * profile.nodes().len() as u64 * WORKERS;
    // The first enter and the last close each read the clock a few times.
    let slack = 8 * STEP_NANOS + nodes;
    let given = sum(&profile);
    assert!(given <= life && life - given <= slack, "{given} given out, {life} lived");
}
