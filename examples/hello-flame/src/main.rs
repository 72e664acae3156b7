//! The smallest program with the `--flame` flags: it greets, and where the time
//! went is drawn by
//!
//! ```text
//! cargo run -p hello-flame -- --flame --flame-output hello.svg greet Ada Grace
//! ```

use std::{
    error::Error,
    io::{self, BufRead, Write},
};

use clap::{Parser, Subcommand};
use reth_cli_ext::FlameArgs;
use tracing::{info_span, instrument, level_filters::LevelFilter};
use tracing_subscriber::{Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Greets people, and can draw where the time went.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Greet each name, then end
    Greet {
        /// Who is greeted
        #[arg(default_value = "world")]
        names: Vec<String>,
    },
    /// Greet each line of the standard input until it ends, or until Ctrl-C
    Serve,
    /// Panic in the middle of a greeting
    Fail,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let mut flame = cli.flame.session().unwrap_or_else(|e| e.exit());
    let log = fmt::layer().with_writer(io::stderr).with_filter(LevelFilter::WARN);
    tracing_subscriber::registry().with(flame.layer()).with(log).init();

    cli.command.run()?;

    flame.finish()?;
    Ok(())
}

impl Command {
    fn run(self) -> io::Result<()> {
        match self {
            Self::Greet { names } => names.iter().try_for_each(|name| greet(name)),
            Self::Serve => serve(),
            Self::Fail => fail(),
        }
    }
}

#[instrument]
fn greet(name: &str) -> io::Result<()> {
    let greeting = info_span!("compose").in_scope(|| format!("hello, {name}"));
    let _span = info_span!("print").entered();
    writeln!(io::stdout(), "{greeting}")
}

#[instrument]
fn serve() -> io::Result<()> {
    let mut lines = io::stdin().lock().lines();
    while let Some(name) = info_span!("wait for a line").in_scope(|| lines.next()) {
        greet(&name?)?;
    }
    Ok(())
}

#[instrument]
fn fail() -> io::Result<()> {
    panic!("asked to fail");
}
