//! What went wrong in real programs on the first day, each as the smallest program that
//! shows it, mostly by a clock that the test turns.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        mpsc::channel,
    },
    thread,
    time::{Duration, Instant},
};

use tracing::{Dispatch, Span, dispatcher, info_span};
use tracing_flame_layer::{
    Builder, Clock, Flame, FlameLayer, Profile, SpanSelector, profile::StateSource, render::Options,
};
use tracing_subscriber::layer::SubscriberExt;

const MS: u64 = 1_000_000;

struct Bench {
    dispatch: Dispatch,
    flame: Flame,
    nanos: Arc<AtomicU64>,
}

impl Bench {
    fn new(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let nanos = Arc::new(AtomicU64::new(0));
        let reading = Arc::clone(&nanos);
        let clock = Clock::from_nanos(move || reading.load(Relaxed));
        let (layer, flame) = settings(FlameLayer::builder()).clock(clock).build();
        Self { dispatch: Dispatch::new(tracing_subscriber::registry().with(layer)), flame, nanos }
    }

    fn run<T>(&self, program: impl FnOnce() -> T) -> T {
        dispatcher::with_default(&self.dispatch, program)
    }

    /// Runs a program on a thread of its own, to its end.
    fn elsewhere(&self, program: impl FnOnce() + Send) {
        thread::scope(|scope| scope.spawn(|| self.run(program)).join().expect("no panic"));
    }

    fn pass(&self, millis: u64) {
        self.nanos.fetch_add(millis * MS, Relaxed);
    }
}

fn folded(profile: &Profile) -> Vec<String> {
    let mut text = Vec::new();
    profile.write_folded(&mut text, &Options::default()).expect("memory takes everything");
    String::from_utf8(text).expect("text").lines().map(str::to_owned).collect()
}

fn table(profile: &Profile) -> String {
    let mut text = Vec::new();
    profile.write_table(&mut text, &Options::default()).expect("memory takes everything");
    String::from_utf8(text).expect("text")
}

/// A request answers after 10 ms; what it started goes on for 100 ms more, on a thread of
/// its own and below it.
fn answer(bench: &Bench) -> Span {
    let mut audit = Span::none();
    bench.run(|| {
        info_span!("request").in_scope(|| {
            bench.pass(10);
            audit = info_span!("audit");
        });
    });
    audit
}

#[test]
fn a_request_is_answered_when_only_what_is_detached_goes_on() {
    let bench = Bench::new(|builder| builder.detached(["audit"]));
    let mut lines = Vec::new();
    for _ in 0..10 {
        let audit = answer(&bench);
        bench.elsewhere(|| {
            let audit = audit.entered();
            bench.pass(100);
            // While that goes on nothing is said of a wait that may turn out to be none.
            lines = folded(&bench.flame.snapshot());
            drop(audit);
        });
    }
    assert_eq!(lines, ["audit 1000000000", "request 100000000"]);
    let profile = bench.flame.snapshot();
    assert_eq!(folded(&profile), lines);
    let request = profile.nodes().iter().find(|node| node.measures.wall_nanos == 100 * MS);
    let measures = request.expect("the requests").measures;
    assert_eq!((measures.latency_nanos, measures.max_latency_nanos), (100 * MS, 10 * MS));
}

#[test]
fn a_wait_is_one_when_the_request_goes_on_and_counts_in_the_window_where_it_does() {
    let bench = Bench::new(|builder| builder.detached(["audit"]));
    bench.run(|| {
        let request = info_span!("request");
        let audit = request.in_scope(|| {
            bench.pass(10);
            info_span!("audit")
        });
        bench.elsewhere(|| {
            let _audit = audit.entered();
            bench.pass(100);
            let before = folded(&bench.flame.snapshot());
            assert_eq!(before, ["audit 100000000", "request 10000000"]);
        });
        let mark = bench.flame.mark();
        // It was pending for something else.
        request.in_scope(|| bench.pass(1));
        let window = folded(&bench.flame.since(&mark).unwrap());
        assert_eq!(window, ["request 1000000", "request;[await] 100000000"]);
    });
    let after = folded(&bench.flame.snapshot());
    assert_eq!(after, ["audit 100000000", "request 11000000", "request;[await] 100000000"]);
}

/// Nine requests of `/a`, 10 ms each, and one of `/b`, 100 ms.
fn requests(bench: &Bench) {
    bench.run(|| {
        for i in 0..10 {
            let (uri, millis) = if i == 5 { ("/b", 100) } else { ("/a", 10) };
            info_span!("request", uri)
                .in_scope(|| info_span!("work").in_scope(|| bench.pass(millis)));
        }
    });
}

#[test]
fn an_operation_that_is_picked_by_a_value_has_its_own_numbers() {
    let picked = || SpanSelector::new("request").with_value("uri", "/b");
    let frames = ["request;work 90000000", "request{uri=/b};work 100000000"];
    let bench = Bench::new(|builder| builder.operations([picked()]));
    requests(&bench);
    let profile = bench.flame.snapshot();
    assert_eq!(folded(&profile), frames);
    let table = table(&profile);
    let head = "per request{uri=/b}: 1 operation, 100.0 ms each";
    assert!(table.contains(head) && !table.contains("per request:"), "{table}");
    let [root] = profile.named_operations() else { panic!("one root is named: {table}") };
    assert_eq!(profile.node(*root).lived(), 1);
    // What is detached, or idle, by a value is told apart alike.
    for settings in [Builder::detached, Builder::idle] {
        let bench = Bench::new(|builder| settings(builder, [picked()]));
        requests(&bench);
        assert_eq!(folded(&bench.flame.snapshot()), frames);
    }
}

/// The frame of a span that is picked has the values that pick it, and no others but those
/// of fields that are named.
#[test]
fn what_is_picked_is_told_apart_however_many_values_there_are() {
    let bench = Bench::new(|builder| {
        builder
            .operations(["block{number=99,kind=x}"
                .parse::<SpanSelector>()
                .expect("a span and values")])
            .fields(["block{hash}".parse().expect("a span and a field")])
            .max_field_values(2)
    });
    bench.run(|| {
        for (number, kind, hash) in
            [(1, "x", "a"), (2, "x", "b"), (3, "x", "c"), (99, "y", "a"), (99, "x", "c")]
        {
            info_span!("block", number, kind, hash).in_scope(|| bench.pass(1));
        }
        // What is recorded later picks no span.
        let late = info_span!("block", number = 99, kind = tracing::field::Empty, hash = "a");
        late.record("kind", "x");
        late.in_scope(|| bench.pass(1));
    });
    let profile = bench.flame.snapshot();
    assert_eq!(
        folded(&profile),
        [
            "block{hash=a} 3000000",
            "block{hash=b} 1000000",
            "block{number=99,kind=x} 1000000",
            "block{…} 1000000",
        ]
    );
    let named: Vec<_> = profile.named_operations().iter().map(|id| profile.node(*id)).collect();
    assert_eq!(named.len(), 1);
    assert_eq!((named[0].lived(), profile.anomalies().merged_values), (1, 1));
}

/// A program that hands work to a thread without naming a parent, and waits for it, by the
/// system's clock: only by that it is known what threads do.
struct Tool {
    dispatch: Dispatch,
    flame: Flame,
}

impl Tool {
    fn new(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let (layer, flame) = settings(FlameLayer::builder()).build();
        Self { dispatch: Dispatch::new(tracing_subscriber::registry().with(layer)), flame }
    }

    fn has_states(&self) -> bool {
        let is_known = self.flame.states() == Some(&StateSource::Exact);
        if !is_known {
            eprintln!("skipped: it is not known what threads do");
        }
        is_known
    }

    fn run(&self, program: impl FnOnce()) {
        dispatcher::with_default(&self.dispatch, program);
    }

    /// Waits for 20 checks on another thread, in `main` or in a span below that.
    fn wait_for_checks(&self, is_below: bool) {
        let (go, gone) = channel();
        let (done, all_done) = channel();
        let has_begun = &AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(move || {
                self.run(|| {
                    gone.recv().expect("somebody waits");
                    (0..20).for_each(|_| check(has_begun));
                });
                done.send(()).expect("somebody waits");
            });
            self.run(|| {
                let _main = info_span!("main").entered();
                let _all = is_below.then(|| info_span!("check_all").entered());
                go.send(()).expect("a thread that waits");
                // It does not fall asleep before there is something to wait for.
                while !has_begun.load(Relaxed) {
                    thread::yield_now();
                }
                all_done.recv().expect("a thread that ends");
            });
        });
    }
}

/// Takes some of its thread's time, far more than lies between it and the next one.
fn check(has_begun: &AtomicBool) {
    info_span!("check").in_scope(|| {
        has_begun.store(true, Relaxed);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(4) {
            std::hint::spin_loop();
        }
    });
}

#[test]
fn what_began_without_a_parent_while_another_thread_waited_is_told() {
    let tool = Tool::new(|builder| builder);
    if !tool.has_states() {
        return;
    }
    let before = tool.flame.mark();
    tool.wait_for_checks(true);
    let after = tool.flame.mark();
    let profile = tool.flame.snapshot();
    let [orphans] = profile.orphans() else { panic!("one kind: {:?}", profile.orphans()) };
    let name = |id| profile.node(id).frame.callsite().expect("a span").name.clone();
    assert_eq!((&*name(orphans.root), &*name(orphans.waiting)), ("check", "check_all"));
    assert_eq!(orphans.count, 20);
    let table = table(&profile);
    assert!(table.contains("likely orphans: 20 of 20 operations of check began"), "{table}");
    // They count in the window in which that was.
    assert_eq!(tool.flame.since(&before).unwrap().orphans(), profile.orphans());
    assert_eq!(tool.flame.since(&after).unwrap().orphans(), []);
    // The picture is what it is without.
    let lines = folded(&profile);
    let towers = ["check ", "main;check_all"];
    for tower in towers {
        assert!(lines.iter().any(|line| line.starts_with(tower)), "{lines:?}");
    }
}

/// Its `main` waits for as long as it runs, and not for these.
#[test]
fn a_server_whose_main_is_entered_has_no_orphans() {
    let server = Tool::new(|builder| builder);
    if server.has_states() {
        server.wait_for_checks(false);
        assert_eq!(server.flame.snapshot().orphans(), []);
    }
}

#[test]
fn where_nobody_asks_what_threads_do_there_are_no_orphans() {
    let tool = Tool::new(|builder| builder.states(false));
    tool.wait_for_checks(true);
    assert_eq!(tool.flame.snapshot().orphans(), []);
}

#[test]
fn in_how_much_of_the_window_a_span_was_open_is_told() {
    let bench = Bench::new(|builder| builder);
    bench.pass(30);
    // Two that overlap, a pause, and a third that is still open.
    let (first, second) = bench.run(|| (info_span!("first"), info_span!("second")));
    let first = first.entered();
    bench.pass(10);
    let second = second.entered();
    bench.pass(10);
    drop(second);
    drop(first);
    bench.pass(40);
    let open = bench.run(|| info_span!("third").entered());
    bench.pass(10);
    let profile = bench.flame.snapshot();
    drop(open);
    assert_eq!(profile.covered_nanos(), Some(30 * MS));
    let table = table(&profile);
    assert!(table.contains("some span open in 30.0% of it"), "{table}");
}
