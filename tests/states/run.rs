//! The six kinds one after the other, on one thread, at three lengths.

use std::{collections::BTreeMap, env, io, process, time::Duration};

use tracing::{subscriber, trace_span};
use tracing_flame_layer::{
    FlameLayer, Profile,
    profile::{BlockedOn, Measures, States},
};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::{
    causes, cost,
    counters::{Counters, Source},
    kind::{Kind, Means},
};

/// How long spans are, and how many there are of each kind.
const LENGTHS: [(Duration, u32); 3] = [
    (Duration::from_millis(5), 60),
    (Duration::from_micros(500), 400),
    (Duration::from_micros(50), 2_000),
];

pub(crate) fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let spin = match arguments.iter().position(|argument| argument == "--spin") {
        Some(at) => arguments.get(at + 1).and_then(|count| count.parse().ok()).unwrap_or(3),
        None => 0,
    };
    let spinning: Vec<process::Child> = (0..spin)
        .map(|_| process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn())
        .collect::<io::Result<_>>()?;
    let is_asked = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let result = match (is_asked("--cost"), is_asked("--causes")) {
        (true, _) => cost::print(),
        (false, true) => causes::print(),
        (false, false) => LENGTHS.iter().try_for_each(|(length, count)| compare(*length, *count)),
    };
    for mut child in spinning {
        let _ = child.kill();
        let _ = child.wait();
    }
    result
}

fn compare(length: Duration, count: u32) -> io::Result<()> {
    let folder = env::temp_dir().join(format!("flame-states-{}", process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut means = Means::new(length, &folder)?;
    let source = Source::of_this_thread()?;
    let own = own_cost(&source);
    let (layer, flame) = FlameLayer::builder().partial_states(true).build();
    let mut truth: BTreeMap<&str, Counters> = BTreeMap::new();
    subscriber::with_default(registry().with(layer), || -> io::Result<()> {
        for kind in (0..count).flat_map(|_| Kind::ALL) {
            means.prepare(kind)?;
            let span = match kind {
                Kind::Compute => trace_span!("compute"),
                Kind::Sleep => trace_span!("sleep"),
                Kind::Lock => trace_span!("lock"),
                Kind::Receive => trace_span!("receive"),
                Kind::Sync => trace_span!("sync"),
                Kind::Fault => trace_span!("fault"),
            };
            // The recorder reads its counters here, where the preparation had the thread switched
            // out, and not between the next reading and the span.
            trace_span!("prepared").in_scope(|| ());
            let before = source.before();
            span.in_scope(|| means.act(kind))?;
            let passed = source.after().since(before);
            let sum = truth.entry(kind.name()).or_default();
            *sum = sum.plus(passed);
        }
        Ok(())
    })?;
    let profile = flame.snapshot();
    println!("{length:?}: {:?}; of each span's truth {own} ns were the reading", profile.states());
    for kind in Kind::ALL {
        let node = profile.nodes().iter().find(|node| {
            node.frame.callsite().is_some_and(|callsite| callsite.name == kind.name())
        });
        let Some(node) = node else { continue };
        let mut truth = truth[kind.name()];
        truth.cpu = truth.cpu.saturating_sub(own * u64::from(count));
        print(kind, &node.measures, truth);
        print_reasons(&profile, &node.measures, kind);
    }
    std::fs::remove_dir_all(&folder)
}

/// Of what part of the blocked time it is known what it was for.
fn print_reasons(profile: &Profile, measures: &Measures, kind: Kind) {
    let States { blocked_nanos, fault_nanos, .. } = measures.busy_states;
    let share = |nanos: u64| nanos as f64 * 100.0 / blocked_nanos.max(1) as f64;
    let named = |blocked: &&BlockedOn| {
        let node = profile.node(blocked.node);
        node.frame.callsite().is_some_and(|callsite| callsite.name == kind.name())
    };
    let told = profile.blocked_on().iter().filter(named);
    let mut told: Vec<_> = told.map(|told| (told.busy_nanos, told.reason.to_string())).collect();
    told.push((fault_nanos, "page faults".to_owned()));
    told.sort_unstable_by(|one, other| other.cmp(one));
    let texts = told.iter().filter(|(nanos, _)| *nanos > 0);
    let texts: Vec<_> =
        texts.map(|(nanos, reason)| format!("{:.1} % {reason}", share(*nanos))).collect();
    println!("           of the blocked time {}", texts.join(", "));
}

/// Nanoseconds of CPU time that lie between two readings, though nothing does: the clocks' own.
fn own_cost(source: &Source) -> u64 {
    const TIMES: u64 = 1_000;
    let pair = |_| {
        let before = source.before();
        let passed = source.after().since(before);
        passed.cpu.saturating_sub(passed.wall)
    };
    (0..TIMES).map(pair).sum::<u64>() / TIMES
}

fn print(kind: Kind, measures: &Measures, truth: Counters) {
    let Measures { busy_nanos, busy_states: states, switches, .. } = *measures;
    let on = states.on_cpu_nanos(busy_nanos);
    let blocked = truth.wall.saturating_sub(truth.cpu + truth.delay);
    let per_cent = |said: u64, is: u64| (said as f64 - is as f64) * 100.0 / truth.wall as f64;
    println!(
        "  {:8} {:9.3} ms: on CPU {:+.2} %, runnable {:+.2} %, blocked {:+.2} %; off-CPU {:.2} %, \
         unknown {:.2} %; of the truth {:.1} %, {:.1} %, {:.1} %; switches {} of {}",
        kind.name(),
        busy_nanos as f64 / 1e6,
        per_cent(on, truth.cpu),
        per_cent(states.runnable_nanos, truth.delay),
        per_cent(states.blocked_nanos, blocked),
        per_cent(states.off_cpu_nanos, 0),
        per_cent(states.unknown_nanos, 0),
        per_cent(truth.cpu, 0),
        per_cent(truth.delay, 0),
        per_cent(blocked, 0),
        switches.voluntary + switches.involuntary,
        truth.switches,
    );
}
