//! Threads that are in spans, and need what the host needs too.

use std::{
    fs::File,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use tracing::info_span;

/// How long each of them sleeps in its span.
const SLEEP: Duration = Duration::from_millis(2);

/// Has so many threads be in spans at once; opens so many files meanwhile.
pub(crate) fn crowd(with: &str) -> String {
    let (threads, files) = with.split_once(' ').expect("two numbers");
    let (threads, files): (usize, usize) =
        (threads.parse().expect("a number"), files.parse().expect("a number"));
    let (inside, opened) =
        (Arc::new(Barrier::new(threads + 1)), Arc::new(Barrier::new(threads + 1)));
    let crowd: Vec<_> = (0..threads)
        .map(|_| {
            let (inside, opened) = (Arc::clone(&inside), Arc::clone(&opened));
            thread::spawn(move || {
                info_span!("job").in_scope(|| {
                    inside.wait();
                    opened.wait();
                    thread::sleep(SLEEP);
                });
            })
        })
        .collect();
    inside.wait();
    let files: Vec<_> = (0..files).map_while(|_| File::open("/dev/null").ok()).collect();
    opened.wait();
    let joined = crowd.into_iter().filter_map(|thread| thread.join().ok()).count();
    format!("{joined} threads, and {} files", files.len())
}

/// Has one thread after the other sleep in a span.
pub(crate) fn one_by_one(threads: u32) -> String {
    let sleep = || info_span!("job").in_scope(|| thread::sleep(Duration::from_micros(1)));
    let joined = (0..threads).filter(|_| thread::spawn(sleep).join().is_ok()).count();
    format!("{joined} threads came and went")
}

/// Sleeps in a span, so many times.
pub(crate) fn sleep(times: u32) -> String {
    (0..times).for_each(|_| info_span!("job").in_scope(|| thread::sleep(SLEEP)));
    format!("slept {times} times")
}
