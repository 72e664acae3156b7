//! Threads that wait inside a span are told from those that work.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use tracing::{Dispatch, dispatcher, info_span, span::EnteredSpan};
use tracing_flame_layer::{
    Builder, Clock, Flame, FlameLayer, Profile, profile::LiveThread, render::Options,
};
use tracing_subscriber::layer::SubscriberExt;

/// A layer whose clock is turned by hand, while threads really run and block.
struct Bench {
    dispatch: Dispatch,
    flame: Flame,
    nanos: Arc<AtomicU64>,
}

/// A thread inside a span, below one that this thread works in. It blocks until there is
/// a job for it, or until it is dropped.
struct Blocked {
    root: EnteredSpan,
    jobs: Sender<()>,
    done: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Bench {
    fn new(settings: Builder) -> Self {
        let nanos = Arc::new(AtomicU64::new(0));
        let reading = Arc::clone(&nanos);
        let clock = Clock::from_nanos(move || reading.load(Relaxed));
        // By such a clock nothing is known of what threads do; nor is that to be told.
        let (layer, flame) = settings.states(false).clock(clock).build();
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
        Self { dispatch, flame, nanos }
    }

    /// A thread that works for a little while and then blocks in a span.
    fn block(&self) -> Blocked {
        let dispatch = self.dispatch.clone();
        let (did, done) = channel();
        let (jobs, to_do) = channel();
        let root = dispatcher::with_default(&dispatch, || info_span!("root").entered());
        let parent = root.id();
        let block = move || {
            let _span = info_span!(parent: parent, "worker").entered();
            for i in 0..100_000_u32 {
                black_box(i);
            }
            did.send(()).expect("somebody waits for it");
            for () in to_do {
                info_span!("job").in_scope(|| ());
                did.send(()).expect("somebody waits for it");
            }
        };
        let thread = thread::Builder::new()
            .name("blocked".to_owned())
            .spawn(move || dispatcher::with_default(&dispatch, block))
            .expect("a thread");
        done.recv().expect("it gets there");
        Blocked { root, jobs, done, thread }
    }

    fn pass(&self, nanos: u64) {
        self.nanos.fetch_add(nanos, Relaxed);
    }
}

impl Blocked {
    /// Has it do two jobs, between which it waits.
    fn work(&self) {
        for _ in 0..2 {
            self.jobs.send(()).expect("a thread that waits");
            self.done.recv().expect("a job that gets done");
        }
    }

    fn end(self) {
        drop(self.jobs);
        self.thread.join().expect("no panic");
        drop(self.root);
    }
}

/// The thread that is blocked, in a profile.
fn live(profile: &Profile) -> &LiveThread {
    let found = profile.live().iter().find(|thread| &*thread.name == "blocked");
    found.unwrap_or_else(|| panic!("a thread that is blocked: {:?}", profile.live()))
}

/// What a table says below its rows, on one line.
fn hint(profile: &Profile) -> String {
    let mut table = Vec::new();
    profile.write_table(&mut table, &Options::default()).expect("memory takes everything");
    let table = String::from_utf8(table).expect("text");
    let (_, last) = table.trim_end().rsplit_once("\n\n").expect("several parts");
    let below = if last.starts_with("calls,") { "" } else { last };
    below.split_whitespace().collect::<Vec<_>>().join(" ")
}

const HOUR: u64 = 3_600_000_000_000;

#[cfg(target_os = "linux")]
#[test]
fn a_thread_blocked_in_a_span_seems_to_wait() {
    let bench = Bench::new(FlameLayer::builder());
    let blocked = bench.block();
    blocked.work();
    bench.pass(HOUR);
    let profile = bench.flame.snapshot();
    blocked.end();
    let thread = live(&profile);
    assert_eq!(thread.open_nanos, HOUR);
    assert!(thread.cpu_nanos.is_some());
    let told = hint(&profile);
    assert!(told.contains(": blocked in worker; where"), "{told}");
    assert!(told.ends_with("--flame-idle worker"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_that_waits_once_has_no_hint_given() {
    let bench = Bench::new(FlameLayer::builder());
    let blocked = bench.block();
    bench.pass(HOUR);
    let profile = bench.flame.snapshot();
    blocked.end();
    assert!(live(&profile).seems_to_wait(&profile.window()));
    assert_eq!(hint(&profile), "");
}

#[test]
fn a_thread_that_worked_does_not_seem_to_wait() {
    let bench = Bench::new(FlameLayer::builder());
    let blocked = bench.block();
    // No CPU counts to 100,000 in a twentieth of that.
    bench.pass(100_000);
    let profile = bench.flame.snapshot();
    blocked.end();
    assert_eq!(live(&profile).open_nanos, 100_000);
    assert_eq!(hint(&profile), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_window_between_a_start_and_a_stop_has_waits_of_its_own() {
    let bench = Bench::new(FlameLayer::builder().paused(true));
    let blocked = bench.block();
    bench.pass(100_000);
    bench.flame.start();
    let before = bench.flame.snapshot();
    blocked.work();
    bench.pass(HOUR);
    bench.flame.stop();
    bench.pass(HOUR);
    let profile = bench.flame.snapshot();
    blocked.end();
    assert_eq!(before.live().len(), 0, "no time has passed");
    assert_eq!(live(&profile).open_nanos, HOUR);
    assert!(hint(&profile).contains("blocked in worker"), "{}", hint(&profile));
}

#[test]
fn the_advice_taken_is_not_given_again() {
    let idle = FlameLayer::builder().idle(["worker"]);
    let bench = Bench::new(idle);
    let blocked = bench.block();
    blocked.work();
    bench.pass(HOUR);
    let profile = bench.flame.snapshot();
    blocked.end();
    assert_eq!(live(&profile).open_nanos, HOUR);
    assert_eq!(hint(&profile), "");
}

#[test]
fn a_thread_that_has_ended_is_not_spoken_of() {
    let bench = Bench::new(FlameLayer::builder());
    let blocked = bench.block();
    blocked.work();
    bench.pass(HOUR);
    blocked.end();
    let profile = bench.flame.snapshot();
    assert!(profile.live().iter().all(|thread| &*thread.name != "blocked"));
    let ended = profile.threads().iter().find(|thread| &*thread.name == "blocked");
    assert_eq!(ended.map(|thread| thread.threads), Some(1));
    assert_eq!(hint(&profile), "");
}
