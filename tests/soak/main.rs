//! Hours of everything at once, and then the books are balanced:
//!
//! ```text
//! cargo run --release -p flame-tests --bin flame-soak              an hour
//! cargo run --release -p flame-tests --bin flame-soak -- 10m       its short form
//! ```
//!
//! Sixty-four threads come and go and make spans: nested ones, children of other
//! threads' spans, and tasks that any thread polls. Snapshots are taken up to a
//! hundred times a second, the listener of a session is scraped, and time is taken or
//! not at random. At the end the spans that the profile counts must be those that the
//! threads counted themselves, and no counter of trouble may have moved. After a
//! warm-up of a minute and a half, neither what is asked of the allocator may have grown
//! nor what the process has. What has a bound has reached it by then, as everything
//! begins with what it otherwise comes to by chance in some hours: all threads have as
//! many spans open at once as each ever may, of every length, and so have all jobs. And
//! the allocator [keeps little](allocator::keep_little) of what it is given back.

mod allocator;
mod books;
mod crew;
mod foreman;
mod handle;
mod memory;
mod report;
mod scrape;
mod spans;
mod task;
mod work;

use std::{
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use tracing_flame_layer::FlameLayer;
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

use self::{
    crew::Crew,
    handle::Handle,
    memory::Memory,
    report::Report,
    scrape::{Directory, scrape},
};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

/// Makes spans in every way for a long time, and checks that all are counted.
#[derive(Debug, Parser)]
struct Cli {
    /// How long, such as `1h` or `10m`
    #[arg(default_value = "1h", value_parser = humantime::parse_duration)]
    length: Duration,

    /// How many threads at a time
    #[arg(long, default_value_t = 64)]
    threads: usize,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    allocator::keep_little();
    let (layer, flame) = FlameLayer::new();
    let layer = layer.with_filter(LevelFilter::DEBUG);
    let directory = Directory::new().expect("a directory");
    let mut session = directory.session();
    let address = session.listen_address().expect("a session that listens");
    tracing_subscriber::registry().with(layer).with(session.layer()).init();

    let crew = Arc::new(Crew::new());
    let handle = Handle::new(flame, Arc::clone(&crew));
    let started = Instant::now();
    let foreman = Crew::start(&crew, cli.threads);
    let until = started + cli.length;
    let (scrapes, snapshots, switches, memory) = thread::scope(|scope| {
        let scrapes = scope.spawn(move || scrape(address, until));
        let snapshots = scope.spawn(|| handle.look(until));
        let switches = scope.spawn(|| handle.switch(until));
        let memory = scope.spawn(move || Memory::watch(until));
        let memory = memory.join().expect("no panic");
        (
            scrapes.join().expect("no panic"),
            snapshots.join().expect("no panic"),
            switches.join().expect("no panic"),
            memory,
        )
    });
    crew.end(foreman);
    session.finish().expect("a picture");
    let report = Report {
        length: started.elapsed(),
        profile: handle.end(),
        counted: crew.books.counted(),
        made: crew.books.made(),
        threads: crew.threads(),
        snapshots,
        switches,
        scrapes,
        memory,
    };
    print!("{report}");
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
