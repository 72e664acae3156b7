//! What is told of a profile, one thing at a time.

use crate::profile::Callsite;

/// What a finding was made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// A frame in a state has much of the time.
    Part,
    /// Threads waited for a CPU.
    Cpu,
    /// Operations in high classes of latency took far longer than the typical one.
    Classes,
    /// One operation that is known by itself did.
    Operation,
    /// Operations are most likely parts of another.
    Orphans,
}

impl Rule {
    /// What it is called in a file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Cpu => "cpu",
            Self::Classes => "classes",
            Self::Operation => "operation",
            Self::Orphans => "orphans",
        }
    }

    /// How its time was found.
    pub(super) fn how(self) -> &'static str {
        match self {
            Self::Part => {
                "own time of all frames of that name, without what stands on them, in that state"
            }
            Self::Cpu => {
                "the time in which threads in spans were ready to run and did not, of all frames \
                 together: the growth of the run delay that the kernel counts for each thread"
            }
            Self::Classes => {
                "the time of operations three classes of latency above the median's or more, \
                 each at least four times as long as any in that class, less as many means of it"
            }
            Self::Operation => "its time less the mean of the class of latency with the median",
            Self::Orphans => {
                "all time of operations of that name; those counted began on a thread with \
                 nothing entered, while a thread of another operation slept in a span until they \
                 had ended"
            }
        }
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) rule: Rule,
    /// In one sentence, without an end.
    pub(super) what: String,
    /// The frame that it is about, as a label, where it is about one.
    pub(super) frame: Option<String>,
    /// The state, as in pictures; none is on a CPU, or all of it where no state is known.
    pub(super) state: Option<&'static str>,
    /// What it is worth, of the time of all operations.
    pub(super) nanos: u64,
    pub(super) of_nanos: u64,
    /// Where the most of it is, from the root up.
    pub(super) stack: Vec<String>,
    /// Where in the source.
    pub(super) places: Vec<Callsite>,
    /// Sentences with further figures.
    pub(super) figures: Vec<String>,
    /// Numbers by name, for programs: times in nanoseconds end in `_nanos`.
    pub(super) numbers: Vec<(&'static str, u64)>,
}
