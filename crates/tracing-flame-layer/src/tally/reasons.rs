//! What threads were asleep for, by node.

use std::{
    collections::{HashMap, hash_map},
    hash::BuildHasherDefault,
    sync::Arc,
};

use super::paths::NodeId;
use crate::{hash::IdHasher, profile::Reason, room::try_insert};

/// A reason's place among those of a recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReasonId(pub(crate) u8);

/// All reasons that a recorder has met, by their numbers. None ever goes.
pub(crate) type Reasons = Vec<Arc<Reason>>;

/// A time that a thread was asleep for a reason, in ticks or, where it is of an operation, in
/// the unit of shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asleep {
    pub(crate) reason: ReasonId,
    pub(crate) time: u64,
}

impl Asleep {
    /// A part of it.
    #[must_use]
    pub(crate) fn part(self, of: impl Fn(u64) -> u64) -> Self {
        Self { time: of(self.time), ..self }
    }
}

type Key = (NodeId, ReasonId);

/// Such times by node and reason; few nodes have any.
#[derive(Clone, Debug, Default)]
pub(crate) struct AsleepByNode(HashMap<Key, u64, BuildHasherDefault<IdHasher>>);

impl AsleepByNode {
    /// Adds to a node; `None` where there is no memory.
    pub(crate) fn add(&mut self, node: NodeId, asleep: Asleep) -> Option<()> {
        let key = (node, asleep.reason);
        match self.0.get_mut(&key) {
            Some(sum) => *sum = sum.saturating_add(asleep.time),
            None => try_insert(&mut self.0, key, asleep.time).map(drop)?,
        }
        Some(())
    }

    /// Adds all of another; `None` where there is no memory.
    pub(crate) fn try_merge(&mut self, other: &Self) -> Option<()> {
        other
            .iter()
            .try_for_each(|(&(node, reason), &time)| self.add(node, Asleep { reason, time }))
    }

    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, time) in &other.0 {
            let sum = self.0.entry(*key).or_default();
            *sum = sum.saturating_add(*time);
        }
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: &Self) -> Self {
        for (key, time) in &mut self.0 {
            *time = time.saturating_sub(earlier.0.get(key).copied().unwrap_or(0));
        }
        self
    }

    pub(crate) fn of(&self, node: NodeId, reason: ReasonId) -> u64 {
        self.0.get(&(node, reason)).copied().unwrap_or(0)
    }

    pub(crate) fn iter(&self) -> hash_map::Iter<'_, Key, u64> {
        self.0.iter()
    }
}
