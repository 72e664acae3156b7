//! What a session says, line by line.

use std::sync::mpsc::{Receiver, Sender, channel};

use reth_cli_ext::Reporter;

/// Hands every line to a test.
pub(crate) struct Lines(Sender<String>);

impl Lines {
    pub(crate) fn new() -> (Self, Receiver<String>) {
        let (sender, lines) = channel();
        (Self(sender), lines)
    }
}

impl Reporter for Lines {
    fn info(&self, line: &str) {
        // Nobody listens where a test has seen enough.
        let _ = self.0.send(line.to_owned());
    }

    fn error(&self, line: &str) {
        self.info(&format!("error: {line}"));
    }
}
