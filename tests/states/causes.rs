//! What slow requests have in common: a program of which one request in fifty takes a lock that
//! is held, and one in a hundred reads a cold file. What the classes of latency from the edge
//! nearest p98 on say against the rest is compared with the thread's counters, read around each
//! lock and each read.

use std::{collections::BTreeMap, env, io, process, time::Duration};

use tracing::{subscriber::with_default, trace_span};
use tracing_flame_layer::{
    FlameLayer, Profile,
    profile::{Class, Measures, Split},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{
    counters::{Counters, Source},
    kind::{Kind, Means},
};

const REQUESTS: u64 = 5_000;
/// How long the lock is held.
const LENGTH: Duration = Duration::from_millis(5);

/// What one request of a cause took by the counters.
struct Counted {
    kind: Kind,
    /// By its own clock.
    request_nanos: u64,
    passed: Counters,
}

pub(crate) fn print() -> io::Result<()> {
    let folder = env::temp_dir().join(format!("flame-causes-{}", process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut means = Means::new(LENGTH, &folder)?;
    let source = Source::of_this_thread()?;
    let (layer, flame) = FlameLayer::builder().operations(["request"]).classes(true).build();
    let mut counted = Vec::new();
    with_default(registry().with(layer), || -> io::Result<()> {
        for number in 0..REQUESTS {
            let cause = cause_of(number);
            cause.map_or(Ok(()), |kind| means.prepare(kind))?;
            let began = source.before();
            let span = trace_span!("request").entered();
            trace_span!("parse").in_scope(|| std::hint::black_box((0..2_000_u64).sum::<u64>()));
            let Some(kind) = cause else { continue };
            let cause = match kind {
                Kind::Lock => trace_span!("lock"),
                _ => trace_span!("read"),
            };
            let before = source.before();
            cause.in_scope(|| means.act(kind))?;
            let passed = source.after().since(before);
            drop((cause, span));
            let request_nanos = source.after().since(began).wall;
            counted.push(Counted { kind, request_nanos, passed });
        }
        Ok(())
    })?;
    std::fs::remove_dir_all(&folder)?;
    tell(&flame.snapshot(), &counted);
    Ok(())
}

fn cause_of(number: u64) -> Option<Kind> {
    match number {
        _ if number % 50 == 7 => Some(Kind::Lock),
        _ if number % 100 == 13 => Some(Kind::Fault),
        _ => None,
    }
}

fn tell(profile: &Profile, counted: &[Counted]) {
    let range = "request:p98..".parse().expect("a range");
    let Some(Split { picked, rest, selected, .. }) = profile.split(&range) else { return };
    for found in &selected {
        println!("{found}, states {:?}", profile.states());
    }
    let power = selected.first().map_or(0, |found| Class::power_of(found.from_nanos));
    let (slow, others) = (by_name(&picked), by_name(&rest));
    let all = |profile: &Profile| profile.operations().max(1);
    let mut names: Vec<&String> = slow.keys().collect();
    let more = |name: &String| {
        let each = |measures: Option<&Measures>, of: u64| {
            measures.map_or(0, |measures| measures.wall_nanos) as f64 / of as f64
        };
        each(slow.get(name), all(&picked)) - each(others.get(name), all(&rest))
    };
    names.sort_by(|a, b| more(b).total_cmp(&more(a)));
    println!("by what a request of them takes more than another, in microseconds:");
    for name in names {
        println!("  {name:8} {:+.1}", more(name) / 1e3);
    }
    for (kind, name) in [(Kind::Lock, "lock"), (Kind::Fault, "read")] {
        let Some(measures) = slow.get(name) else { continue };
        let of_kind = counted.iter().filter(|counted| counted.kind == kind);
        let in_class = of_kind.filter(|counted| Class::power_of(counted.request_nanos) >= power);
        let (mut sum, mut requests) = (Counters::default(), 0);
        for counted in in_class {
            (sum, requests) = (sum.plus(counted.passed), requests + 1);
        }
        let blocked = sum.wall.saturating_sub(sum.cpu + sum.delay);
        let per_cent = |said: u64, is: u64| (said as f64 - is as f64) * 100.0 / sum.wall as f64;
        println!(
            "  {name}: {} of {requests} counted, {:.3} ms, off by {:+.2} %; blocked {:.3} ms, off \
             by {:+.2} %; runnable {:.3} ms, off by {:+.2} %",
            measures.calls,
            measures.wall_nanos as f64 / 1e6,
            per_cent(measures.wall_nanos, sum.wall),
            measures.wall_states.blocked_nanos as f64 / 1e6,
            per_cent(measures.wall_states.blocked_nanos, blocked),
            measures.wall_states.runnable_nanos as f64 / 1e6,
            per_cent(measures.wall_states.runnable_nanos, sum.delay),
        );
    }
}

fn by_name(profile: &Profile) -> BTreeMap<String, Measures> {
    let nodes = profile.nodes().iter().filter_map(|node| {
        let callsite = node.frame.callsite()?;
        Some((callsite.name.to_string(), node.measures))
    });
    nodes.collect()
}
