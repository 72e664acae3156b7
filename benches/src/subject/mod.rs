//! Ways to set a process up.

mod ours;
#[cfg(feature = "peers")]
mod peers;
mod session;
mod stack;

use std::{any::Any, fmt, path::Path, str::FromStr, time::Duration};

use tracing_flame_layer::Flame;
use tracing_subscriber::{Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    Error, Result,
    layers::{Floor, NoOp},
    shape::Shape,
};

/// One way to set a process up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The Registry under a layer that does nothing: the baseline.
    NoOp,
    /// The least that a layer can do.
    Floor,
    /// Ours.
    Ours,
    /// Ours of an older commit: [`crate::older`].
    Older,
    /// Ours, and a snapshot each millisecond.
    Snapshots,
    /// Ours, and 1,000 threads a minute that come and go with 100 operations each.
    Crowd,
    /// Ours, following operations of a name that no span has.
    Elsewhere,
    /// Ours, the parent in `loop` and `fan-out` named an operation.
    Named,
    /// Ours, the parent in `loop` and `fan-out` an operation that is followed.
    Followed,
    /// Ours, that parent and the first span of each chain and of each flat row followed.
    FollowedChains,
    /// Ours, those followed and kept by classes of latency.
    Classed,
    /// Ours as `--flame` sets it up.
    Session,
    /// The same with `--flame-listen`, and nobody who asks.
    SessionListening,
    /// A stack of filtered layers, a no-op layer in our place without a filter.
    StackNoOp,
    /// The same, the no-op layer filtered the usual way.
    StackNoOpFiltered,
    /// The stack with ours, without a filter.
    StackOurs,
    /// The stack with ours through `FlameLayer::with_filter`.
    StackFiltered,
    /// The stack with ours through a filter that goes by callsites.
    StackCallsite,
    /// tracing-flame.
    TracingFlame,
    /// tracing-chrome.
    TracingChrome,
    /// tracing-samply.
    TracingSamply,
    /// fastrace.
    Fastrace,
}

/// Every subject with its name on the command line.
const NAMES: [(Subject, &str); 22] = [
    (Subject::NoOp, "no-op"),
    (Subject::Floor, "floor"),
    (Subject::Ours, "ours"),
    (Subject::Older, "older"),
    (Subject::Snapshots, "snapshots"),
    (Subject::Crowd, "crowd"),
    (Subject::Elsewhere, "elsewhere"),
    (Subject::Named, "named"),
    (Subject::Followed, "followed"),
    (Subject::FollowedChains, "followed-chains"),
    (Subject::Classed, "classed"),
    (Subject::Session, "session"),
    (Subject::SessionListening, "session-listening"),
    (Subject::StackNoOp, "stack-no-op"),
    (Subject::StackNoOpFiltered, "stack-no-op-filtered"),
    (Subject::StackOurs, "stack-ours"),
    (Subject::StackFiltered, "stack-filtered"),
    (Subject::StackCallsite, "stack-callsite"),
    (Subject::TracingFlame, "tracing-flame"),
    (Subject::TracingChrome, "tracing-chrome"),
    (Subject::TracingSamply, "tracing-samply"),
    (Subject::Fastrace, "fastrace"),
];

/// The other tools, where they are built in.
pub const PEERS: &[Subject] = if cfg!(feature = "peers") {
    &[Subject::TracingFlame, Subject::TracingChrome, Subject::TracingSamply, Subject::Fastrace]
} else {
    &[]
};

/// A subject that is set up.
pub struct Installed {
    subject: Subject,
    /// Of ours, to read it.
    pub flame: Option<Flame>,
    /// Writes what a peer has buffered and waits until that is done.
    settle: Option<Box<dyn FnMut()>>,
    _guard: Option<Box<dyn Any>>,
}

impl Installed {
    fn new(subject: Subject) -> Self {
        Self { subject, flame: None, settle: None, _guard: None }
    }

    /// Runs a shape; `None` where the subject has nothing of the kind.
    #[must_use]
    pub fn run(&self, shape: Shape, units: u64) -> Option<Duration> {
        match self.subject {
            #[cfg(feature = "peers")]
            Subject::Fastrace => shape.run_fastrace(units),
            _ => Some(shape.run(units)),
        }
    }

    /// Waits until what was recorded has been dealt with.
    pub fn settle(&mut self) {
        match (&mut self.settle, &self.flame) {
            (Some(settle), _) => settle(),
            // Whoever reads ours first reads what its threads have logged.
            (None, Some(flame)) => drop(flame.snapshot()),
            (None, None) => {}
        }
    }
}

impl Subject {
    /// What its instructions are counted over.
    #[must_use]
    pub fn base(self) -> Self {
        match self {
            Self::Elsewhere => Self::Ours,
            Self::Followed => Self::Named,
            Self::Classed => Self::FollowedChains,
            _ => Self::NoOp,
        }
    }

    /// Sets this process up, once; files go to `output`.
    ///
    /// # Errors
    ///
    /// Where a subscriber is set already, a file cannot be made, the subject is a peer and
    /// peers are not built in, or it is of another commit.
    pub fn install(self, output: &Path) -> Result<Installed> {
        match self {
            Self::NoOp => plain(self, NoOp),
            Self::Floor => plain(self, Floor),
            Self::Ours
            | Self::Snapshots
            | Self::Crowd
            | Self::Elsewhere
            | Self::Named
            | Self::Followed
            | Self::FollowedChains
            | Self::Classed => ours::install(self),
            Self::Older => Err("an older commit's recorder is a program of its own".into()),
            Self::Session | Self::SessionListening => session::install(self, output),
            Self::StackNoOp
            | Self::StackNoOpFiltered
            | Self::StackOurs
            | Self::StackFiltered
            | Self::StackCallsite => stack::install(self),
            #[cfg(feature = "peers")]
            _ => peers::install(self, output),
            #[cfg(not(feature = "peers"))]
            _ => Err(format!("{self} needs `--features peers`, for {}", output.display()).into()),
        }
    }
}

/// One layer on a Registry, for the whole process.
fn plain(subject: Subject, layer: impl Layer<Registry> + Send + Sync) -> Result<Installed> {
    tracing_subscriber::registry().with(layer).try_init()?;
    Ok(Installed::new(subject))
}

impl fmt::Debug for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installed").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES.iter().find(|(subject, _)| subject == self).map_or("?", |(_, n)| n))
    }
}

impl FromStr for Subject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        NAMES.iter().find(|(_, name)| *name == text).map(|(subject, _)| *subject).ok_or_else(|| {
            let known: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
            format!("no subject is called {text:?}; there are {}", known.join(", ")).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_is_found_by_its_name() {
        for (subject, name) in NAMES {
            assert_eq!(subject.to_string(), name);
            assert_eq!(name.parse::<Subject>().unwrap(), subject);
        }
    }
}
