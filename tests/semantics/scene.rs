//! A stage for tests that use `tracing` as programs do: a layer, its subscriber,
//! and a clock that moves when a test says so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tracing::{Dispatch, dispatcher};
use tracing_flame_layer::{Builder, Clock, Flame, FlameLayer, Profile, profile::Measures};
use tracing_subscriber::{layer::SubscriberExt, registry};

use flame_oracle::{
    assert_tree,
    driver::recorded::{busy_tree, by_path, wall_tree},
};

/// Milliseconds that pass by command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn pass(&self, millis: u64) {
        self.0.fetch_add(millis * 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, millis: u64) {
        self.0.store(millis * 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let nanos = Arc::clone(&self.0);
        Clock::from_nanos(move || nanos.load(Ordering::Relaxed))
    }
}

pub(crate) struct Scene {
    pub(crate) hands: Hands,
    pub(crate) flame: Flame,
    dispatch: Dispatch,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(FlameLayer::builder())
    }

    pub(crate) fn with(settings: Builder) -> Self {
        let hands = Hands::default();
        let (layer, flame) = settings.clock(hands.clock()).build();
        Self { hands, flame, dispatch: Dispatch::new(registry().with(layer)) }
    }

    /// Runs an act on this thread.
    pub(crate) fn play<T>(&self, act: impl FnOnce(&Hands) -> T) -> T {
        dispatcher::with_default(&self.dispatch, || act(&self.hands))
    }

    /// Runs an act on a thread of its own, which has ended when this returns.
    pub(crate) fn elsewhere<T: Send>(&self, act: impl FnOnce(&Hands) -> T + Send) -> T {
        thread::scope(|scope| {
            let thread = scope.spawn(|| self.play(act));
            thread.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
        })
    }

    pub(crate) fn profile(&self) -> Profile {
        self.flame.snapshot()
    }

    /// What was measured at one node, its path written `a;b`.
    pub(crate) fn node(&self, path: &str) -> Measures {
        let path: Vec<String> = path.split(';').map(str::to_owned).collect();
        by_path(&self.profile()).get(&path).copied().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn assert_wall(&self, expected: &str) {
        assert_tree(&wall_tree(&self.profile()), expected, "`wall`");
    }

    #[track_caller]
    pub(crate) fn assert_busy(&self, expected: &str) {
        assert_tree(&busy_tree(&self.profile()), expected, "`busy`");
    }
}
