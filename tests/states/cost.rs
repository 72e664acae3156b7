//! What states cost a thread: the same work under a layer with them and under one without, in
//! turn.

use std::{
    fs,
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use tracing::{Dispatch, dispatcher, trace_span};
use tracing_flame_layer::{Flame, FlameLayer, SpanSelector};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::counters::{Counters, Source};

const ROUNDS: usize = 41;

/// What is done in each span, how many there are in a round, and what it is called.
type Work = (&'static str, u32, fn());

const WORK: [Work; 3] = [
    ("computes for some 20 us", 2_000, compute),
    ("yields", 2_000, thread::yield_now),
    ("sleeps for some 50 us", 400, || thread::sleep(Duration::from_micros(1))),
];

fn compute() {
    black_box((0..60_000_u64).fold(1, |a, b| a ^ black_box(b)));
}

/// Prints medians: of CPU time a span, and of how much more states take.
pub(crate) fn print() -> std::io::Result<()> {
    let source = Source::of_this_thread()?;
    let with = subscriber(true, false);
    let without = subscriber(false, false);
    let with_charts = subscriber(true, true);
    for (name, spans, work) in WORK {
        let round = |(subscriber, _): &(Dispatch, Flame)| {
            dispatcher::with_default(subscriber, || {
                let before = source.before();
                (0..spans).for_each(|_| trace_span!("span").in_scope(work));
                source.after().since(before)
            })
        };
        let all = || [round(&without), round(&with), round(&with_charts)];
        let rounds: Vec<[Counters; 3]> = (0..ROUNDS).map(|_| all()).collect();
        let a_span = |which: usize, of: fn(&Counters) -> u64| {
            median(rounds.iter().map(|round| of(&round[which]) as f64 / f64::from(spans)))
        };
        let cpu = [0, 1, 2].map(|which| a_span(which, |counters| counters.cpu));
        let ratio = median(rounds.iter().map(|[off, on, _]| off.cpu as f64 / on.cpu as f64));
        println!(
            "{name}: {:.0} ns of CPU a span, {:.0} with states: {:+.0}; throughput {ratio:.3} x; \
             {:.2} switches a span; with their instants {:+.0} more",
            cpu[0],
            cpu[1],
            cpu[1] - cpu[0],
            a_span(1, |counters| counters.switches),
            cpu[2] - cpu[1],
        );
    }
    print_looks()
}

/// How many threads sleep, for how long in each span, and for how long they go on.
const SLEEPERS: usize = 64;
const SLEEP: Duration = Duration::from_millis(5);
const SPANS: u32 = 1_000;

/// Prints what of a CPU the collector's thread takes, which looks what threads are asleep for,
/// and how much of that it saw.
fn print_looks() -> std::io::Result<()> {
    let (subscriber, flame) = subscriber(true, false);
    let nap = || trace_span!("nap").in_scope(|| thread::sleep(SLEEP));
    let before = (Instant::now(), cpu_of_collectors()?);
    thread::scope(|scope| {
        for _ in 0..SLEEPERS {
            let subscriber = &subscriber;
            let naps = move || (0..SPANS).for_each(|_| nap());
            scope.spawn(move || dispatcher::with_default(subscriber, naps));
        }
    });
    let (passed, after) = (before.0.elapsed(), cpu_of_collectors()?);
    let profile = flame.snapshot();
    let nodes = profile.nodes().iter();
    let blocked: u64 = nodes.map(|node| node.measures.busy_states.blocked_nanos).sum();
    let seen: u64 = profile.blocked_on().iter().map(|seen| seen.busy_nanos).sum();
    println!(
        "{SLEEPERS} threads that sleep for {SLEEP:?} in each span: the collectors' threads took \
         {:.2} % of a CPU, and saw {:.0} % of the time",
        (after - before.1) as f64 * 100.0 / passed.as_nanos() as f64,
        seen as f64 * 100.0 / blocked.max(1) as f64,
    );
    Ok(())
}

/// Nanoseconds that the threads of that name have been on a CPU.
fn cpu_of_collectors() -> std::io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.trim() == "flame-collector" {
            let told = fs::read_to_string(task.join("schedstat"))?;
            let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
            sum += nanos.unwrap_or(0_u64);
        }
    }
    Ok(sum)
}

/// With a chart of some operation, if that is wanted: switches are noted down then, whichever it
/// is.
fn subscriber(states: bool, charts: bool) -> (Dispatch, Flame) {
    let mut builder = FlameLayer::builder().states(states).partial_states(true);
    if charts {
        let operations = SpanSelector::parse_list("none_of_these").expect("a name");
        builder = builder.operations(operations).slowest(1);
    }
    let (layer, flame) = builder.build();
    (Dispatch::new(registry().with(layer)), flame)
}

fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = of.collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
