//! Which nodes of a profile make up which frame.

use std::collections::{HashMap, hash_map};

use crate::{
    Profile,
    profile::{Callsite, Frame, Node, NodeId, ThreadNode},
};

use super::{
    Options, Weight,
    frames::{Kind, Placed, Tally},
    label::{LabelId, Labels},
    order::{Rows, preorder},
};

/// The parent of the groups at the bottom of the picture.
const BOTTOM: u32 = u32::MAX;

/// Nodes of one label under one parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) parent: Option<u32>,
    pub(super) label: LabelId,
    pub(super) kind: Kind,
    self_nanos: u64,
    await_nanos: u64,
}

/// What one node, or one thread's share of it, adds to a group.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry<'p> {
    Node(usize),
    Share(&'p ThreadNode),
}

impl Entry<'_> {
    pub(super) fn tally(self, profile: &Profile) -> Tally {
        match self {
            Self::Node(node) => {
                let Node { measures, latencies, .. } = &profile.nodes[node];
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
                    latencies: latencies.clone(),
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
        profile.nodes[node].frame.callsite().map(|callsite| &**callsite)
    }
}

/// The groups that the nodes of a profile fall into.
#[derive(Debug)]
pub(super) struct Merge<'p> {
    labels: Labels,
    groups: Vec<Group>,
    /// The group of each entry; entry `i` is node `i`, or `shares[i]`.
    members: Rows,
    shares: Option<Vec<&'p ThreadNode>>,
}

impl<'p> Merge<'p> {
    /// Frames by operation: the profile's own tree.
    pub(super) fn of_nodes(profile: &'p Profile, options: &Options) -> Self {
        let mut groups = Groups::new(options);
        let mut group_of: Vec<u32> = Vec::with_capacity(profile.nodes.len());
        for node in &profile.nodes {
            let parent = node.parent.map(|parent| group_of[parent.index()]);
            let group = groups.enter(parent, &node.frame);
            let measures = &node.measures;
            match options.weight {
                Weight::Wall => groups.add(group, measures.wall_nanos, measures.await_nanos),
                Weight::Busy => groups.add(group, measures.busy_nanos, 0),
            }
            group_of.push(group);
        }
        groups.finish(&group_of, None)
    }

    /// One tower a thread name, the logical path of each node above it.
    pub(super) fn of_threads(profile: &'p Profile, options: &Options) -> Self {
        let mut groups = Groups::new(options);
        let (mut group_of, mut shares) = (Vec::new(), Vec::new());
        for thread in &profile.threads {
            let name = groups.labels.of_name(&thread.name);
            let bottom = groups.find(None, name, Kind::Thread);
            let mut seen = HashMap::new();
            for share in &thread.nodes {
                let group = groups.climb(profile, bottom, share.node, &mut seen);
                groups.add(group, share.busy_nanos, 0);
                group_of.push(group);
                shares.push(share);
            }
        }
        groups.finish(&group_of, Some(shares))
    }

    pub(super) fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(super) fn entries(&self, group: u32) -> impl Iterator<Item = Entry<'p>> {
        self.members.of(group).iter().map(|&i| match &self.shares {
            None => Entry::Node(i as usize),
            Some(shares) => Entry::Share(shares[i as usize]),
        })
    }

    /// Every group as a frame, with its `[await]`, in drawing order. Totals are
    /// not known yet.
    pub(super) fn in_order(&self) -> Vec<Placed> {
        let awaits = self.groups.iter().filter(|group| group.await_nanos > 0).count();
        let mut all = Vec::with_capacity(self.groups.len() + awaits);
        // For each depth, the frame that the next one at that depth stands on.
        let mut below: Vec<u32> = Vec::new();
        let mut waiting: Vec<Placed> = Vec::new();
        for (group, depth) in preorder(&self.groups, &self.labels.ranks()) {
            while waiting.last().is_some_and(|w| w.depth > depth) {
                all.extend(waiting.pop());
            }
            below.truncate(depth as usize);
            let (frame, pending) = self.place(group, depth, below.last().copied(), all.len());
            below.push(u32::try_from(all.len()).unwrap_or(BOTTOM));
            all.push(frame);
            waiting.extend(pending);
        }
        all.extend(waiting.into_iter().rev());
        all
    }

    /// The frame of a group, to stand at `at`, and its `[await]`, which comes
    /// after everything else above it.
    fn place(
        &self,
        id: u32,
        depth: u32,
        parent: Option<u32>,
        at: usize,
    ) -> (Placed, Option<Placed>) {
        let group = &self.groups[id as usize];
        let frame = Placed {
            label: group.label,
            kind: group.kind,
            depth,
            parent,
            group: id,
            self_nanos: group.self_nanos,
            total_nanos: 0,
        };
        let pending = (group.await_nanos > 0).then(|| Placed {
            label: Labels::AWAIT,
            kind: Kind::Await,
            depth: depth + 1,
            parent: u32::try_from(at).ok(),
            self_nanos: group.await_nanos,
            ..frame
        });
        (frame, pending)
    }
}

/// Groups while they are being found.
struct Groups {
    labels: Labels,
    hide_await: bool,
    all: Vec<Group>,
    by_label: HashMap<(u32, LabelId), u32>,
}

impl Groups {
    fn new(options: &Options) -> Self {
        Self {
            labels: Labels::new(options.names),
            hide_await: options.hide_await,
            all: Vec::new(),
            by_label: HashMap::new(),
        }
    }

    /// The group of a node's frame above `parent`.
    fn enter(&mut self, parent: Option<u32>, frame: &Frame) -> u32 {
        let label = self.labels.of_frame(frame);
        let kind = match frame {
            Frame::Span(_) | Frame::Fields(..) => Kind::Span,
            Frame::Truncated => Kind::Truncated,
        };
        self.find(parent, label, kind)
    }

    fn find(&mut self, parent: Option<u32>, label: LabelId, kind: Kind) -> u32 {
        match self.by_label.entry((parent.unwrap_or(BOTTOM), label)) {
            hash_map::Entry::Occupied(known) => *known.get(),
            hash_map::Entry::Vacant(new) => {
                let id = u32::try_from(self.all.len()).unwrap_or(BOTTOM);
                self.all.push(Group { parent, label, kind, self_nanos: 0, await_nanos: 0 });
                *new.insert(id)
            }
        }
    }

    /// The group of a node in the tower above `bottom`, with all groups on the
    /// way up to it.
    fn climb(
        &mut self,
        profile: &Profile,
        bottom: u32,
        node: NodeId,
        seen: &mut HashMap<NodeId, u32>,
    ) -> u32 {
        let mut path = Vec::new();
        let mut next = Some(node);
        let mut group = bottom;
        while let Some(node) = next {
            if let Some(&known) = seen.get(&node) {
                group = known;
                break;
            }
            path.push(node);
            next = profile.nodes[node.index()].parent;
        }
        for node in path.into_iter().rev() {
            group = self.enter(Some(group), &profile.nodes[node.index()].frame);
            seen.insert(node, group);
        }
        group
    }

    fn add(&mut self, group: u32, self_nanos: u64, await_nanos: u64) {
        let group = &mut self.all[group as usize];
        group.self_nanos = group.self_nanos.saturating_add(self_nanos);
        if !self.hide_await {
            group.await_nanos = group.await_nanos.saturating_add(await_nanos);
        }
    }

    fn finish<'p>(self, group_of: &[u32], shares: Option<Vec<&'p ThreadNode>>) -> Merge<'p> {
        let members = Rows::new(self.all.len(), group_of.iter().copied());
        Merge { labels: self.labels, groups: self.all, members, shares }
    }
}
