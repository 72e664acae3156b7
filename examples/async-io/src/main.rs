//! A page server that waits for most of its time: for a slow dependency, for its
//! turn, for a disk. Clients in the same program ask it for pages and then it
//! ends, so that one command draws where the time of a request went:
//!
//! ```text
//! cargo run --release -p async-io -- --flame --flame-output async-io.svg
//! ```
//!
//! The sockets are real, on loopback. Only the server has spans; the clients and
//! the dependency stand for other machines. `docs/reading.md` reads the picture.

mod client;
mod dependency;
mod page;
mod server;
mod wire;

use std::{error::Error, io, path::PathBuf, time::Instant};

use clap::{Parser, value_parser};
use reth_cli_ext::FlameArgs;
use tokio::runtime;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::{page::Pages, server::Server};

/// Serves pages over a slow dependency, asks for some, and can draw where the
/// time went.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// How many pages are asked for
    #[arg(long, default_value_t = 40, value_parser = value_parser!(u32).range(1..))]
    requests: u32,

    /// How many clients ask, each for one page at a time
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..=1_000))]
    clients: u32,

    /// How many requests may load their items at once
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u32).range(1..=1_000))]
    permits: u32,

    /// The file that each request reads [default: this program]
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,

    #[command(flatten)]
    flame: FlameArgs,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let mut flame = cli.flame.session().unwrap_or_else(|e| e.exit());
    tracing_subscriber::registry().with(flame.layer()).init();

    // Two workers, so that the picture is much the same on every machine.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&cli))?;
    drop(runtime);

    flame.finish()?;
    Ok(())
}

/// Starts both servers, lets the clients ask, and waits for what the requests
/// left running.
async fn run(cli: &Cli) -> io::Result<()> {
    let file = match &cli.file {
        Some(file) => file.clone(),
        None => std::env::current_exe()?,
    };
    let dependency = dependency::start().await?;
    let pages = Pages::new(dependency, file, cli.permits as usize);
    let server = Server::start(pages).await?;

    let start = Instant::now();
    client::ask(server.address(), cli.requests, cli.clients).await?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} requests by {} clients in {seconds:.3} s", cli.requests, cli.clients);

    server.stop().await;
    Ok(())
}
