//! A slow block's picture against a clock that the layer knows nothing of.
//!
//! A test binary of its own, because the subscriber must be the whole process's. On the
//! default chain:
//!
//! ```text
//! IMPORT_BLOCKS=300 IMPORT_TRANSACTIONS=150 \
//!     cargo test --release -p block-import --test slow_block -- --nocapture
//! ```

mod support;

use block_import::{generate::Parameters, importer::Import, progress::Progress};
use clap::Parser;
use reth_cli_ext::FlameArgs;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tracing::{Subscriber, span::Id};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

const SLOW_BLOCK: u64 = 40;
const LOAD: &str = "extra_load";

/// The flags, as a program has them.
#[derive(Debug, Parser)]
struct Args {
    #[command(flatten)]
    flame: FlameArgs,
}

impl Args {
    fn new(output: &Path) -> Self {
        let output = output.to_str().expect("a path in text");
        Self::parse_from([
            "import",
            "--flame",
            "--flame-output",
            output,
            "--flame-operation",
            "execute_block",
            "--flame-duration",
            "0",
            "--flame-slowest",
            "5",
        ])
    }
}

/// How long the extra load took, from its enter to its exit.
#[derive(Debug, Clone, Default)]
struct Watch(Arc<Mutex<Reading>>);

#[derive(Debug, Default)]
struct Reading {
    entered: Option<Instant>,
    elapsed: Duration,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if context.span(id).is_some_and(|span| span.name() == LOAD) {
            self.0.lock().expect("no panic").entered = Some(Instant::now());
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = Instant::now();
        if context.span(id).is_some_and(|span| span.name() == LOAD) {
            let mut reading = self.0.lock().expect("no panic");
            let entered = reading.entered.take().expect("it was entered");
            reading.elapsed += now - entered;
        }
    }
}

/// A box of a picture: nanoseconds from the left, nanoseconds wide, and how far up.
struct Frame {
    label: String,
    left: u64,
    width: u64,
    y: u64,
}

impl Frame {
    /// From what follows `<title>` in a page; what is no box of its flamegraph has no
    /// width in nanoseconds.
    fn parse(text: &str) -> Option<Self> {
        let number = |name: &str| -> Option<u64> {
            let rest = text.split_once(&format!("{name}=\""))?.1;
            rest.split('"').next()?.split('.').next()?.parse().ok()
        };
        let label = text.split(" (").next()?.to_owned();
        Some(Self { label, left: number("fg:x")?, width: number("fg:w")?, y: number(" y")? })
    }

    fn stands_on(&self, other: &Self) -> bool {
        self.y + 16 == other.y && (other.left..other.left + other.width.max(1)).contains(&self.left)
    }
}

/// How wide each frame of a page is by itself, by label.
fn widths(page: &str) -> BTreeMap<String, u64> {
    let frames: Vec<Frame> = page.split("<title>").filter_map(Frame::parse).collect();
    let mut widths = BTreeMap::new();
    for frame in &frames {
        let above = frames.iter().filter(|above| above.stands_on(frame));
        let above: u64 = above.map(|above| above.width).sum();
        *widths.entry(frame.label.clone()).or_default() += frame.width - above;
    }
    widths
}

/// The pages that an index links, in its order.
fn pages(folder: &Path) -> Vec<(String, String)> {
    let index = fs::read_to_string(folder.join("index.html")).expect("an index");
    let links = index.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|link| (link.to_owned(), fs::read_to_string(folder.join(link)).unwrap())).collect()
}

#[test]
fn the_slow_block_comes_first_and_its_load_is_as_wide_as_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let size = Parameters { blocks: 44, transactions: 5 };
    let import = support::prepared(folder.path(), size);
    let output = folder.path().join("spans.svg");
    let mut session = Args::new(&output).flame.session().unwrap();
    let watch = Watch::default();
    let subscriber = tracing_subscriber::registry()
        .with(session.layer())
        .with(watch.clone().with_filter(LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let import = Import { slow_block: Some(SLOW_BLOCK), ..import };
    import.run(|_| Progress::hidden()).unwrap();
    session.finish().unwrap();

    let pages = pages(&folder.path().join("spans.operations"));
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names[0].starts_with(&format!("execute_block-{SLOW_BLOCK}-")), "{names:?}");

    let (slow, median) = (widths(&pages[0].1), widths(&pages[2].1));
    let differences = slow.iter().map(|(label, nanos)| {
        (nanos.abs_diff(median.get(label).copied().unwrap_or(0)), label.as_str())
    });
    let (_, widest) = differences.max().expect("frames");
    assert_eq!(widest, LOAD, "{slow:?} against {median:?}");

    let (width, watched) = (Duration::from_nanos(slow[LOAD]), watch.0.lock().unwrap().elapsed);
    let off = width.abs_diff(watched).as_secs_f64() / watched.as_secs_f64();
    println!("{LOAD}: {width:.3?} wide, {watched:.3?} by the watch: {:.4} % off", off * 100.0);
    assert!(off < 0.01, "{width:?} wide, {watched:?} by the watch");
}
