//! Calls and how long they took, against a list that a layer of its own keeps:
//! every number that the JSON, the table and the picture say of a span.
//!
//! A test binary of its own, because the subscriber must be the whole process's.

mod support;

use block_import::{generate::Parameters, progress::Progress};
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Instant,
};
use tracing::{Subscriber, level_filters::LevelFilter, span::Id};
use tracing_flame_layer::{
    Clock, FlameLayer, Profile,
    render::{Format, Options},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

const PARAMETERS: Parameters = Parameters { blocks: 8, transactions: 25 };

thread_local! {
    /// What the layer under test last read from its clock on this thread.
    static READING: Cell<u64> = const { Cell::new(0) };
}

/// Every latency in nanoseconds, by the span's name.
#[derive(Clone, Debug, Default)]
struct List(Arc<Mutex<BTreeMap<&'static str, Vec<u64>>>>);

struct Entered(u64);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for List {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("an open span");
        let mut extensions = span.extensions_mut();
        if extensions.get_mut::<Entered>().is_none() {
            extensions.insert(Entered(READING.get()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("a span that closes");
        if let Some(Entered(at)) = span.extensions().get() {
            let latency = READING.get() - at;
            self.0.lock().expect("no panic").entry(span.name()).or_default().push(latency);
        }
    }
}

/// What was recorded, the list, blocks and transactions.
fn import() -> (Profile, BTreeMap<&'static str, Vec<u64>>, [u64; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let import = support::prepared(folder.path(), PARAMETERS);
    let start = Instant::now();
    let clock = Clock::from_nanos(move || {
        READING.set(u64::try_from(start.elapsed().as_nanos()).unwrap());
        READING.get()
    });
    let (layer, flame) = FlameLayer::builder().clock(clock).build();
    let list = List::default();
    let subscriber = tracing_subscriber::registry()
        .with(layer.with_filter(LevelFilter::TRACE))
        .with(list.clone().with_filter(LevelFilter::TRACE));
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let report = import.run(|_| Progress::hidden()).unwrap();
    let mut list = std::mem::take(&mut *list.0.lock().unwrap());
    list.values_mut().for_each(|latencies| latencies.sort_unstable());
    (flame.snapshot(), list, [report.blocks, report.transactions])
}

fn written(profile: &Profile, format: Format) -> String {
    let mut bytes = Vec::new();
    profile.write(format, &mut bytes, &Options::default()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The latency that so many per cent of a sorted list do not exceed.
fn exact(latencies: &[u64], percent: usize) -> u64 {
    latencies[(latencies.len() * percent).div_ceil(100).max(1) - 1]
}

/// `mean p50 p90 p99 max` of a label in the table, each with its unit, and calls.
fn in_table(table: &str, label: &str) -> (String, Vec<String>) {
    let (_, calls) = table.split_once("half took no longer than p50\n").expect("a part");
    let end = format!("  {label}");
    let row = calls.lines().find(|line| line.ends_with(&end)).expect(label);
    let mut words = row.trim_end_matches(label).split_whitespace();
    let calls = words.next().expect("calls").replace(',', "");
    let mut words: Vec<&str> = words.collect();
    if words.len() == 11 {
        // Polls, which no other number of the row is without a unit.
        words.remove(0);
    }
    (calls, words.chunks(2).map(|time| time.join(" ")).collect())
}

#[test]
fn counts_are_the_true_ones_and_times_those_of_an_exact_list_in_every_output() {
    let (profile, list, [blocks, transactions]) = import();
    let json: serde_json::Value = serde_json::from_str(&written(&profile, Format::Json)).unwrap();
    let (table, svg) = (written(&profile, Format::Table), written(&profile, Format::Svg));
    let callsites = json["callsites"].as_array().unwrap();
    let nodes = json["nodes"].as_array().unwrap();
    let of = |name: &str| -> Vec<&serde_json::Value> {
        let is_of = |node: &&serde_json::Value| {
            let callsite = node["callsite"].as_u64().map(|place| &callsites[place as usize]);
            callsite.is_some_and(|callsite| callsite["name"] == name)
        };
        nodes.iter().filter(is_of).collect()
    };
    let commits: u64 = of("Tx::commit").iter().map(|node| node["calls"].as_u64().unwrap()).sum();
    assert_eq!(commits, blocks + 1, "each block, and the genesis state before them");
    assert_eq!(in_table(&table, "Tx::commit").0, commits.to_string());
    for (name, calls) in [
        ("execute_block", blocks),
        ("execute tx", transactions),
        ("write_state", blocks),
        ("save_blocks", blocks),
    ] {
        let [node] = of(name)[..] else { panic!("{name} stands in one place") };
        let latencies = &list[name];
        assert_eq!(node["calls"], calls, "{name}");
        assert_eq!(latencies.len() as u64, calls, "{name}");
        for (key, percent) in [("p50_nanos", 50), ("p90_nanos", 90), ("p99_nanos", 99)] {
            let (told, exact) = (node[key].as_u64().unwrap(), exact(latencies, percent));
            let most = exact + exact / 8;
            assert!((exact..=most).contains(&told), "{name}: {key} {told}, not {exact}..={most}");
        }
        assert_eq!(node["max_latency_nanos"], *latencies.last().unwrap(), "{name}");
        assert_eq!(node["latency_nanos"], latencies.iter().sum::<u64>(), "{name}");

        let (told, times) = in_table(&table, name);
        assert_eq!(told, calls.to_string(), "{name}");
        let [mean, p50, p90, p99, max] = &times[..] else { panic!("{name}: {times:?}") };
        let line = format!("mean {mean}, p50 {p50}, p90 {p90}, p99 {p99}, max {max}");
        let tooltip = svg.split("<title>").find(|title| title.starts_with(&format!("{name} (")));
        assert!(tooltip.is_some_and(|tooltip| tooltip.contains(&line)), "{name}: {line}");
        let nanos = node["p50_nanos"].as_u64().unwrap() as f64;
        assert!((nanos_of(p50) / nanos - 1.0).abs() < 0.005, "{name}: {p50} is not {nanos} ns");
    }
}

/// A time as the table writes it.
fn nanos_of(text: &str) -> f64 {
    let (number, unit) = text.split_once(' ').expect("a unit");
    let unit = match unit {
        "s" => 1e9,
        "ms" => 1e6,
        "µs" => 1e3,
        _ => 1.0,
    };
    number.parse::<f64>().expect("a number") * unit
}
