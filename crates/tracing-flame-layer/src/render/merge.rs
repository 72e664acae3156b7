//! Which nodes of a profile make up which frame.

use std::collections::HashMap;

use crate::{
    Profile,
    profile::{Callsite, Frame, NodeId, ThreadNode},
};

use super::{
    Options, Weight,
    frames::{Kind, Tally},
    label::{LabelId, Labels},
    state::{Parts, State},
};

/// What one node, or one thread's share of it, adds to a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'p> {
    Node(usize),
    Share(&'p ThreadNode),
}

impl Entry<'_> {
    pub(super) fn tally(self, profile: &Profile) -> Tally {
        match self {
            Self::Node(node) => {
                let measures = profile.tree.measures(node);
                Tally {
                    calls: Some(measures.calls),
                    started: measures.started,
                    enters: measures.enters,
                    entered_nanos: measures.entered_nanos,
                    latency_nanos: measures.latency_nanos,
                    max_latency_nanos: measures.max_latency_nanos,
                    max_is_bound: measures.max_latency_is_bound,
                    queued_nanos: measures.queued_nanos,
                    max_queued_nanos: measures.max_queued_nanos,
                    switches: measures.switches,
                    latencies: profile.tree.latencies(node),
                }
            }
            Self::Share(share) => Tally { entered_nanos: share.entered_nanos, ..Tally::default() },
        }
    }

    /// The place of the node whose own measures these are.
    pub(super) fn node(self) -> Option<usize> {
        match self {
            Self::Node(node) => Some(node),
            Self::Share(_) => None,
        }
    }

    pub(super) fn callsite(self, profile: &Profile) -> Option<&Callsite> {
        let node = match self {
            Self::Node(node) => node,
            Self::Share(share) => share.node.index(),
        };
        profile.tree.frame(node).callsite().map(|callsite| &**callsite)
    }
}

/// A tree of entries, each with a label. Those of one label under one parent are
/// one frame.
#[derive(Debug)]
pub(super) struct Entries<'p> {
    profile: &'p Profile,
    weight: Weight,
    hide_await: bool,
    hide_states: bool,
    labels: Labels,
    /// The label of each distinct frame of the profile.
    label_of: Vec<LabelId>,
    /// Where entries are not the profile's nodes.
    towers: Option<Towers<'p>>,
}

/// The entries of one tower a thread name.
#[derive(Debug, Default)]
struct Towers<'p>(Vec<Floor<'p>>);

/// A thread name, or a node above one.
#[derive(Debug)]
struct Floor<'p> {
    parent: Option<u32>,
    label: LabelId,
    kind: Kind,
    /// What the threads spent there, where they spent something.
    share: Option<&'p ThreadNode>,
}

impl<'p> Entries<'p> {
    pub(super) fn new(profile: &'p Profile, options: &Options) -> Self {
        let mut labels = Labels::new(options.names);
        let distinct = profile.tree.distinct();
        let label_of: Vec<_> = distinct.iter().map(|frame| labels.of_frame(frame)).collect();
        let towers = options.threads.then(|| {
            let mut towers = Towers::default();
            for thread in &profile.threads {
                let name = labels.of_name(&thread.name);
                towers.build(profile, &label_of, name, &thread.nodes);
            }
            towers
        });
        let Options { weight, hide_await, hide_states, .. } = *options;
        Self { profile, weight, hide_await, hide_states, labels, label_of, towers }
    }

    pub(super) fn len(&self) -> usize {
        self.towers.as_ref().map_or(self.profile.tree.len(), |towers| towers.0.len())
    }

    pub(super) fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(super) fn parent(&self, entry: u32) -> Option<u32> {
        match &self.towers {
            None => self.profile.tree.parent(entry as usize).map(|parent| parent.0),
            Some(towers) => towers.0[entry as usize].parent,
        }
    }

    pub(super) fn label(&self, entry: u32) -> LabelId {
        match &self.towers {
            None => self.label_of[self.profile.tree.frame_place(entry as usize)],
            Some(towers) => towers.0[entry as usize].label,
        }
    }

    /// The label of a node of the profile, which is no entry where there are towers.
    pub(super) fn label_of_node(&self, node: usize) -> LabelId {
        self.label_of[self.profile.tree.frame_place(node)]
    }

    pub(super) fn kind(&self, entry: u32) -> Kind {
        match &self.towers {
            None => kind(self.profile.tree.frame(entry as usize)),
            Some(towers) => towers.0[entry as usize].kind,
        }
    }

    /// An entry's own time, and what it is made of.
    pub(super) fn parts(&self, entry: u32) -> Parts {
        let parts = self.all_parts(entry);
        if self.hide_states {
            return Parts::whole(parts.entered()).awaited(parts.get(State::Await));
        }
        parts
    }

    /// Of all entries together, whether they are shown or not.
    pub(super) fn all_runnable_nanos(&self) -> u64 {
        // Not another pass over a million nodes of which nothing is known.
        let is_known = self.towers.is_some() || self.profile.tree.has_states();
        let entries = (0..).take(if is_known { self.len() } else { 0 });
        let runnable = entries.map(|entry| self.all_parts(entry).get(State::Runnable));
        runnable.fold(0, u64::saturating_add)
    }

    fn all_parts(&self, entry: u32) -> Parts {
        if let Some(towers) = &self.towers {
            let share = towers.0[entry as usize].share;
            return share
                .map_or(Parts::default(), |share| Parts::of(share.busy_nanos, share.busy_states));
        }
        let measures = self.profile.tree.measures(entry as usize);
        match self.weight {
            Weight::Wall => {
                let awaited = if self.hide_await { 0 } else { measures.await_nanos };
                Parts::of(measures.wall_nanos, measures.wall_states).awaited(awaited)
            }
            Weight::Busy => Parts::of(measures.busy_nanos, measures.busy_states),
        }
    }

    /// What is measured at an entry, where that is more than a place in the tree.
    pub(super) fn get(&self, entry: u32) -> Option<Entry<'p>> {
        match &self.towers {
            None => Some(Entry::Node(entry as usize)),
            Some(towers) => towers.0[entry as usize].share.map(Entry::Share),
        }
    }
}

impl<'p> Towers<'p> {
    /// Puts a thread's shares, each above the logical path of its node.
    fn build(
        &mut self,
        profile: &Profile,
        label_of: &[LabelId],
        name: LabelId,
        shares: &'p [ThreadNode],
    ) {
        let bottom =
            self.push(Floor { parent: None, label: name, kind: Kind::Thread, share: None });
        let mut seen: HashMap<NodeId, u32> = HashMap::new();
        for share in shares {
            let mut missing = vec![share.node];
            let mut floor = bottom;
            while let Some(parent) =
                missing.last().and_then(|node| profile.tree.parent(node.index()))
            {
                if let Some(&known) = seen.get(&parent) {
                    floor = known;
                    break;
                }
                missing.push(parent);
            }
            for node in missing.into_iter().rev() {
                let frame = profile.tree.frame(node.index());
                let label = label_of[profile.tree.frame_place(node.index())];
                let share = (node == share.node).then_some(share);
                floor = self.push(Floor { parent: Some(floor), label, kind: kind(frame), share });
                seen.insert(node, floor);
            }
        }
    }

    fn push(&mut self, floor: Floor<'p>) -> u32 {
        let place = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(floor);
        place
    }
}

fn kind(frame: &Frame) -> Kind {
    match frame {
        Frame::Span(_) | Frame::Fields(..) => Kind::Span,
        Frame::Truncated => Kind::Truncated,
    }
}
