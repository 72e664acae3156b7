//! The call tree of one operation, by the numbers of all stacks.

use std::{collections::HashMap, hash::BuildHasherDefault};

use crate::{
    hash::IdHasher,
    room::Room,
    tally::{AsleepByNode, ClassRow, NodeId, States, Telling, Ticks, Told},
};

/// How many stacks are remembered without a look into the index.
const RECENT: usize = 16;

/// A node's place in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(u32);

impl Place {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One stack of an operation, and what was measured there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CapturedNode {
    pub(crate) node: NodeId,
    /// Whether anything was told of what threads did.
    pub(crate) is_told: bool,
    pub(crate) ticks: Ticks,
    pub(crate) max_latency: u64,
    /// What threads did in its shares, in their unit.
    pub(crate) wall: States,
    /// What they did in their own time.
    pub(crate) busy: Told,
}

impl CapturedNode {
    fn new(node: NodeId) -> Self {
        let (ticks, wall, busy) = (Ticks::default(), States::default(), Told::default());
        Self { node, is_told: false, ticks, max_latency: 0, wall, busy }
    }
}

impl CapturedNode {
    /// Adds it to what a class has there.
    #[inline]
    pub(super) fn add_to(&self, row: &mut ClassRow) {
        row.ticks.add(&self.ticks);
        row.max_latency = row.max_latency.max(self.max_latency);
        // Of most nodes of an operation nothing is told.
        if self.is_told {
            row.wall.add(&self.wall);
            row.busy.add(&self.busy);
        }
    }
}

/// The stacks that one operation has been in.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<CapturedNode>,
    index: HashMap<NodeId, Place, BuildHasherDefault<IdHasher>>,
    /// Stacks met lately, by the low bits of their numbers.
    recent: [Option<(NodeId, Place)>; RECENT],
    /// What there was no memory for is counted here.
    lost: Option<CapturedNode>,
    /// For how long threads were asleep, in the unit of shares and in ticks.
    pub(crate) wall_asleep: AsleepByNode,
    pub(crate) busy_asleep: AsleepByNode,
}

impl Tree {
    /// The place of a stack.
    #[inline]
    pub(crate) fn place(&mut self, node: NodeId) -> Place {
        let recent = node.index() % RECENT;
        if let Some(Some((known, place))) = self.recent.get(recent).copied()
            && known == node
        {
            return place;
        }
        let place = match self.index.get(&node) {
            Some(place) => *place,
            None => self.make(node),
        };
        if let Some(recent) = self.recent.get_mut(recent) {
            *recent = Some((node, place));
        }
        place
    }

    #[cold]
    fn make(&mut self, node: NodeId) -> Place {
        let place = Place(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let room = self.nodes.try_reserve(1).is_ok() && self.index.try_reserve(1).is_ok();
        if room && place.0 < u32::MAX {
            self.nodes.push(CapturedNode::new(node));
            self.index.insert(node, place);
            return place;
        }
        Place(u32::MAX)
    }

    /// What is measured at a place.
    #[inline]
    pub(crate) fn at(&mut self, place: Place) -> &mut CapturedNode {
        match self.nodes.get_mut(place.index()) {
            Some(node) => node,
            None => lost_in(&mut self.lost),
        }
    }

    /// What is measured at a stack.
    #[inline]
    pub(crate) fn of(&mut self, node: NodeId) -> &mut CapturedNode {
        let place = self.place(node);
        self.at(place)
    }

    /// What a thread did at a stack, in its share of the operation's time and in its own.
    /// Where there is no memory for it, it is not known what the thread was asleep for.
    pub(crate) fn tell(&mut self, node: NodeId, wall: &Telling, busy: &Telling) {
        let here = self.of(node);
        here.is_told = true;
        here.wall.add(&wall.told.states);
        here.busy.add(&busy.told);
        let _ = wall.asleep.and_then(|asleep| self.wall_asleep.add(node, asleep));
        let _ = busy.asleep.and_then(|asleep| self.busy_asleep.add(node, asleep));
    }

    /// Every stack, in the order of places.
    pub(crate) fn nodes(&self) -> &[CapturedNode] {
        &self.nodes
    }

    /// Whether there was no memory for all of them.
    pub(crate) fn has_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// Back to new, memory kept for so many stacks.
    pub(crate) fn clear(&mut self, stacks: usize) {
        self.nodes.clear_beyond(stacks);
        // A map holds up to twice as many as it was asked for.
        if self.index.capacity() > stacks.saturating_mul(2) {
            self.index = HashMap::default();
        }
        self.index.clear();
        self.recent = [None; RECENT];
        self.lost = None;
        (self.wall_asleep, self.busy_asleep) = Default::default();
    }
}

#[cold]
fn lost_in(lost: &mut Option<CapturedNode>) -> &mut CapturedNode {
    lost.get_or_insert(CapturedNode::new(NodeId(0)))
}
