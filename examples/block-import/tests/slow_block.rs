//! A slow block's picture against two clocks that the layer knows nothing of.
//!
//! One is read before the layer reads its own, at the load's enter and at its exit, and
//! one after it: whatever the machine does between, the layer's time lies between theirs.
//! Which block was slow by the machine's doing is not asked: each has a page.
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
            "1000",
        ])
    }
}

/// When the extra load was entered, and exited.
#[derive(Debug, Clone, Default)]
struct Watch(Arc<Mutex<Vec<Instant>>>);

impl Watch {
    fn note<S: Subscriber + for<'a> LookupSpan<'a>>(&self, id: &Id, context: &Context<'_, S>) {
        let now = Instant::now();
        if context.span(id).is_some_and(|span| span.name() == LOAD) {
            self.0.lock().expect("no panic").push(now);
        }
    }

    /// Both, of the one load there was.
    fn readings(&self) -> [Instant; 2] {
        self.0.lock().expect("no panic")[..].try_into().expect("one enter and one exit")
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.note(id, &context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.note(id, &context);
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

/// How wide each frame of a page is by itself, whatever its threads did, by label.
fn widths(page: &str) -> BTreeMap<String, u64> {
    let frames: Vec<Frame> = page.split("<title>").filter_map(Frame::parse).collect();
    let mut widths = BTreeMap::new();
    let is_state = |frame: &Frame| {
        ["[runnable]", "[blocked]", "[off-cpu]", "[unknown]"].contains(&&*frame.label)
    };
    for frame in frames.iter().filter(|frame| !is_state(frame)) {
        let above = frames.iter().filter(|above| above.stands_on(frame) && !is_state(above));
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
fn the_slow_block_has_a_page_and_its_load_is_as_wide_there_as_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let size = Parameters { blocks: 44, transactions: 5 };
    let import = support::prepared(folder.path(), size);
    let output = folder.path().join("spans.svg");
    let mut session = Args::new(&output).flame.session().unwrap();
    let (below, above) = (Watch::default(), Watch::default());
    let subscriber = tracing_subscriber::registry()
        .with(below.clone().with_filter(LevelFilter::DEBUG))
        .with(session.layer())
        .with(above.clone().with_filter(LevelFilter::DEBUG));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let import = Import { slow_block: Some(SLOW_BLOCK), ..import };
    let report = import.run(|_| Progress::hidden()).unwrap();
    session.finish().unwrap();

    let pages = pages(&folder.path().join("spans.operations"));
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len() as u64, report.blocks, "{names:?}");
    let loads = pages.iter().filter_map(|(name, page)| Some((name, *widths(page).get(LOAD)?)));
    let [(name, width)] = loads.collect::<Vec<_>>()[..] else { panic!("one load: {names:?}") };
    assert!(name.starts_with(&format!("execute_block-{SLOW_BLOCK}-")), "{name}");

    let ([first, third], [second, fourth]) = (below.readings(), above.readings());
    let (least, most) = (third - second, fourth - first);
    let width = Duration::from_nanos(width);
    println!("{LOAD}: {width:.3?} wide, {least:.3?} to {most:.3?} by the watches");
    // The layer's clock may run a little faster or slower.
    let rate = width.mul_f64(0.01);
    assert!(
        (least.saturating_sub(rate)..=most + rate).contains(&width),
        "{width:?} wide, {least:?} to {most:?} by the watches"
    );
}
