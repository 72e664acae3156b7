//! A program with the `--flame` flags that meets with accidents: each line of its
//! input is one, or some work, and is answered by a line of output.
//!
//! With `--flame` and without, its output and its exit status are the same; the
//! tests in `tests/faults` see to that.

#[cfg(unix)]
mod daemon;
#[cfg(unix)]
mod disposition;
#[cfg(unix)]
mod family;
mod farewell;
#[cfg(unix)]
mod offspring;
#[cfg(target_os = "linux")]
mod pages;
#[cfg(target_os = "linux")]
mod quiet;
#[cfg(target_os = "linux")]
mod realtime;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod sandbox;
#[cfg(unix)]
mod signals;
mod threads;

use std::{
    fs::{File, OpenOptions},
    hint::black_box,
    io::{self, BufRead, Write},
    mem,
    process::{ExitCode, abort, exit},
    thread,
    time::{Duration, SystemTime},
};

use clap::Parser;
use reth_cli_ext::{FlameArgs, FlameSession};
use tracing::info_span;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,
}

/// What it ends with where nothing else is asked for.
const STATUS: u8 = 3;

fn main() -> ExitCode {
    let mut flame = Cli::parse().flame.session().unwrap_or_else(|error| error.exit());
    tracing_subscriber::registry().with(flame.layer()).init();
    let mut host = Host { flame: Some(flame), files: Vec::new() };
    for line in io::stdin().lock().lines() {
        let line = line.expect("text");
        let (what, with) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = host.perform(what, with);
        writeln!(io::stdout(), "{answer}").expect("somebody who listens");
    }
    // What becomes of the picture is no business of the host's.
    drop(host.flame.take());
    ExitCode::from(STATUS)
}

struct Host {
    flame: Option<FlameSession>,
    /// Kept open.
    files: Vec<File>,
}

impl Host {
    fn perform(&mut self, what: &str, with: &str) -> String {
        match what {
            "work" => work(with.parse().expect("a number")),
            "panic" => panic!("asked to panic"),
            "worker" => panic_in_a_worker(),
            "exit" => exit(with.parse().expect("a number")),
            "abort" => abort(),
            "overflow" => overflow_in_a_thread(),
            "farewell" => farewell::bid(),
            "crowd" => self.use_up_files(),
            "fill" => fill(with),
            "clock" => look_at_the_clock(),
            "hand" => hand_over(with.parse().expect("a number")),
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            "forbid" => sandbox::forbid_barriers(with.parse().expect("a number")),
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            "forbid-events" => sandbox::forbid_events(),
            "crowded" => threads::crowd(with),
            "threads" => threads::one_by_one(with.parse().expect("a number")),
            "sleep" => threads::sleep(with.parse().expect("a number")),
            "hold" => hold_standard_error(),
            #[cfg(unix)]
            "heed" => disposition::heed(with.parse().expect("a number")),
            #[cfg(unix)]
            "shut" => disposition::shut(with.parse().expect("a number")),
            #[cfg(unix)]
            "await" => disposition::await_own(with.parse().expect("a number")),
            #[cfg(unix)]
            "spawn" => family::spawn(with),
            #[cfg(unix)]
            "fork" => family::fork(&mut self.flame),
            #[cfg(target_os = "linux")]
            "pages" => pages::touch(with.parse().expect("a number")),
            #[cfg(target_os = "linux")]
            "quiet" => quiet::look(with.parse().expect("a number"), self.flame.as_ref()),
            #[cfg(target_os = "linux")]
            "realtime" => realtime::hand_over(&self.flame, with.parse().expect("a number")),
            #[cfg(unix)]
            "within" => offspring::fork_within_a_callback(),
            #[cfg(unix)]
            "multiply" => offspring::multiply(&self.flame, with.parse().expect("a number")),
            #[cfg(unix)]
            "daemon" => daemon::become_one(with.parse().expect("a number")),
            #[cfg(unix)]
            "end" if with == "in a child" => daemon::end_in_a_child(&mut self.flame),
            #[cfg(unix)]
            "end" if with == "before a child" => daemon::end_before_a_child(&mut self.flame),
            #[cfg(unix)]
            "signal" => family::fork_and_signal(with.parse().expect("a number")),
            #[cfg(unix)]
            "become" => family::become_another(with),
            #[cfg(unix)]
            "handle" => signals::handle(with.parse().expect("a number")),
            #[cfg(unix)]
            "handled" => signals::handled(with.parse().expect("a number")),
            #[cfg(unix)]
            "block" => signals::block(with.parse().expect("a number")),
            #[cfg(unix)]
            "take" => signals::take(with.parse().expect("a number")),
            #[cfg(unix)]
            "raise" => signals::raise(with.parse().expect("a number")),
            #[cfg(unix)]
            "close-all" => signals::close_all_files(),
            _ => panic!("`{what}` is nothing to do"),
        }
    }

    fn use_up_files(&mut self) -> String {
        while let Ok(file) = File::open("/dev/null") {
            self.files.push(file);
        }
        "no file is left".to_owned()
    }
}

/// Takes standard error's lock for good, as a program does that writes to it a lot.
fn hold_standard_error() -> String {
    mem::forget(io::stderr().lock());
    "holds standard error".to_owned()
}

/// Makes so many spans.
fn work(spans: u64) -> String {
    let sum: u64 = (0..spans).map(|n| info_span!("job").in_scope(|| black_box(n))).sum();
    format!("worked, {sum}")
}

/// Makes and enters so many spans, each of which another thread enters and closes.
fn hand_over(spans: u64) -> String {
    let (send, receive) = std::sync::mpsc::sync_channel::<tracing::Span>(1);
    let other = thread::spawn(move || {
        receive.iter().map(|span| span.in_scope(|| black_box(1_u64))).sum::<u64>()
    });
    for _ in 0..spans {
        let span = info_span!("job");
        span.in_scope(|| black_box(0));
        send.send(span).expect("the other thread waits");
    }
    drop(send);
    format!("{} were handed over", other.join().expect("no panic"))
}

fn panic_in_a_worker() -> String {
    let worker = thread::Builder::new().name("worker".to_owned());
    let worker = worker.spawn(|| {
        let _outer = info_span!("worker").entered();
        let _inner = info_span!("job").entered();
        panic!("asked to panic in a worker");
    });
    match worker.expect("a thread").join() {
        Ok(()) => "the worker is well".to_owned(),
        Err(_) => "the worker panicked".to_owned(),
    }
}

fn overflow_in_a_thread() -> String {
    thread::spawn(|| descend(0)).join().map_or_else(|_| "panicked".to_owned(), |n| n.to_string())
}

/// Goes down until there is no stack left.
fn descend(depth: u64) -> u64 {
    let _span = info_span!("descend").entered();
    let room = black_box([depth; 64]);
    if room[0] == u64::MAX { 0 } else { descend(room[0] + 1) + black_box(room[1]) }
}

/// Whether it went by decades between two looks.
fn look_at_the_clock() -> String {
    const DECADE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let (one, other) = (SystemTime::now(), SystemTime::now());
    let apart = other.duration_since(one).unwrap_or_else(|error| error.duration());
    format!("the clock was stepped: {}", apart > DECADE)
}

/// Fills the disk that a directory is on.
fn fill(directory: &str) -> String {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(format!("{directory}/filler"))
        .expect("a file");
    for size in [4096, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
    "the disk is full".to_owned()
}
