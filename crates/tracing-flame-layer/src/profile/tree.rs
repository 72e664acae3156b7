//! The call tree of a profile, packed: some forty bytes a node that was visited a
//! few times, where a [`Node`] takes two hundred.

use std::{collections::HashMap, fmt, sync::Arc};

use super::{Frame, Histogram, Measures, Node, NodeId, ReasonKind, States, Switches};
use crate::packed::Packed;

/// Stands for the parent of a root.
const NONE: u32 = u32::MAX;

/// All nodes, parents before children.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    /// The parent of each node.
    parents: Vec<u32>,
    /// The place of each node's frame among the distinct ones.
    frames: Vec<u32>,
    distinct: Vec<Frame>,
    /// Places of frames met before, by the addresses of what they hold.
    places: HashMap<(usize, usize), u32>,
    /// What was measured at each node, then the buckets of its latencies.
    measured: Packed,
    /// What threads did meanwhile, up to the last node of which something is known.
    states: Packed,
}

impl Tree {
    pub(crate) fn len(&self) -> usize {
        self.parents.len()
    }

    pub(crate) fn push(&mut self, node: Node) {
        let Node { parent, frame, measures, latencies } = node;
        let place = self.place(frame);
        self.parents.push(parent.map_or(NONE, |parent| parent.0));
        self.frames.push(place);
        self.measured.push(row(&measures, &latencies));
        let states = numbers_of_states(&measures);
        if states.clone().any(|number| number > 0) {
            while self.states.len() + 1 < self.len() {
                self.states.push([]);
            }
            self.states.push(states);
        }
    }

    pub(crate) fn set_latencies(&mut self, index: usize, latencies: &Histogram) {
        let measures = self.measures(index);
        self.measured.replace(index, row(&measures, latencies));
    }

    fn place(&mut self, frame: Frame) -> u32 {
        let address = match &frame {
            Frame::Truncated => (0, 0),
            Frame::Span(callsite) => (Arc::as_ptr(callsite).addr(), 0),
            Frame::Fields(callsite, values) => {
                (Arc::as_ptr(callsite).addr(), Arc::as_ptr(values).addr())
            }
        };
        *self.places.entry(address).or_insert_with(|| {
            self.distinct.push(frame);
            // No more than there are nodes, which have numbers of 32 bits.
            self.distinct.len() as u32 - 1
        })
    }

    pub(crate) fn node(&self, index: usize) -> Node {
        Node {
            parent: self.parent(index),
            frame: self.frame(index).clone(),
            measures: self.measures(index),
            latencies: self.latencies(index),
        }
    }

    pub(crate) fn parent(&self, index: usize) -> Option<NodeId> {
        Some(self.parents[index]).filter(|parent| *parent != NONE).map(NodeId)
    }

    pub(crate) fn frame(&self, index: usize) -> &Frame {
        &self.distinct[self.frame_place(index)]
    }

    /// The place of a node's frame in [`distinct`](Self::distinct).
    pub(crate) fn frame_place(&self, index: usize) -> usize {
        self.frames[index] as usize
    }

    /// The frames of all nodes, each once, in the order of its first node. Frames
    /// that are equal but hold other allocations stand apart.
    pub(crate) fn distinct(&self) -> &[Frame] {
        &self.distinct
    }

    pub(crate) fn measures(&self, index: usize) -> Measures {
        let mut numbers = self.measured.row(index);
        let mut next = || numbers.take();
        let (wall_states, busy_states, switches) = self.states(index);
        Measures {
            calls: next(),
            started: next(),
            enters: next(),
            wall_nanos: next(),
            await_nanos: next(),
            busy_nanos: next(),
            entered_nanos: next(),
            latency_nanos: next(),
            max_latency_nanos: next(),
            max_latency_is_bound: next() > 0,
            open_before: next(),
            queued_nanos: next(),
            max_queued_nanos: next(),
            wall_states,
            busy_states,
            switches,
        }
    }

    /// Whether anything is known of what threads did.
    pub(crate) fn has_states(&self) -> bool {
        // Switches alone say nothing of times.
        let mut known = (0..self.states.len()).map(|index| self.states(index));
        known.any(|(wall, busy, _)| wall != States::default() || busy != States::default())
    }

    fn states(&self, index: usize) -> (States, States, Switches) {
        let mut numbers = self.states.row(index);
        let mut states = || States {
            runnable_nanos: numbers.take(),
            blocked_nanos: numbers.take(),
            off_cpu_nanos: numbers.take(),
            unknown_nanos: numbers.take(),
            ..States::default()
        };
        let (mut wall, mut busy) = (states(), states());
        let mut switches = Switches {
            voluntary: numbers.take(),
            involuntary: numbers.take(),
            major_faults: numbers.take(),
            ..Switches::default()
        };
        for states in [&mut wall, &mut busy] {
            *states = states.with_asleep(ReasonKind::DRAWN.map(|_| numbers.take()));
        }
        switches.minor_faults = numbers.take();
        switches.blocks_read = numbers.take();
        switches.blocks_written = numbers.take();
        (wall, busy, switches)
    }

    pub(crate) fn latencies(&self, index: usize) -> Histogram {
        let mut numbers = self.measured.row(index);
        numbers.skip(numbers_of(&Measures::default()).len());
        let buckets =
            std::iter::from_fn(|| (!numbers.is_empty()).then(|| (numbers.take(), numbers.take())));
        buckets.collect()
    }
}

/// What is packed of a node. Buckets all have calls, so no noughts are at its end
/// but those of measures.
fn row(measures: &Measures, latencies: &Histogram) -> impl Iterator<Item = u64> {
    let buckets = latencies.buckets().iter().flat_map(|(nanos, calls)| [*nanos, *calls]);
    numbers_of(measures).into_iter().chain(buckets)
}

fn numbers_of(measures: &Measures) -> [u64; 13] {
    let Measures {
        calls,
        started,
        enters,
        wall_nanos,
        await_nanos,
        busy_nanos,
        entered_nanos,
        latency_nanos,
        max_latency_nanos,
        max_latency_is_bound,
        open_before,
        queued_nanos,
        max_queued_nanos,
        ..
    } = *measures;
    [
        calls,
        started,
        enters,
        wall_nanos,
        await_nanos,
        busy_nanos,
        entered_nanos,
        latency_nanos,
        max_latency_nanos,
        max_latency_is_bound.into(),
        open_before,
        queued_nanos,
        max_queued_nanos,
    ]
}

fn numbers_of_states(measures: &Measures) -> impl Iterator<Item = u64> + Clone {
    let (wall, busy, switches) = (measures.wall_states, measures.busy_states, measures.switches);
    let times = [
        wall.runnable_nanos,
        wall.blocked_nanos,
        wall.off_cpu_nanos,
        wall.unknown_nanos,
        busy.runnable_nanos,
        busy.blocked_nanos,
        busy.off_cpu_nanos,
        busy.unknown_nanos,
        switches.voluntary,
        switches.involuntary,
        switches.major_faults,
    ];
    // Last, as most nodes have none, and noughts at the end take no room.
    let asleep = wall.asleep().into_iter().chain(busy.asleep());
    let used = [switches.minor_faults, switches.blocks_read, switches.blocks_written];
    times.into_iter().chain(asleep.map(|(_, nanos)| nanos)).chain(used)
}

/// Frames are equal where what they say is, wherever it stands.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.parents == other.parents
            && self.measured == other.measured
            && self.states == other.states
            && (0..self.len()).all(|index| self.frame(index) == other.frame(index))
    }
}

impl Eq for Tree {}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.len()).map(|index| self.node(index))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_node_comes_back_where_it_was() {
        let measures = Measures {
            calls: 1,
            started: 2,
            enters: 3,
            wall_nanos: 4,
            await_nanos: 5,
            busy_nanos: 6,
            entered_nanos: 7,
            latency_nanos: 8,
            max_latency_nanos: 9,
            max_latency_is_bound: true,
            open_before: 10,
            queued_nanos: 11,
            max_queued_nanos: u64::MAX,
            wall_states: States {
                runnable_nanos: 12,
                blocked_nanos: 13,
                off_cpu_nanos: 14,
                unknown_nanos: 15,
                fault_nanos: 1,
                disk_nanos: 2,
                lock_nanos: 3,
                net_nanos: 0,
                timer_nanos: 4,
            },
            busy_states: States {
                runnable_nanos: 16,
                blocked_nanos: 17,
                off_cpu_nanos: 18,
                unknown_nanos: 19,
                fault_nanos: 0,
                disk_nanos: 5,
                lock_nanos: 0,
                net_nanos: 6,
                timer_nanos: 0,
            },
            switches: Switches {
                voluntary: 20,
                involuntary: 21,
                major_faults: 22,
                minor_faults: 23,
                blocks_read: 24,
                blocks_written: 25,
            },
        };
        let latencies: Histogram = [(12, 13), (14, 15)].into_iter().collect();
        let node = Node { parent: None, frame: Frame::Truncated, measures, latencies };
        let (mut tree, empty) = (Tree::default(), Histogram::default());
        let plain = Measures {
            wall_states: States::default(),
            busy_states: States::default(),
            switches: Switches::default(),
            ..measures
        };
        let before = Node { measures: plain, ..node.clone() };
        tree.push(before.clone());
        tree.push(before.clone());
        tree.push(node.clone());
        tree.push(before.clone());
        assert_eq!(
            [0, 1, 2, 3].map(|i| tree.node(i)),
            [&before, &before, &node, &before].map(Clone::clone)
        );
        tree.set_latencies(2, &empty);
        assert_eq!(tree.node(2), Node { latencies: empty, ..node });
    }
}
