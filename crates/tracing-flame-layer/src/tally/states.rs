//! What threads did while they were in spans, as far as they were not on a CPU.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::{
    paths::NodeId,
    reasons::{Asleep, AsleepByNode},
};
use crate::{
    hash::IdHasher,
    profile::{ReasonKind, Switches},
    room::try_insert,
};

/// A time in which threads were in spans and not on a CPU, by what they did. In ticks, or
/// where it is of operations in the unit of shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) runnable: u64,
    pub(crate) blocked: u64,
    /// The parts of `blocked` of which it is known what they were for, by
    /// [`ReasonKind::DRAWN`].
    pub(crate) asleep: [u64; ReasonKind::DRAWN.len()],
    /// Runnable or blocked.
    pub(crate) off_cpu: u64,
    /// On a CPU or not.
    pub(crate) unknown: u64,
}

impl States {
    pub(crate) fn unknown(ticks: u64) -> Self {
        Self { unknown: ticks, ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        *self = self.with(other, u64::saturating_add);
    }

    /// With so much of `blocked` known to be of a kind.
    #[must_use]
    pub(crate) fn asleep_for(mut self, kind: ReasonKind, ticks: u64) -> Self {
        if let Some(at) = ReasonKind::DRAWN.iter().position(|drawn| *drawn == kind) {
            self.asleep[at] = ticks;
        }
        self
    }

    /// All of them, in which a thread was not on a CPU or may not have been.
    pub(crate) fn sum(&self) -> u64 {
        self.runnable + self.blocked + self.off_cpu + self.unknown
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        self.with(earlier, u64::saturating_sub)
    }

    /// Each of them by itself.
    #[must_use]
    pub(crate) fn each(&self, of: impl Fn(u64) -> u64) -> Self {
        Self {
            runnable: of(self.runnable),
            blocked: of(self.blocked),
            asleep: self.asleep.map(&of),
            off_cpu: of(self.off_cpu),
            unknown: of(self.unknown),
        }
    }

    fn with(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            runnable: of(self.runnable, other.runnable),
            blocked: of(self.blocked, other.blocked),
            asleep: std::array::from_fn(|kind| of(self.asleep[kind], other.asleep[kind])),
            off_cpu: of(self.off_cpu, other.off_cpu),
            unknown: of(self.unknown, other.unknown),
        }
    }
}

/// What is known of the threads that were in a node's spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) states: States,
    pub(crate) switches: Switches,
}

impl Told {
    pub(crate) fn add(&mut self, other: &Self) {
        self.states.add(&other.states);
        self.switches = self.switches.plus(other.switches);
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let (now, then) = (self.switches, earlier.switches);
        Self {
            states: self.states.since(&earlier.states),
            switches: Switches {
                voluntary: now.voluntary.saturating_sub(then.voluntary),
                involuntary: now.involuntary.saturating_sub(then.involuntary),
                major_faults: now.major_faults.saturating_sub(then.major_faults),
                minor_faults: now.minor_faults.saturating_sub(then.minor_faults),
                blocks_read: now.blocks_read.saturating_sub(then.blocks_read),
                blocks_written: now.blocks_written.saturating_sub(then.blocks_written),
            },
        }
    }
}

/// What a reading tells of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Telling {
    pub(crate) told: Told,
    /// The part of what was blocked of which it is known what for.
    pub(crate) asleep: Option<Asleep>,
}

impl Telling {
    pub(crate) fn unknown(ticks: u64) -> Self {
        Self { told: Told { states: States::unknown(ticks), ..Told::default() }, asleep: None }
    }

    /// Numbers alone, and no time.
    pub(crate) fn counted(switches: Switches) -> Self {
        Self { told: Told { switches, ..Told::default() }, asleep: None }
    }

    /// What came of it of an operation's time, which is of no thread: each time by itself,
    /// and no switches.
    #[must_use]
    pub(crate) fn share(&self, of: impl Fn(u64) -> u64) -> Self {
        let states = self.told.states.each(&of);
        let asleep = self.asleep.map(|asleep| asleep.part(&of));
        Self { told: Told { states, ..Told::default() }, asleep }
    }
}

/// What was told, by node; most nodes have nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToldByNode {
    nodes: HashMap<NodeId, Told, BuildHasherDefault<IdHasher>>,
    asleep: AsleepByNode,
}

impl ToldByNode {
    /// Adds to a node; `None` where there is no memory.
    pub(crate) fn add(&mut self, node: NodeId, telling: &Telling) -> Option<()> {
        let Telling { told, asleep } = telling;
        match self.nodes.get_mut(&node) {
            Some(known) => known.add(told),
            None => try_insert(&mut self.nodes, node, *told).map(drop)?,
        }
        asleep.map_or(Some(()), |asleep| self.asleep.add(node, asleep))
    }

    pub(crate) fn of(&self, node: NodeId) -> Told {
        self.nodes.get(&node).copied().unwrap_or_default()
    }

    /// For how long threads were asleep, by node and reason.
    pub(crate) fn asleep(&self) -> &AsleepByNode {
        &self.asleep
    }

    /// Adds all of another; `None` where there is no memory.
    pub(crate) fn try_merge(&mut self, other: &Self) -> Option<()> {
        other
            .nodes
            .iter()
            .try_for_each(|(node, told)| self.add(*node, &Telling { told: *told, asleep: None }))?;
        self.asleep.try_merge(&other.asleep)
    }

    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (node, told) in &other.nodes {
            self.nodes.entry(*node).or_default().add(told);
        }
        self.asleep.merge(&other.asleep);
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        for (node, told) in &mut self.nodes {
            *told = told.since(&earlier.of(*node));
        }
        self.asleep = self.asleep.since(&earlier.asleep);
        self
    }
}
