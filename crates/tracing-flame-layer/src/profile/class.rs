//! Classes of latency: what operations measured that took about as long.

use super::{Histogram, Measures, NodeId, Switches};

/// The operations of one name that ended and took about as long: from a power of two of
/// nanoseconds on, and less than twice that.
///
/// The classes of a name add up to what the whole has of it, but for operations that have not
/// ended and those that [no class has](super::Profile::unclassified_operations). An operation
/// counts as it ends, with all that it did: of a window it may have more than the window, by
/// what it did before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Class {
    /// Their root.
    pub root: NodeId,
    /// The power of two.
    pub power: u8,
    /// How many operations these are.
    pub operations: u64,
    /// What they measured, by node in ascending order; what is not here is 0.
    pub nodes: Vec<ClassNode>,
    /// By how often the system counted each of [`Switches::NAMES`] for one as a whole: of
    /// operations, not of calls, and counts in place of nanoseconds. Empty where that is not
    /// known.
    pub counted: [Histogram; Switches::NAMES.len()],
}

/// What the operations of a class measured at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassNode {
    /// Where.
    pub node: NodeId,
    /// What, as of all operations; but `busy_nanos` is each thread's time in its innermost
    /// span of that operation, whatever of others it is in within.
    pub measures: Measures,
}

impl ClassNode {
    /// What was measured at a node.
    #[must_use]
    pub fn new(node: NodeId, measures: Measures) -> Self {
        Self { node, measures }
    }
}

impl Class {
    /// The highest power of two that there is.
    pub const HIGHEST: u8 = 63;

    /// A class of no operations yet.
    #[must_use]
    pub fn new(root: NodeId, power: u8) -> Self {
        Self { root, power, operations: 0, nodes: Vec::new(), counted: Default::default() }
    }

    /// The class of operations that took so long.
    #[must_use]
    pub fn power_of(nanos: u64) -> u8 {
        nanos.checked_ilog2().unwrap_or(0) as u8
    }

    /// What classes stand in the order of.
    pub(super) fn place(&self) -> (NodeId, u8) {
        (self.root, self.power)
    }

    /// The least that an operation of this class took.
    #[must_use]
    pub fn from_nanos(&self) -> u64 {
        edge(self.power)
    }

    /// What each of them took less than; `None` for the class of the longest that there can be.
    #[must_use]
    pub fn below_nanos(&self) -> Option<u64> {
        (self.power < Self::HIGHEST).then(|| edge(self.power.saturating_add(1)))
    }
}

/// Where a class begins. The first has operations of no time, too.
pub(super) fn edge(power: u8) -> u64 {
    if power == 0 { 0 } else { 1_u64.checked_shl(power.into()).unwrap_or(u64::MAX) }
}
