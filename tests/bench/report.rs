//! How large a report is, how long it takes to write and to open, and how smoothly it
//! moves: `cargo bench -p flame-tests --bench report`. With `-- --brief` smaller ones.
//!
//! Times are this machine's as it is now, by the browser's own clock where it is the
//! browser's time. Only a size is ever too much; times are told beside what is aimed at.

#[allow(dead_code)]
#[path = "../browser/devtools.rs"]
mod devtools;
#[allow(dead_code)]
#[path = "../browser/tab.rs"]
mod tab;
#[allow(dead_code)]
#[path = "../tools.rs"]
mod tools;

use std::{
    env, fs, process,
    sync::Arc,
    time::{Duration, Instant, UNIX_EPOCH},
};

use flame_oracle::made;
use tab::Tab;
use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures, NodeId, Window},
    render::{Format, Options},
};

/// Has the milliseconds from the navigation's start until the first picture.
const OPENED: &str = "new Promise(done => {
    const look = () => window.viewer && viewer.graph && viewer.graph.laidOut
        ? done(performance.now()) : requestAnimationFrame(look);
    look();
})";
/// Moves over a third of the width for 120 pictures; has the pictures a second, and the
/// longest time between two but for the longest twentieth.
const PANNED: &str = "new Promise(done => {
    const { graph } = viewer;
    const { total } = graph.root;
    const stamps = [];
    const step = now => {
        stamps.push(now);
        const at = stamps.length * 0.002;
        graph.set(total * (0.1 + at), total * (0.4 + at));
        if (stamps.length < 120) return requestAnimationFrame(step);
        const between = stamps.slice(1).map((stamp, i) => stamp - stamps[i]).sort((a, b) => a - b);
        const sum = between.reduce((x, y) => x + y);
        done([1000 * between.length / sum, between[Math.floor(between.length * 0.95)]]);
    };
    requestAnimationFrame(step);
})";

fn main() {
    // Cargo passes `--bench`.
    let brief = env::args().any(|argument| argument == "--brief");
    let sizes: &[(usize, Option<usize>, Aims)] = match brief {
        false => &[
            (0, Some(60_000), Aims { write: None, open: None }),
            (10_000, Some(1_500_000), Aims { write: Some(60), open: Some(500) }),
            (100_000, None, Aims { write: None, open: Some(2_000) }),
        ],
        true => &[
            (0, Some(60_000), Aims { write: None, open: None }),
            (10_000, Some(1_500_000), Aims { write: Some(60), open: Some(500) }),
        ],
    };
    let mut too_large = false;
    println!("  stacks      bytes        written         opened   pictures a second");
    for (stacks, most, aims) in sizes {
        let (report, written) = write(&profile(*stacks), if brief { 3 } else { 20 });
        let browser = look_at(&report);
        let bytes = report.len();
        let size = format!("{bytes:>10}{}", aim(most.map(|most| most as u64)));
        println!("{stacks:>8} {size} {written:>7.1} ms{} {browser}", aim(aims.write));
        if let Some(open) = aims.open {
            println!("{:>8} opened: aimed at <= {open} ms", "");
        }
        too_large |= most.is_some_and(|most| bytes > most);
    }
    if too_large {
        eprintln!("a report is larger than it may be");
        process::exit(1);
    }
}

/// What is aimed at, in milliseconds.
struct Aims {
    write: Option<u64>,
    open: Option<u64>,
}

fn aim(most: Option<u64>) -> String {
    most.map_or(String::new(), |most| format!(" (<= {most})"))
}

/// A profile's report, and the median of the milliseconds that it takes to write.
fn write(profile: &Profile, times: usize) -> (Vec<u8>, f64) {
    let mut report = Vec::new();
    let mut millis: Vec<f64> = (0..times)
        .map(|_| {
            report.clear();
            let begun = Instant::now();
            profile.write(Format::Html, &mut report, &Options::default()).expect("memory");
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    (report, millis[millis.len() / 2])
}

/// What the browser has to say.
fn look_at(report: &[u8]) -> String {
    let Some(mut tab) = Tab::start("report") else { return "no browser".to_owned() };
    let path = tab.directory().join("report.html");
    fs::write(&path, report).expect("room");
    tab.open(&format!("file://{}", path.display()));
    let has_time = "window.viewer && viewer.frames";
    tab.wait_until(has_time);
    if tab.evaluate("viewer.frames.root.total") == 0 {
        return "nothing to draw".to_owned();
    }
    let opened = tab.evaluate(OPENED).as_f64().unwrap_or_default();
    let panned = tab.evaluate(PANNED);
    let [a_second, longest] = [0, 1].map(|i| panned[i].as_f64().unwrap_or_default());
    format!("{opened:>7.0} ms   {a_second:.0} ({longest:.1} ms between two, 95 % no longer)")
}

/// So many stacks of 300 names, some on many others, some deep; the same each time.
fn profile(stacks: usize) -> Profile {
    let window = Window::new(UNIX_EPOCH, Duration::from_secs(60));
    let mut profile = Profile::new(window);
    let names: Vec<Frame> = (0..300_u32)
        .map(|i| {
            let name = format!("span_{i:03}");
            let callsite = Callsite::new(name, format!("app::module_{}", i % 17));
            Frame::Span(Arc::new(callsite.at(format!("src/module_{}.rs", i % 17), i)))
        })
        .collect();
    let mut chance = Chance(7);
    let mut nodes: Vec<NodeId> = Vec::new();
    for i in 0..stacks {
        let near = (i / 3).max(50).min(i.max(1));
        let parent = (i >= 5).then(|| nodes[i - 1 - chance.below(near)]);
        let frame = names[chance.below(names.len())].clone();
        let calls = 1 + chance.below(2_000) as u64;
        let wall = 1_000 + chance.below(5_000_000) as u64;
        let pending = if chance.below(5) == 0 { chance.below(3_000_000) as u64 } else { 0 };
        let longest = wall / 2 + 7;
        let node = profile.push(
            parent,
            frame,
            made!(Measures {
                calls,
                started: calls,
                enters: calls,
                wall_nanos: wall,
                await_nanos: pending,
                busy_nanos: wall,
                entered_nanos: wall * 3,
                latency_nanos: wall * 3 + pending,
                max_latency_nanos: longest,
                ..Measures::default()
            }),
        );
        let buckets = (0..1 + chance.below(4)).map(|_| (1 << chance.below(22), calls / 4 + 1));
        profile.set_latencies(node, &buckets.chain([(longest, 1)]).collect());
        nodes.push(node);
    }
    profile
}

/// Numbers as if by chance (<https://en.wikipedia.org/wiki/Linear_congruential_generator>).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}
