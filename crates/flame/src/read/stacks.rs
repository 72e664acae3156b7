//! Stacks of labels as they are read, and the profiles that they make.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use tracing_flame_layer::{
    Profile,
    profile::{Callsite, Frame, Measures, NodeId, States, Window},
};

use super::bounds;

/// What comes before the first stack of a tree.
const BOTTOM: u32 = u32::MAX;
/// The label of what has none of its own: everything truncated.
const TRUNCATED: u32 = u32::MAX;

/// Distinct stacks, with as many weights each as a line has.
#[derive(Default)]
pub(super) struct Stacks<const WEIGHTS: usize> {
    nodes: Vec<Node<WEIGHTS>>,
    places: HashMap<(u32, u32), u32>,
    labels: HashMap<Arc<str>, u32>,
    label_bytes: usize,
    /// Whether some stack ends in one of [`STATES`].
    has_states: bool,
}

/// What stands on top of a stack and is no frame: what those of the frame below it were in.
const STATES: [&str; 9] = [
    "[await]",
    "[runnable]",
    "[blocked]",
    "[fault]",
    "[disk]",
    "[lock]",
    "[net]",
    "[timer]",
    "[off-cpu]",
];
/// The last of the states. It is what perf calls a function without a name, too, so it is
/// one only where another of them occurs.
const UNKNOWN: &str = "[unknown]";

#[derive(Clone, Copy)]
struct Node<const WEIGHTS: usize> {
    parent: u32,
    label: u32,
    own: [u64; WEIGHTS],
    /// As in [`STATES`].
    states: [[u64; WEIGHTS]; STATES.len()],
}

impl<const WEIGHTS: usize> Stacks<WEIGHTS> {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds weights, in nanoseconds, to a stack.
    ///
    /// # Errors
    ///
    /// Where that is more than is ever read.
    pub(super) fn add(&mut self, stack: &str, nanos: [u64; WEIGHTS]) -> Result<(), String> {
        let mut at = BOTTOM;
        let mut labels = stack.split(';').map(|label| label.trim_matches([' ', '\t'])).peekable();
        let mut depth = 0;
        while let Some(label) = labels.next() {
            let is_top = at != BOTTOM && labels.peek().is_none();
            if let Some(state) = STATES.iter().position(|&state| is_top && state == label) {
                self.has_states = true;
                add(&mut self.nodes[at as usize].states[state], nanos);
                return Ok(());
            }
            let label = if label == "[truncated]" { TRUNCATED } else { self.label(label)? };
            depth += 1;
            if depth > bounds::MOST_DEPTH {
                return Err(format!("more than {} frames", bounds::MOST_DEPTH));
            }
            at = self.child(at, label)?;
        }
        // There is at least one frame: splitting gives one.
        add(&mut self.nodes[at as usize].own, nanos);
        Ok(())
    }

    fn label(&mut self, label: &str) -> Result<u32, String> {
        if let Some(&known) = self.labels.get(label) {
            return Ok(known);
        }
        if label.len() > bounds::MOST_NAME {
            let start = shortened(label);
            return Err(format!("`{start}`: a name longer than {} bytes", bounds::MOST_NAME));
        }
        self.label_bytes += label.len();
        if self.label_bytes > bounds::MOST_NAMES {
            return Err(format!("more than {} bytes of distinct names", bounds::MOST_NAMES));
        }
        let id = u32::try_from(self.labels.len()).unwrap_or(TRUNCATED);
        self.labels.insert(label.into(), id);
        Ok(id)
    }

    fn child(&mut self, parent: u32, label: u32) -> Result<u32, String> {
        if let Some(&known) = self.places.get(&(parent, label)) {
            return Ok(known);
        }
        if self.nodes.len() == bounds::MOST_NODES {
            return Err(format!("more than {} distinct stacks so far", bounds::MOST_NODES));
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(BOTTOM);
        self.nodes.push(Node {
            parent,
            label,
            own: [0; WEIGHTS],
            states: [[0; WEIGHTS]; STATES.len()],
        });
        self.places.insert((parent, label), id);
        Ok(id)
    }

    /// A profile for each of the weights. What kind of weight it is the text does not
    /// say: it is taken for wall-clock time, and nothing else is known of a node.
    pub(super) fn profiles(self) -> Vec<Profile> {
        let unknown = self.unknown();
        let mut labels: Vec<(u32, Arc<str>)> =
            self.labels.into_iter().map(|(label, id)| (id, label)).collect();
        labels.sort_unstable_by_key(|(id, _)| *id);
        let frames: Vec<Frame> = labels
            .into_iter()
            .map(|(_, label)| Frame::Span(Arc::new(Callsite::from_label(&label))))
            .collect();
        (0..WEIGHTS).map(|weight| profile(&self.nodes, &frames, &unknown, weight)).collect()
    }

    /// Whether each node stands for what is not known of its parent, and is no frame.
    fn unknown(&self) -> Vec<bool> {
        let label = self.labels.get(UNKNOWN).filter(|_| self.has_states);
        let is_unknown = |node: &Node<WEIGHTS>| Some(&node.label) == label && node.parent != BOTTOM;
        let mut unknown: Vec<bool> = self.nodes.iter().map(is_unknown).collect();
        for node in self.nodes.iter().filter(|node| node.parent != BOTTOM) {
            unknown[node.parent as usize] = false;
        }
        for (node, is) in self.nodes.iter().zip(&mut unknown) {
            *is &= node.states.iter().flatten().all(|&nanos| nanos == 0);
        }
        unknown
    }
}

fn profile<const WEIGHTS: usize>(
    nodes: &[Node<WEIGHTS>],
    frames: &[Frame],
    unknown: &[bool],
    weight: usize,
) -> Profile {
    let mut profile = Profile::new(Window::new(UNIX_EPOCH, Duration::ZERO));
    let mut ids: Vec<NodeId> = Vec::with_capacity(nodes.len());
    let mut unknown_nanos = vec![0_u64; nodes.len()];
    for (node, _) in nodes.iter().zip(unknown).filter(|(_, is)| **is) {
        unknown_nanos[node.parent as usize] = node.own[weight];
    }
    for (place, node) in nodes.iter().enumerate() {
        let frame = frames.get(node.label as usize).cloned().unwrap_or(Frame::Truncated);
        let [await_nanos, runnable_nanos, otherwise, fault_nanos, states @ .., off_cpu_nanos] =
            node.states.map(|nanos| nanos[weight]);
        let [disk_nanos, lock_nanos, net_nanos, timer_nanos] = states;
        let asleep = [fault_nanos, disk_nanos, lock_nanos, net_nanos, timer_nanos];
        let mut wall_states = States::default();
        wall_states.runnable_nanos = runnable_nanos;
        wall_states.blocked_nanos = asleep.into_iter().fold(otherwise, u64::saturating_add);
        wall_states.fault_nanos = fault_nanos;
        wall_states.disk_nanos = disk_nanos;
        wall_states.lock_nanos = lock_nanos;
        wall_states.net_nanos = net_nanos;
        wall_states.timer_nanos = timer_nanos;
        wall_states.off_cpu_nanos = off_cpu_nanos;
        wall_states.unknown_nanos = unknown_nanos[place];
        let mut measures = Measures::default();
        measures.wall_nanos = node.own[weight].saturating_add(wall_states.off_nanos());
        measures.await_nanos = await_nanos;
        measures.wall_states = wall_states;
        let parent = ids.get(node.parent as usize).copied();
        if unknown[place] {
            // Nothing stands on it, so nothing asks for its place.
            ids.extend(parent);
            continue;
        }
        ids.push(profile.push(parent, frame, measures));
    }
    profile
}

fn add<const WEIGHTS: usize>(to: &mut [u64; WEIGHTS], nanos: [u64; WEIGHTS]) {
    for (sum, nanos) in to.iter_mut().zip(nanos) {
        *sum = sum.saturating_add(nanos);
    }
}

/// As much of a text as a message has room for.
pub(super) fn shortened(text: &str) -> String {
    let start: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() { start + "…" } else { start }
}
