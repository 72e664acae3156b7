//! Pictures of single operations: which are kept, what they cost in memory, and
//! what is written of them.

mod bounds;
mod classes;
mod cost;
mod counter;
mod detached;
mod files;
mod open;
mod page;
#[cfg(target_os = "linux")]
mod resources;
mod sentence;
#[cfg(unix)]
pub(crate) mod trace;
#[cfg(unix)]
mod width;

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tracing::{debug_span, info_span, subscriber::with_default};
use tracing_flame_layer::{Builder, Clock, Flame, FlameLayer};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// A clock that a test sets, in nanoseconds.
#[derive(Clone, Default)]
struct Now(Arc<AtomicU64>);

impl Now {
    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Clock::from_nanos(move || now.load(Relaxed))
    }

    fn pass(&self, nanos: u64) {
        self.0.fetch_add(nanos, Relaxed);
    }
}

/// Runs something under a layer that keeps spans named `block`, with a clock.
fn recorded(settings: impl FnOnce(Builder) -> Builder, run: impl FnOnce(&Now)) -> Flame {
    let now = Now::default();
    let builder = FlameLayer::builder().clock(now.clock()).operations(["block"]);
    let (layer, flame) = settings(builder).build();
    with_default(registry().with(layer), || run(&now));
    flame
}

/// An operation of one span and `children` below it, each a nanosecond long.
fn block(now: &Now, number: u64, children: u64, nanos: u64) {
    let _block = info_span!("block", number).entered();
    for _ in 0..children {
        let _step = debug_span!("step").entered();
        now.pass(1);
    }
    now.pass(nanos);
}

/// The names of the files in a directory, in order.
fn files(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory to read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
