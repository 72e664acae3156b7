//! A stand-in for a node built on the reth SDK: its command line, its layers, its
//! spans and its ways out, without the node.
//!
//! As in `examples/reth`, an outer parser flattens the flame flags and the node's
//! own; what it runs holds the session, not `main`, which leaves by
//! `process::exit` where something failed.

mod block;
mod database;
mod logs;
mod pool;

use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
    process::{abort, exit},
    thread,
};

use clap::{Args, Parser, Subcommand};
use reth_cli_ext::{FlameArgs, FlameSession, Preset};

use self::{block::Engine, database::Database, logs::LogArgs};

/// The node's own command line and the flame flags beside it.
#[derive(Parser)]
#[command(version, about = "A stand-in for a node")]
struct Outer {
    #[command(flatten)]
    flame: FlameArgs<Node>,
    #[command(flatten)]
    node: Cli,
}

/// What the node presets.
struct Node;

impl Preset for Node {
    const FILTER: &'static str = "debug,engine=trace";
    const IDLE: &'static [&'static str] = &["storage_worker"];
    const TITLE: &'static str = "node";
}

#[derive(Args)]
struct Cli {
    #[command(flatten)]
    logs: LogArgs,
    /// Where the database is
    #[arg(long, global = true, default_value = "datadir")]
    datadir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run it, as it is told by its input
    Node {
        #[arg(long)]
        dev: bool,
    },
    /// Import so many blocks, then end
    Import { blocks: u64 },
    /// What is done to parts of the node
    Stage {
        #[command(subcommand)]
        command: StageCommand,
    },
}

#[derive(Subcommand)]
enum StageCommand {
    /// Run a stage over so many blocks
    Run { stage: String, blocks: u64 },
}

fn main() {
    let Outer { flame, node } = Outer::parse();
    let flame = flame.session().unwrap_or_else(|error| error.exit());
    if let Err(why) = node.run(flame) {
        eprintln!("Error: {why}");
        exit(1);
    }
}

impl Cli {
    fn run(self, mut flame: FlameSession) -> Result<(), String> {
        // Dropped at the end, on an error and on a panic.
        self.logs.install(flame.layer());
        let _flame = flame;
        let database = Database::open(&self.datadir)?;
        let engine = Engine::start(database);
        match self.command {
            Command::Node { dev } => listen(&engine, dev),
            Command::Import { blocks } => {
                (0..blocks).for_each(|number| engine.import(number));
                Ok(())
            }
            Command::Stage { command: StageCommand::Run { stage, blocks } } => {
                engine.run_stage(&stage, blocks)
            }
        }
    }
}

/// Does what each line of the input says, until a signal, and answers it.
fn listen(engine: &Engine, dev: bool) -> Result<(), String> {
    let orders = orders();
    for (number, order) in (u64::from(!dev)..).zip(orders) {
        match order.as_str() {
            "block" => engine.on_new_payload(number),
            "end" => return Ok(()),
            "fail" => return Err("asked to fail".to_owned()),
            "panic" => panic!("asked to panic"),
            "exit" => exit(7),
            "abort" => abort(),
            _ => return Err(format!("`{order}` is no order")),
        }
        writeln!(io::stdout(), "done").map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// The lines of the input; ended by SIGINT and SIGTERM, which are the node's to
/// handle, and by the input's end.
fn orders() -> impl Iterator<Item = String> {
    let (sender, orders) = std::sync::mpsc::channel();
    #[cfg(unix)]
    {
        use signal_hook::{consts, iterator::Signals};
        let sender = sender.clone();
        let mut signals = Signals::new([consts::SIGINT, consts::SIGTERM]).expect("signal handlers");
        thread::spawn(move || signals.forever().try_for_each(|_| sender.send(None)));
    }
    thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        let ended = lines.map(Some).try_for_each(|line| sender.send(line));
        ended.and_then(|()| sender.send(None))
    });
    orders.into_iter().map_while(|order| order)
}
