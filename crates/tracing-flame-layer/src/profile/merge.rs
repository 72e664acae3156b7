//! The sum of two profiles.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    BlockedOn, Class, ClassNode, Frame, Measures, Node, NodeId, Orphans, Profile, StateSource,
    States, ThreadNode, ThreadProfile, tree::Tree,
};

impl Profile {
    /// Adds another profile: of another run, of another process, or of another window.
    ///
    /// Stacks that both have become one, with the sums of what was measured, and of what was
    /// longest the longer. The [window](Self::window) begins where the earlier one does and is
    /// as long as both together, so that it stays the time that was taken. An operation or a
    /// span that lived in both counts in each. Threads go by their names; those that are
    /// [live](Self::live) are so at one moment, and are left out.
    ///
    /// Where only one of them knows [what threads did](Self::states), what those of the other
    /// did is unknown in the sum. Of what they were [recorded with](Self::recorded_with) the sum
    /// has what is equal in both.
    ///
    /// Takes time by the nodes of both, and some 200 bytes for each meanwhile.
    ///
    /// ```
    /// # let (_layer, flame) = tracing_flame_layer::FlameLayer::new();
    /// # let (_layer, other) = tracing_flame_layer::FlameLayer::new();
    /// let mut both = flame.snapshot();
    /// both.merge(&other.snapshot());
    /// ```
    pub fn merge(&mut self, other: &Self) {
        let mut other = Cow::Borrowed(other);
        match (self.has_states(), other.has_states()) {
            (true, false) => other.to_mut().lose_states(),
            (false, true) => self.lose_states(),
            _ => {}
        }
        let ids = self.merge_nodes(&other);
        let place = |node: NodeId| ids[node.index()];
        for root in &other.named_operations {
            self.name_operation(place(*root));
        }
        for thread in &other.threads {
            self.merge_thread(thread, &place);
        }
        for class in &other.classes {
            self.merge_class(class, &place);
        }
        self.merge_orphans(&other.orphans, &place);
        self.merge_reasons(&other.blocked_on, &place);
        self.merge_totals(&other);
    }

    /// What belongs to no node.
    fn merge_totals(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        self.window.start = self.window.start.min(other.window.start);
        self.window.length = self.window.length.saturating_add(other.window.length);
        self.so_far |= other.so_far;
        self.live.clear();
        add(&mut self.operations, other.operations);
        add(&mut self.unclassified_operations, other.unclassified_operations);
        self.covered_nanos = self
            .covered_nanos
            .zip(other.covered_nanos)
            .map(|(ours, theirs)| ours.saturating_add(theirs));
        self.anomalies = self.anomalies.plus(&other.anomalies);
        self.states = source(self.states.take(), other.states.clone());
        let flags = self.recorded_with.take().zip(other.recorded_with.as_ref());
        self.recorded_with = flags.map(|(mut ours, theirs)| {
            ours.retain(|flag| theirs.contains(flag));
            ours
        });
    }

    /// Adds the nodes, and says where each of the other's is.
    fn merge_nodes(&mut self, other: &Self) -> Vec<NodeId> {
        let mut nodes: Vec<Node> = self.nodes().iter().collect();
        let mut places: HashMap<(Option<NodeId>, Frame), NodeId> = HashMap::new();
        for (place, node) in (0..).zip(&nodes) {
            places.entry((node.parent, node.frame.clone())).or_insert(NodeId(place));
        }
        let mut ids: Vec<NodeId> = Vec::with_capacity(other.tree.len());
        for mut node in other.nodes().iter() {
            node.parent = node.parent.map(|parent| ids[parent.index()]);
            match places.entry((node.parent, node.frame.clone())) {
                Entry::Occupied(place) => {
                    let known = &mut nodes[place.get().index()];
                    known.measures.add(&node.measures);
                    known.latencies.merge(&node.latencies);
                    ids.push(*place.get());
                }
                Entry::Vacant(place) => {
                    let id = NodeId(u32::try_from(nodes.len()).expect("fewer than 2^32 nodes"));
                    ids.push(*place.insert(id));
                    nodes.push(node);
                }
            }
        }
        self.set_nodes(nodes);
        ids
    }

    fn merge_thread(&mut self, thread: &ThreadProfile, place: &impl Fn(NodeId) -> NodeId) {
        let known = self.threads.iter().position(|known| known.name == thread.name);
        let known = known.unwrap_or_else(|| {
            self.threads.push(ThreadProfile::new(Arc::clone(&thread.name), 0, Vec::new()));
            self.threads.len() - 1
        });
        let known = &mut self.threads[known];
        known.threads = known.threads.saturating_add(thread.threads);
        let ours = known.nodes.drain(..).map(|share| (share.node, share));
        let mut shares: BTreeMap<NodeId, ThreadNode> = ours.collect();
        for share in &thread.nodes {
            let node = place(share.node);
            shares.entry(node).or_insert_with(|| ThreadNode::new(node)).add(share);
        }
        known.nodes = shares.into_values().collect();
    }

    fn merge_class(&mut self, class: &Class, place: &impl Fn(NodeId) -> NodeId) {
        let root = place(class.root);
        let is_same = |known: &Class| (known.root, known.power) == (root, class.power);
        if !self.classes.iter().any(is_same) {
            self.push_class(Class::new(root, class.power));
        }
        let Some(known) = self.classes.iter_mut().find(|known| is_same(known)) else { return };
        known.operations = known.operations.saturating_add(class.operations);
        known.counted.iter_mut().zip(&class.counted).for_each(|(known, other)| known.merge(other));
        let ours = known.nodes.drain(..).map(|part| (part.node, part.measures));
        let mut parts: BTreeMap<NodeId, Measures> = ours.collect();
        for part in &class.nodes {
            parts.entry(place(part.node)).or_default().add(&part.measures);
        }
        known.nodes =
            parts.into_iter().map(|(node, measures)| ClassNode::new(node, measures)).collect();
    }

    fn merge_orphans(&mut self, orphans: &[Orphans], place: &impl Fn(NodeId) -> NodeId) {
        for other in orphans {
            let (root, waiting) = (place(other.root), place(other.waiting));
            let is_same = |known: &&mut Orphans| (known.root, known.waiting) == (root, waiting);
            match self.orphans.iter_mut().find(is_same) {
                Some(known) => known.count = known.count.saturating_add(other.count),
                None => self.orphans.push(Orphans::new(root, waiting, other.count)),
            }
        }
    }

    fn merge_reasons(&mut self, reasons: &[BlockedOn], place: &impl Fn(NodeId) -> NodeId) {
        let places = self.blocked_on.iter().zip(0..);
        let mut places: HashMap<_, usize> =
            places.map(|(known, at)| ((known.node, Arc::clone(&known.reason)), at)).collect();
        for other in reasons {
            let node = place(other.node);
            let at = *places.entry((node, Arc::clone(&other.reason))).or_insert_with(|| {
                self.blocked_on.push(BlockedOn::new(node, Arc::clone(&other.reason)));
                self.blocked_on.len() - 1
            });
            let known = &mut self.blocked_on[at];
            known.wall_nanos = known.wall_nanos.saturating_add(other.wall_nanos);
            known.busy_nanos = known.busy_nanos.saturating_add(other.busy_nanos);
        }
    }

    /// What threads did in all that was measured becomes unknown: they are not known to have
    /// been on a CPU, as they would be where nothing is said.
    fn lose_states(&mut self) {
        let lose = |measures: &mut Measures| {
            measures.wall_states = unknown(measures.wall_nanos);
            measures.busy_states = unknown(measures.busy_nanos);
        };
        let mut nodes: Vec<Node> = self.nodes().iter().collect();
        nodes.iter_mut().for_each(|node| lose(&mut node.measures));
        self.set_nodes(nodes);
        for share in self.threads.iter_mut().flat_map(|thread| &mut thread.nodes) {
            share.busy_states = unknown(share.busy_nanos);
        }
        for part in self.classes.iter_mut().flat_map(|class| &mut class.nodes) {
            lose(&mut part.measures);
        }
    }

    fn set_nodes(&mut self, nodes: Vec<Node>) {
        self.tree = Tree::default();
        nodes.into_iter().for_each(|node| self.tree.push(node));
    }
}

impl ThreadNode {
    fn add(&mut self, other: &Self) {
        let Self { node: _, enters, busy_nanos, busy_states, entered_nanos } = other;
        self.enters = self.enters.saturating_add(*enters);
        self.busy_nanos = self.busy_nanos.saturating_add(*busy_nanos);
        self.busy_states = self.busy_states.plus(*busy_states);
        self.entered_nanos = self.entered_nanos.saturating_add(*entered_nanos);
    }
}

fn unknown(nanos: u64) -> States {
    States { unknown_nanos: nanos, ..States::default() }
}

/// How it is known what threads did in the sum of two profiles.
fn source(ours: Option<StateSource>, theirs: Option<StateSource>) -> Option<StateSource> {
    let is_known =
        |source: &Option<StateSource>| source.as_ref().is_some_and(StateSource::is_known);
    if ours == theirs {
        return ours;
    }
    match (is_known(&ours), is_known(&theirs)) {
        (false, false) => ours.or(theirs),
        // One is exact and the other is not, or both say why they are not.
        (true, true) if ours == Some(StateSource::Exact) => theirs,
        (true, true) => ours,
        _ => Some(StateSource::Partial(Cow::Borrowed("as a part was recorded without them"))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::*;
    use crate::profile::{Anomalies, Callsite, Histogram, Reason, ReasonKind, Window};

    const SECOND: Duration = Duration::from_secs(1);

    fn span(name: &'static str) -> Frame {
        Frame::Span(Arc::new(Callsite::new(name, "target")))
    }

    /// A root with children, each with so much wall-clock and thread time, on one thread.
    fn profile(start: SystemTime, children: &[(&'static str, u64)]) -> Profile {
        let mut profile = Profile::new(Window::new(start, SECOND));
        let took = |nanos| Measures {
            started: 1,
            wall_nanos: nanos,
            busy_nanos: nanos,
            max_latency_nanos: nanos,
            ..Measures::default()
        };
        let root = profile.push(None, span("root"), took(1));
        let mut thread = ThreadProfile::new("worker", 1, Vec::new());
        for (name, nanos) in children {
            let node = profile.push(Some(root), span(name), took(*nanos));
            profile.set_latencies(node, &Histogram::from_iter([(*nanos, 1)]));
            let share = ThreadNode { busy_nanos: *nanos, enters: 1, ..ThreadNode::new(node) };
            thread.nodes.push(share);
        }
        profile.push_thread(thread);
        profile.name_operation(root);
        profile.set_operations(1);
        profile.set_covered(10);
        let mut class = Class::new(root, 20);
        (class.operations, class.nodes) = (1, vec![ClassNode::new(root, took(1))]);
        profile.push_class(class);
        let mut reason = BlockedOn::new(root, Arc::new(Reason::new(ReasonKind::Disk)));
        reason.wall_nanos = 3;
        profile.push_blocked_on(reason);
        profile.push_orphans(Orphans::new(root, root, 2));
        profile.set_anomalies(Anomalies { lost: 1, ..Anomalies::default() });
        profile
    }

    /// Each node's name, wall-clock time, latencies and longest latency.
    fn nodes(profile: &Profile) -> Vec<(String, u64, u64, u64)> {
        let told = |node: Node| {
            let name = node.frame.callsite().map(|callsite| callsite.name.to_string());
            let Measures { wall_nanos, max_latency_nanos, .. } = node.measures;
            (name.unwrap_or_default(), wall_nanos, node.latencies.calls(), max_latency_nanos)
        };
        profile.nodes().iter().map(told).collect()
    }

    #[test]
    fn stacks_of_either_are_there_once_with_all_that_was_measured() {
        let mut sum = profile(UNIX_EPOCH + SECOND, &[("a", 5), ("b", 7)]);
        sum.merge(&profile(UNIX_EPOCH, &[("c", 1), ("b", 2)]));
        let expected = [("root", 2, 0, 1), ("a", 5, 1, 5), ("b", 9, 2, 7), ("c", 1, 1, 1)];
        assert_eq!(nodes(&sum), expected.map(|(name, w, n, max)| (name.to_owned(), w, n, max)));
        assert_eq!(sum.window(), Window::new(UNIX_EPOCH, 2 * SECOND));
        assert_eq!((sum.operations(), sum.named_operations().len()), (2, 1));
        assert_eq!((sum.covered_nanos(), sum.anomalies().lost), (Some(20), 2));
        let [class] = sum.classes() else { panic!("{:?}", sum.classes()) };
        assert_eq!((class.operations, class.nodes[0].measures.wall_nanos), (2, 2));
        assert_eq!((sum.orphans().len(), sum.orphans()[0].count), (1, 4));
        assert_eq!((sum.blocked_on().len(), sum.blocked_on()[0].wall_nanos), (1, 6));
        let [thread] = sum.threads() else { panic!("{:?}", sum.threads()) };
        let shares: Vec<_> = thread.nodes.iter().map(|s| (s.node.index(), s.busy_nanos)).collect();
        assert_eq!((thread.threads, shares), (2, vec![(1, 5), (2, 9), (3, 1)]));
    }

    #[test]
    fn what_one_of_them_does_not_know_of_its_threads_is_unknown_in_the_sum() {
        let mut knows = profile(UNIX_EPOCH, &[("a", 5)]);
        knows.set_states(StateSource::Exact);
        let does_not = profile(UNIX_EPOCH, &[("a", 7)]);
        let mut other = does_not.clone();
        other.merge(&knows);
        knows.merge(&does_not);
        for sum in [knows, other] {
            let measures = sum.node(NodeId(1)).measures;
            assert_eq!((measures.wall_nanos, measures.wall_states), (12, unknown(7)));
            assert_eq!(measures.busy_states, unknown(7));
            assert_eq!(sum.threads()[0].nodes[0].busy_states, unknown(7));
            assert_eq!(sum.classes()[0].nodes[0].measures.wall_states, unknown(1));
            assert!(matches!(sum.states(), Some(StateSource::Partial(_))), "{:?}", sum.states());
        }
    }

    #[test]
    fn what_both_were_recorded_with_is_kept() {
        let flag = |value: &str| ("filter".to_owned(), value.to_owned());
        let [mut one, mut two] = [5, 7].map(|nanos| profile(UNIX_EPOCH, &[("a", nanos)]));
        one.set_recorded_with([flag("debug"), ("weight".to_owned(), "wall".to_owned())]);
        two.set_recorded_with([flag("info"), ("weight".to_owned(), "wall".to_owned())]);
        one.merge(&two);
        assert_eq!(one.recorded_with(), Some(&[("weight".to_owned(), "wall".to_owned())][..]));
        one.merge(&profile(UNIX_EPOCH, &[]));
        assert_eq!(one.recorded_with(), None);
    }
}
