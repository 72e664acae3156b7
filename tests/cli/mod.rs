//! The `--flame` flags in a program with a subscriber of its own.

mod filter;
mod host;

use std::{
    fs,
    sync::mpsc::{Receiver, Sender, channel},
};

use clap::Parser;
use reth_cli_ext::{FlameArgs, FlameSession, Reporter};
use tempfile::TempDir;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    flame: FlameArgs,
}

struct Lines(Sender<String>);

impl Reporter for Lines {
    fn info(&self, line: &str) {
        let _ = self.0.send(line.to_owned());
    }

    fn error(&self, line: &str) {
        self.info(line);
    }
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
            ["x", "--flame", "--flame-hide-await", "--flame-duration", "0", "--flame-output"]
                .into_iter()
                .chain(output.to_str())
                .chain(flags.split_whitespace());
        let (sender, lines) = channel();
        let session = Cli::parse_from(line)
            .flame
            .session_reporting(Lines(sender))
            .expect("flags that make sense");
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
