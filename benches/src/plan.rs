//! How much of everything is run.

use crate::Result;

/// What is run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Ours beside that of an older commit.
    Against,
    /// Spans of all shapes, by ours and by other tools.
    Spans,
    /// What the engine takes.
    Engine,
    /// Threads that make nothing but spans.
    Overload,
    /// Snapshots while threads make spans.
    Snapshots,
    /// Spans between which something else has the caches.
    Cold,
    /// Memory over many spans and threads.
    Memory,
    /// Snapshots and pictures.
    Stacks,
    /// Instructions and allocations.
    Instructions,
}

/// Every part with its name, in the order of the document.
const PARTS: [(Part, &str); 9] = [
    (Part::Against, "against"),
    (Part::Spans, "spans"),
    (Part::Overload, "overload"),
    (Part::Engine, "engine"),
    (Part::Snapshots, "snapshots"),
    (Part::Cold, "cold"),
    (Part::Memory, "memory"),
    (Part::Stacks, "stacks"),
    (Part::Instructions, "instructions"),
];

/// How much of everything is run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Just to see that it runs.
    pub brief: bool,
    /// The commit that today's recorder is compared with.
    pub against: Option<String>,
    /// What is run.
    pub parts: Vec<Part>,
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
    against: None,
    parts: Vec::new(),
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
    against: None,
    parts: Vec::new(),
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
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (mut plan, mut against, mut parts) = (FULL, None, Vec::new());
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => {}
                "--brief" => plan = BRIEF,
                "--against" => against = Some(arguments.next().ok_or("--against needs a commit")?),
                "--only" => parts.push(part(&arguments.next().unwrap_or_default())?),
                _ => {
                    let known = "--brief, --against <commit> and --only <part>";
                    return Err(format!("unknown argument {argument}; there are {known}").into());
                }
            }
        }
        if parts.is_empty() {
            parts = PARTS.map(|(part, _)| part).into();
        }
        Ok(Self { against, parts, ..plan })
    }

    /// Whether all of the document is run, as fully as it is to be.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.brief && self.against.is_some() && self.parts.len() == PARTS.len()
    }
}

fn part(name: &str) -> Result<Part> {
    PARTS.iter().find(|(_, known)| *known == name).map(|(part, _)| *part).ok_or_else(|| {
        let known: Vec<_> = PARTS.iter().map(|(_, name)| *name).collect();
        format!("no part is called {name:?}; there are {}", known.join(", ")).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(line: &str) -> Result<Plan> {
        Plan::from_arguments(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_document_is_written_by_all_of_it_beside_an_older_commit() {
        assert!(plan("--against 3f37c93 --bench").unwrap().is_whole());
        for less in ["", "--against 3f37c93 --brief", "--against 3f37c93 --only against"] {
            assert!(!plan(less).unwrap().is_whole(), "{less}");
        }
    }

    #[test]
    fn what_is_not_known_is_an_error_that_names_what_is() {
        for (wrong, named) in [("--onyl x", "--only <part>"), ("--only x", "stacks")] {
            assert!(plan(wrong).unwrap_err().to_string().contains(named), "{wrong}");
        }
    }
}
