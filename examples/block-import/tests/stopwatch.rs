//! The layer's entered time between two stopwatches that share nothing with it.
//!
//! One stands below the layer in the stack of layers and one above, so that at each
//! enter and exit the first reads its clock before the layer does, and the second
//! after it: whatever the machine does between, the layer's time lies between theirs.
//!
//! A test binary of its own, because the subscriber must be the whole process's.
//! `IMPORT_BLOCKS=300 IMPORT_TRANSACTIONS=150` with `--release -- --nocapture` compares
//! them on the default chain and prints the table.

mod support;

use block_import::{
    generate::Parameters, importer::Import, progress::Progress, storage::Durability,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
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

/// Notes the time of each enter and exit, by span and thread.
#[derive(Debug, Clone)]
struct Stopwatch {
    start: Instant,
    sums: Arc<Mutex<BTreeMap<Key, Sums>>>,
}

/// How many enters there were, and the nanoseconds at which they and their exits came,
/// summed.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    enters: u64,
    exits: u64,
    entered: i128,
    exited: i128,
}

impl Stopwatch {
    fn new(start: Instant) -> Self {
        Self { start, sums: Arc::default() }
    }

    fn note<S>(&self, id: &Id, context: &Context<'_, S>, note: impl FnOnce(&mut Sums, i128))
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let now = self.start.elapsed().as_nanos() as i128;
        let span = context.span(id).expect("the span is open").name().to_owned();
        let thread = std::thread::current().name().unwrap_or("<unnamed>").to_owned();
        let mut sums = self.sums.lock().expect("no holder panics");
        note(sums.entry((span, thread)).or_default(), now);
    }

    fn sums(&self) -> BTreeMap<Key, Sums> {
        std::mem::take(&mut self.sums.lock().expect("no holder panics"))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Stopwatch {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.note(id, &context, |sums, now| {
            sums.enters += 1;
            sums.entered += now;
        });
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.note(id, &context, |sums, now| {
            sums.exits += 1;
            sums.exited += now;
        });
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
fn entered_time_by_span_and_thread_is_between_what_two_stopwatches_say() {
    let folder = tempfile::tempdir().unwrap();
    let size = Parameters { blocks: 6, transactions: 20 };
    let import = support::prepared(folder.path(), size);
    let (layer, flame) = FlameLayer::new();
    let start = Instant::now();
    let (below, above) = (Stopwatch::new(start), Stopwatch::new(start));
    let subscriber = tracing_subscriber::registry()
        .with(below.clone().with_filter(LevelFilter::DEBUG))
        .with(layer.with_filter(LevelFilter::DEBUG))
        .with(above.clone().with_filter(LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let import = Import { durability: Durability::Durable, ..import };
    import.run(|_| Progress::hidden()).unwrap();
    compare(&recorded(&flame.snapshot()), &below.sums(), &above.sums());
}

/// By how much the layer's clock may run faster or slower than the other: it is
/// measured against that for a moment.
const RATE: f64 = 0.01;

fn compare(
    ours: &BTreeMap<Key, (u64, Duration)>,
    below: &BTreeMap<Key, Sums>,
    above: &BTreeMap<Key, Sums>,
) {
    assert!(below.len() > 10, "{below:?}");
    assert!(ours.keys().eq(below.keys()) && ours.keys().eq(above.keys()), "{ours:?} {below:?}");
    for (key, &(enters, recorded)) in ours {
        let (below, above) = (below[key], above[key]);
        assert_eq!([below.enters, below.exits, above.enters, above.exits], [enters; 4], "{key:?}");
        let (least, most) = (below.exited - above.entered, above.exited - below.entered);
        let recorded = recorded.as_nanos() as i128;
        println!(
            "{:24} {:20} {enters:>6} {least:>12} <= {recorded:>12} <= {most:>12}",
            key.0, key.1
        );
        // A whole nanosecond is lost at an enter and won at an exit at most.
        let rate = (recorded as f64 * RATE) as i128 + i128::from(enters) * 2;
        assert!(
            (least - rate..=most + rate).contains(&recorded),
            "{key:?}: {recorded} ns recorded, {least} to {most} ns on the stopwatches"
        );
    }
}
