//! A session that listens, by clients that write raw bytes.

mod abuse;
mod client;
mod dashboard;
mod formats;
mod metrics;
mod openmetrics;
mod session;
mod windows;

use std::{net::SocketAddr, sync::mpsc::Receiver};

use clap::{Args, Command, FromArgMatches};
use reth_cli_ext::{Error, FlameArgs, FlameSession};
use tempfile::TempDir;
use tracing::Dispatch;
use tracing_subscriber::layer::SubscriberExt;

use crate::lines::Lines;

/// A program with a session that listens on a port of its own.
pub(crate) struct Listening {
    session: FlameSession,
    pub(crate) dispatch: Dispatch,
    pub(crate) address: SocketAddr,
    lines: Receiver<String>,
    directory: TempDir,
}

fn start(flags: &str) -> (Result<FlameSession, Error>, Receiver<String>, TempDir) {
    let directory = TempDir::new().expect("a temporary directory");
    let output = directory.path().join("spans.folded");
    let line = ["x", "--flame", "--flame-output", output.to_str().expect("UTF-8")];
    let line = line.into_iter().chain(flags.split_whitespace());
    let matches = FlameArgs::<reth_cli_ext::Plain>::augment_args(Command::new("x"))
        .try_get_matches_from(line)
        .unwrap_or_else(|e| panic!("{flags}: {e}"));
    let args = <FlameArgs>::from_arg_matches(&matches).expect("flags");
    let (reporter, lines) = Lines::new();
    (args.session_reporting(reporter), lines, directory)
}

impl Listening {
    pub(crate) fn new(flags: &str) -> Self {
        let (session, lines, directory) = start(&format!("--flame-listen 0 {flags}"));
        let mut session = session.expect("a session");
        let address = session.listen_address().expect("an address");
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(session.layer()));
        Self { session, dispatch, address, lines, directory }
    }
}
