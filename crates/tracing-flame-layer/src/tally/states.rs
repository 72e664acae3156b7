//! What threads did while they were in spans, as far as they were not on a CPU.

use std::{
    collections::{HashMap, hash_map},
    hash::BuildHasherDefault,
};

use super::paths::NodeId;
use crate::{hash::IdHasher, profile::Switches, room::try_insert};

/// A time in which threads were in spans and not on a CPU, by what they did. In ticks, or
/// where it is of operations in the unit of shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct States {
    pub(crate) runnable: u64,
    pub(crate) blocked: u64,
    /// The part of `blocked` in which it was for a page that had to be read.
    pub(crate) faulted: u64,
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
            faulted: of(self.faulted),
            off_cpu: of(self.off_cpu),
            unknown: of(self.unknown),
        }
    }

    fn with(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            runnable: of(self.runnable, other.runnable),
            blocked: of(self.blocked, other.blocked),
            faulted: of(self.faulted, other.faulted),
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
            },
        }
    }
}

/// What was told, by node; most nodes have nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToldByNode(HashMap<NodeId, Told, BuildHasherDefault<IdHasher>>);

impl ToldByNode {
    /// Adds to a node; `None` where there is no memory.
    pub(crate) fn add(&mut self, node: NodeId, told: &Told) -> Option<()> {
        if let Some(known) = self.0.get_mut(&node) {
            known.add(told);
            return Some(());
        }
        try_insert(&mut self.0, node, *told).map(drop)
    }

    pub(crate) fn of(&self, node: NodeId) -> Told {
        self.0.get(&node).copied().unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> hash_map::Iter<'_, NodeId, Told> {
        self.0.iter()
    }

    /// Adds all of another; `None` where there is no memory.
    pub(crate) fn try_merge(&mut self, other: &Self) -> Option<()> {
        other.iter().try_for_each(|(node, told)| self.add(*node, told))
    }

    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (node, told) in &other.0 {
            self.0.entry(*node).or_default().add(told);
        }
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        for (node, told) in &mut self.0 {
            *told = told.since(&earlier.of(*node));
        }
        self
    }
}
