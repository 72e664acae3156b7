//! The `--flame` flags in a program with a subscriber of its own.

mod filter;
mod host;

use std::{fs, sync::mpsc::Receiver};

use clap::Parser;
use reth_cli_ext::{FlameArgs, FlameSession};
use tempfile::TempDir;

use crate::lines::Lines;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,
}

/// One `--flame` run that writes folded stacks into a directory of its own.
struct Flamed {
    directory: TempDir,
    lines: Receiver<String>,
    session: FlameSession,
}

impl Flamed {
    fn new(flags: &str) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let output = directory.path().join("spans.folded");
        let line =
            "x --flame --flame-hide-await --flame-states off --flame-duration 0 --flame-output"
                .split_whitespace()
                .chain(output.to_str())
                .chain(flags.split_whitespace());
        let (reporter, lines) = Lines::new();
        let session =
            Cli::parse_from(line).flame.session_reporting(reporter).expect("flags that make sense");
        Self { directory, lines, session }
    }

    /// The stacks recorded, without their weights, and the last line.
    fn finish(self) -> (Vec<String>, String) {
        self.session.finish().expect("a picture");
        let folded = fs::read_to_string(self.directory.path().join("spans.folded"));
        let stacks = folded
            .expect("a picture")
            .lines()
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(stack, _weight)| stack.to_owned())
            .collect();
        (stacks, self.lines.iter().last().unwrap_or_default())
    }
}
