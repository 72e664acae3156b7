//! How much of everything is run.

use crate::Result;

/// How much of everything is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Just to see that it runs.
    pub brief: bool,
    /// Sets of processes.
    pub generations: usize,
    /// Runs of a shape by each process.
    pub rounds: usize,
    /// Spans of a run.
    pub spans: u64,
    /// Spans over which memory is watched.
    pub many_spans: u64,
    /// The same for tools that keep something of each span.
    pub many_spans_kept: u64,
    /// Threads over which memory is watched.
    pub many_threads: u64,
    /// The largest number of stacks drawn.
    pub stacks: u64,
}

const FULL: Plan = Plan {
    brief: false,
    generations: 7,
    rounds: 11,
    spans: 10_000,
    many_spans: 10_000_000,
    many_spans_kept: 1_000_000,
    many_threads: 1_000,
    stacks: 1_000_000,
};

const BRIEF: Plan = Plan {
    brief: true,
    generations: 2,
    rounds: 3,
    spans: 4_000,
    many_spans: 200_000,
    many_spans_kept: 100_000,
    many_threads: 100,
    stacks: 10_000,
};

impl Plan {
    /// The plan that a command line asks for.
    ///
    /// # Errors
    ///
    /// Where an argument is not known. cargo itself adds `--bench`.
    pub fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut plan = FULL;
        for argument in arguments {
            match argument.as_str() {
                "--bench" => {}
                "--brief" => plan = BRIEF,
                _ => return Err(format!("unknown argument {argument}; there is --brief").into()),
            }
        }
        Ok(plan)
    }
}
