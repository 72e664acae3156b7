//! Children that were forked and go on as this program does.

use std::{
    cell::Cell,
    fs, process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering::Relaxed},
        mpsc::channel,
    },
    thread,
};

use reth_cli_ext::{Flame, FlameSession};
use tracing::{info_span, subscriber::with_default};
use tracing_flame_layer::{Clock, FlameLayer, profile::Frame};
use tracing_subscriber::{layer::SubscriberExt, registry};

use super::family::{in_a_child, wait_for};

/// Spans that a child makes: more than all logs have room for.
const SPANS: u64 = 50_000;
/// What a child hangs for at the most, in seconds.
const PATIENCE: u32 = 300;

/// Forks so often, while other threads make spans, begin, end and read what was recorded.
/// Each child makes spans and reads what was recorded, that of before included.
pub(crate) fn multiply(flame: &Option<FlameSession>, children: u64) -> String {
    let flame = flame.as_ref().and_then(FlameSession::flame);
    let (is_over, (blocked, until_the_end)) = (AtomicBool::new(false), channel::<()>());
    let (say, is_blocked) = channel();
    let go_on = |act: &dyn Fn()| {
        while !is_over.load(Relaxed) {
            act();
        }
    };
    let make = || info_span!("others").in_scope(|| info_span!("within").in_scope(|| ()));
    let begin = || thread::scope(|scope| drop(scope.spawn(make)));
    let read = || drop(flame.as_ref().map(Flame::snapshot));
    let go_on = &go_on;
    thread::scope(|scope| {
        scope.spawn(move || {
            let _span = info_span!("blocked").entered();
            say.send(()).expect("somebody waits");
            until_the_end.recv().expect_err("nothing is sent");
        });
        is_blocked.recv().expect("it gets there");
        for act in [&make as &(dyn Fn() + Sync), &begin, &read] {
            scope.spawn(move || go_on(&act));
        }
        let answers = (1..=children).map(|count| {
            info_span!("before").in_scope(|| ());
            in_a_child(|| live_on(flame.as_ref(), count))
        });
        let answers: Vec<_> = answers.collect();
        is_over.store(true, Relaxed);
        drop(blocked);
        answers.concat().replace('\n', "; ")
    })
}

/// What a child does. One that finds something wrong, or hangs, ends by a signal.
fn live_on(flame: Option<&Flame>, before: u64) {
    // SAFETY: it takes a number.
    unsafe { libc::alarm(PATIENCE) };
    (0..SPANS).for_each(|_| info_span!("after").in_scope(|| ()));
    let others = thread::spawn(|| info_span!("thread").in_scope(|| ()));
    others.join().expect("no panic");
    if let Some(flame) = flame
        && let Err(what) = check(flame, before)
    {
        eprintln!("{what}");
        process::abort();
    }
}

fn check(flame: &Flame, before: u64) -> Result<(), String> {
    let profile = flame.snapshot();
    let is = |frame: &Frame, name: &str| matches!(frame, Frame::Span(it) if it.name == name);
    let called = |name: &str| -> u64 {
        let named = profile.nodes().iter().filter(|node| is(&node.frame, name));
        named.map(|node| node.measures.calls).sum()
    };
    let expected = [("blocked", 1), ("before", before), ("after", SPANS), ("thread", 1)];
    for (name, count) in expected {
        if called(name) != count {
            return Err(format!("{} of {count} {name}: {:?}", called(name), profile.anomalies()));
        }
    }
    if profile.anomalies().exited_by_thread_end == 0 {
        return Err("the thread that is blocked in the parent goes on here".to_owned());
    }
    let live = profile.live().iter().map(|thread| &thread.name).collect::<Vec<_>>();
    if live.iter().any(|name| ***name != *"main") {
        return Err(format!("these are in the parent: {live:?}"));
    }
    let names = fs::read_dir("/proc/self/task").map_err(|e| e.to_string())?;
    let names = names.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let names: Vec<_> = names.collect();
    if !names.iter().any(|name| name.trim() == "flame-collector") {
        return Err(format!("nobody reads but the host: {names:?}"));
    }
    Ok(())
}

thread_local! {
    /// Whether the clock forks when it is read.
    static FORKS: Cell<bool> = const { Cell::new(false) };
}

/// Forks in the middle of a callback of a layer's, by its clock. The child goes on, and
/// nothing of it is recorded: the thread may have been about to change anything.
pub(crate) fn fork_within_a_callback() -> String {
    let child = Arc::new(AtomicI32::new(-1));
    let forked = Arc::clone(&child);
    let clock = Clock::from_nanos(move || {
        if FORKS.take() {
            // SAFETY: no other thread of the host's is in the midst of anything.
            forked.store(unsafe { libc::fork() }, Relaxed);
        }
        0
    });
    let (layer, flame) = FlameLayer::builder().clock(clock).build();
    with_default(registry().with(layer), || {
        info_span!("before").in_scope(|| ());
        FORKS.set(true);
        info_span!("during").in_scope(|| ());
        if child.load(Relaxed) != 0 {
            return wait_for(child.load(Relaxed));
        }
        // SAFETY: both take numbers.
        unsafe { libc::alarm(PATIENCE) };
        (0..SPANS).for_each(|_| info_span!("after").in_scope(|| ()));
        thread::spawn(|| info_span!("thread").in_scope(|| ())).join().expect("no panic");
        flame.stop();
        flame.start();
        let is_as_it_should_be = flame.snapshot().is_empty() && !flame.is_recording();
        flame.finish();
        // SAFETY: it ends the process.
        unsafe { libc::_exit(if is_as_it_should_be { 7 } else { 1 }) }
    })
}
