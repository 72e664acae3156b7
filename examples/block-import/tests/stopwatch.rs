//! The layer's entered time against a stopwatch that shares nothing with it.
//!
//! A test binary of its own, because the subscriber must be the whole process's.
//! `IMPORT_BLOCKS=300 IMPORT_TRANSACTIONS=150` with `--release -- --nocapture` compares
//! them on the default chain and prints the table.

mod support;

use block_import::{
    generate::Parameters, importer::Import, progress::Progress, storage::Durability,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    thread::ThreadId,
    time::{Duration, Instant},
};
use tracing::{Subscriber, span::Id};
use tracing_flame_layer::{FlameLayer, Profile};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// A span's name and a thread's.
type Key = (String, String);

/// Starts a watch at each enter and stops it at the exit, by thread and span.
#[derive(Debug, Clone, Default)]
struct Stopwatch(Arc<Mutex<Watches>>);

#[derive(Debug, Default)]
struct Watches {
    running: HashMap<(ThreadId, u64), Vec<Instant>>,
    entered: BTreeMap<Key, (u64, Duration)>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Stopwatch {
    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let key = (std::thread::current().id(), id.into_u64());
        let mut watches = self.0.lock().expect("no holder panics");
        watches.running.entry(key).or_default().push(Instant::now());
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = Instant::now();
        let thread = std::thread::current();
        let span = context.span(id).expect("the span is open").name().to_owned();
        let mut watches = self.0.lock().expect("no holder panics");
        let key = (thread.id(), id.into_u64());
        let Some(start) = watches.running.get_mut(&key).and_then(Vec::pop) else { return };
        let name = thread.name().unwrap_or("<unnamed>").to_owned();
        let (enters, entered) = watches.entered.entry((span, name)).or_default();
        *enters += 1;
        *entered += now - start;
    }
}

/// What the layer says, summed over all stacks that end in a name.
fn recorded(profile: &Profile) -> BTreeMap<Key, (u64, Duration)> {
    let mut recorded = BTreeMap::<Key, (u64, Duration)>::new();
    for thread in profile.threads() {
        for part in &thread.nodes {
            let frame = &profile.node(part.node).frame;
            let Some(callsite) = frame.callsite() else { continue };
            let key = (callsite.name.to_string(), thread.name.to_string());
            let (enters, entered) = recorded.entry(key).or_default();
            *enters += part.enters;
            *entered += Duration::from_nanos(part.entered_nanos);
        }
    }
    recorded
}

#[test]
fn entered_time_by_span_and_thread_is_what_a_stopwatch_says() {
    let folder = tempfile::tempdir().unwrap();
    let size = Parameters { blocks: 6, transactions: 20 };
    let import = support::prepared(folder.path(), size);
    let (layer, flame) = FlameLayer::new();
    let watch = Stopwatch::default();
    let subscriber = tracing_subscriber::registry()
        .with(layer.with_callsite_filter(LevelFilter::DEBUG))
        .with(watch.clone().with_filter(LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let import = Import { durability: Durability::Durable, ..import };
    import.run(|_| Progress::hidden()).unwrap();
    let ours = recorded(&flame.snapshot());
    let theirs = std::mem::take(&mut watch.0.lock().unwrap().entered);
    compare(&ours, &theirs);
}

/// What a loaded machine may take away between two readings of the clock.
const TIME_SLICES: Duration = Duration::from_millis(20);

/// Both stand side by side in one stack of layers, so each measures the other's
/// cost at one of its ends, some hundred nanoseconds an enter, and whatever a
/// thread that loses its processor between the two loses by it.
fn compare(ours: &BTreeMap<Key, (u64, Duration)>, theirs: &BTreeMap<Key, (u64, Duration)>) {
    assert!(theirs.len() > 10, "{theirs:?}");
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (key, (enters, watched)) in theirs {
        let (recorded_enters, recorded) = ours[key];
        assert_eq!(recorded_enters, *enters, "{key:?}");
        let ratio = recorded.as_secs_f64() / watched.as_secs_f64();
        println!("{:24} {:20} {enters:>6} {watched:>12.3?} {ratio:.4}", key.0, key.1);
        let between = Duration::from_micros(3) * (*enters as u32) + TIME_SLICES;
        let allowed = watched.mul_f64(0.03) + between;
        assert!(
            recorded.abs_diff(*watched) <= allowed,
            "{key:?}: {recorded:?} recorded, {watched:?} on the stopwatch"
        );
    }
}
