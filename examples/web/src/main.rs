//! An axum service in which each route is a frame:
//!
//! ```text
//! cargo run --release -p web -- --flame --flame-duration 0 --flame-output web.svg
//! hey -n 300 -c 10 http://127.0.0.1:8080/users/7
//! ```
//!
//! and Ctrl-C. What it does, and why, is told in `docs/web.md`.

mod app;
mod orders;
mod shutdown;
mod tally;
mod users;

use std::{error::Error, io, net::SocketAddr};

use clap::Parser;
use reth_cli_ext::{FlameArgs, Preset};
use tokio::{net::TcpListener, runtime::Runtime};
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use crate::{app::App, shutdown::Shutdown};

/// Answers requests, and can draw where their time went.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Where to listen; port 0 takes one that is free
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// What to do about Ctrl-C and SIGTERM
    #[arg(long, value_enum, default_value_t = Shutdown::Graceful)]
    shutdown: Shutdown,

    #[command(flatten)]
    flame: FlameArgs<Web>,
}

/// What `--flame` shows of this program where nothing else is typed.
struct Web;

impl Preset for Web {
    // Each route is a frame of its own: `request{route="/users/{id}",method=GET}`.
    const FIELDS: &'static [&'static str] = &["request{route,method}"];
    const OPERATION: &'static [&'static str] = &["request"];
    // What the transport says of itself is not what a request is made of.
    const FILTER: &'static str = "debug,h2=off,hyper=off";
    const TITLE: &'static str = "web";
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let mut flame = cli.flame.session().unwrap_or_else(|e| e.exit());
    let log = fmt::layer().with_writer(io::stderr).with_filter(EnvFilter::from_default_env());
    registry().with(flame.layer()).with(log).init();

    let app = App::default();
    Runtime::new()?.block_on(serve(&cli, &app))?;
    print!("{}", app.tally);

    flame.finish()?;
    Ok(())
}

async fn serve(cli: &Cli, app: &App) -> io::Result<()> {
    let listener = TcpListener::bind(cli.listen).await?;
    println!("listening on {}", listener.local_addr()?);
    cli.shutdown.serve(listener, app).await
}
