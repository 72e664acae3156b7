//! The immutable result of a snapshot: a call tree and what was measured at it.
//!
//! A [`Profile`] knows no clock, thread or subscriber. Nodes are kept by
//! callsite, parents before children; writers merge those of one label when
//! they lay out frames, because what a label is depends on their options.

mod anomalies;
mod callsite;
mod chart;
mod children;
mod class;
mod class_range;
mod critical;
mod fields;
mod heatmap;
mod histogram;
mod live;
mod merge;
mod node;
mod nodes;
mod open;
mod operation;
mod orphan;
mod reason;
mod split;
mod states;
mod thread;
mod tree;
mod window;

pub use anomalies::Anomalies;
pub use callsite::Callsite;
pub use chart::{Absence, Chart, Omitted, Strand, Visit};
pub use children::Children;
pub use class::{Class, ClassNode};
pub use class_range::{ClassRange, ParseClassRangeError, SelectedClasses};
pub use critical::{Activity, Step};
pub use fields::FieldValues;
pub use heatmap::{HeatCell, HeatColumn};
pub use histogram::Histogram;
pub use live::LiveThread;
pub use node::{Frame, Measures, Node, NodeId};
pub use nodes::Nodes;
pub use open::{OpenKey, OpenOperation, OpenSpan, OpenThread, ThreadState};
pub use operation::{Log, LogLine, Operation};
pub use orphan::Orphans;
pub use reason::{BlockedOn, Reason, ReasonKind};
pub use split::{Split, Typical};
pub use states::{StateSource, States, Switches};
pub use thread::{ThreadNode, ThreadProfile};
pub use window::Window;

use tree::Tree;

/// An immutable call tree with what was measured at each node.
///
/// [`Flame::snapshot`](crate::Flame::snapshot) makes one; a tool may build one by hand.
///
/// ```
/// use std::{sync::Arc, time::{Duration, SystemTime}};
/// use tracing_flame_layer::{
///     Profile,
///     profile::{Callsite, Frame, Measures, Window},
///     render::Options,
/// };
///
/// let mut profile = Profile::new(Window::new(SystemTime::now(), Duration::from_secs(1)));
/// let frame = Frame::Span(Arc::new(Callsite::new("request", "my_app")));
/// let mut measures = Measures::default();
/// (measures.calls, measures.wall_nanos) = (1, 250);
/// profile.push(None, frame, measures);
///
/// let mut folded = Vec::new();
/// profile.write_folded(&mut folded, &Options::default())?;
/// assert_eq!(folded, b"request 250\n");
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub(crate) window: Window,
    pub(crate) so_far: bool,
    pub(crate) tree: Tree,
    pub(crate) threads: Vec<ThreadProfile>,
    pub(crate) live: Vec<LiveThread>,
    pub(crate) operations: u64,
    pub(crate) named_operations: Vec<NodeId>,
    pub(crate) covered_nanos: Option<u64>,
    pub(crate) orphans: Vec<Orphans>,
    pub(crate) classes: Vec<Class>,
    pub(crate) unclassified_operations: u64,
    pub(crate) heatmap: Vec<HeatColumn>,
    pub(crate) left_out_of_heatmap: u64,
    pub(crate) blocked_on: Vec<BlockedOn>,
    pub(crate) anomalies: Anomalies,
    pub(crate) states: Option<StateSource>,
    pub(crate) recorded_with: Option<Vec<(String, String)>>,
}

impl Profile {
    /// The time of all operations together.
    pub(crate) fn operation_nanos(&self) -> u64 {
        let nodes = (0..self.tree.len()).map(|node| self.tree.measures(node));
        nodes.fold(0_u64, |sum, node| {
            sum.saturating_add(node.wall_nanos).saturating_add(node.await_nanos)
        })
    }

    /// A profile without nodes over a window; the start of one built by hand.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            so_far: false,
            tree: Tree::default(),
            threads: Vec::new(),
            live: Vec::new(),
            operations: 0,
            named_operations: Vec::new(),
            covered_nanos: None,
            orphans: Vec::new(),
            classes: Vec::new(),
            unclassified_operations: 0,
            heatmap: Vec::new(),
            left_out_of_heatmap: 0,
            blocked_on: Vec::new(),
            anomalies: Anomalies::default(),
            states: None,
            recorded_with: None,
        }
    }

    /// Appends a node and returns its place.
    ///
    /// # Panics
    ///
    /// If `parent` is not a node of this profile, or at 2³² nodes.
    pub fn push(&mut self, parent: Option<NodeId>, frame: Frame, measures: Measures) -> NodeId {
        assert!(
            parent.is_none_or(|p| p.index() < self.tree.len()),
            "parent {parent:?} is not a node of this profile"
        );
        self.add(Node { parent, frame, measures, latencies: Histogram::new() })
    }

    /// Appends a node whose parent is one of this profile, and returns its place.
    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.len()).expect("fewer than 2^32 nodes"));
        self.tree.push(node);
        id
    }

    /// Sets how long the calls of a node took. Cheap for the last one; of others,
    /// all behind it are moved.
    ///
    /// # Panics
    ///
    /// If `node` is not a node of this profile.
    pub fn set_latencies(&mut self, node: NodeId, latencies: &Histogram) {
        self.tree.set_latencies(node.index(), latencies);
    }

    /// Appends what the threads of one name did.
    ///
    /// # Panics
    ///
    /// If one of its nodes is not a node of this profile.
    pub fn push_thread(&mut self, thread: ThreadProfile) {
        let unknown = thread.nodes.iter().find(|share| share.node.index() >= self.tree.len());
        assert!(unknown.is_none(), "{unknown:?} is not a node of this profile");
        self.threads.push(thread);
    }

    /// Appends a thread that has not ended.
    ///
    /// # Panics
    ///
    /// If its innermost node is not a node of this profile.
    pub fn push_live(&mut self, thread: LiveThread) {
        let innermost = thread.innermost;
        assert!(innermost.index() < self.tree.len(), "{innermost:?} is not a node of this profile");
        self.live.push(thread);
    }

    /// Sets how many operations lived in the window.
    pub fn set_operations(&mut self, operations: u64) {
        self.operations = operations;
    }

    /// Marks a root as one whose spans the user named operations, so that times
    /// below it are told per operation too.
    ///
    /// # Panics
    ///
    /// If `root` is not a node of this profile without a parent.
    pub fn name_operation(&mut self, root: NodeId) {
        assert!(
            root.index() < self.tree.len() && self.tree.parent(root.index()).is_none(),
            "{root:?} is not a root of this profile"
        );
        if let Err(place) = self.named_operations.binary_search(&root) {
            self.named_operations.insert(place, root);
        }
    }

    /// Sets whether the recording went on when this was taken, so that it is not the
    /// whole run. Defaults to `false`; `.json` keeps it.
    pub fn set_so_far(&mut self, so_far: bool) {
        self.so_far = so_far;
    }

    /// Sets for how much of the window at least one operation lived.
    pub fn set_covered(&mut self, nanos: u64) {
        self.covered_nanos = Some(nanos);
    }

    /// Appends operations that are most likely parts of another.
    ///
    /// # Panics
    ///
    /// If their root is not a node of this profile without a parent, or the node in
    /// which the other waited is none of this profile.
    pub fn push_orphans(&mut self, orphans: Orphans) {
        let Orphans { root, waiting, .. } = orphans;
        assert!(
            root.index() < self.tree.len() && self.tree.parent(root.index()).is_none(),
            "{root:?} is not a root of this profile"
        );
        assert!(waiting.index() < self.tree.len(), "{waiting:?} is not a node of this profile");
        self.orphans.push(orphans);
    }

    /// Adds a class of latency.
    ///
    /// # Panics
    ///
    /// If its root is not a node of this profile without a parent, one of its nodes is none of
    /// this profile, or its power is higher than [`Class::HIGHEST`].
    pub fn push_class(&mut self, class: Class) {
        let root = class.root;
        assert!(
            root.index() < self.tree.len() && self.tree.parent(root.index()).is_none(),
            "{root:?} is not a root of this profile"
        );
        let unknown = class.nodes.iter().find(|part| part.node.index() >= self.tree.len());
        assert!(unknown.is_none(), "{unknown:?} is not a node of this profile");
        assert!(class.power <= Class::HIGHEST, "2^{} nanoseconds are too many", class.power);
        let place = self.classes.partition_point(|known| known.place() <= class.place());
        self.classes.insert(place, class);
    }

    /// Sets how many named operations no class has.
    pub fn set_unclassified_operations(&mut self, operations: u64) {
        self.unclassified_operations = operations;
    }

    /// Adds a column of the heatmap.
    ///
    /// # Panics
    ///
    /// If a root in it is not a node of this profile without a parent, or it ends before it begins.
    pub fn push_heat_column(&mut self, column: HeatColumn) {
        for HeatCell { root, .. } in &column.cells {
            assert!(
                root.index() < self.tree.len() && self.tree.parent(root.index()).is_none(),
                "{root:?} is not a root of this profile"
            );
        }
        let HeatColumn { from_nanos: from, below_nanos: below, .. } = column;
        assert!(from <= below, "a column from {from} ns on ends at {below} ns");
        let place = self.heatmap.partition_point(|known| known.from_nanos <= from);
        self.heatmap.insert(place, column);
    }

    /// Sets how many operations are in a class and not in the heatmap.
    pub fn set_left_out_of_heatmap(&mut self, operations: u64) {
        self.left_out_of_heatmap = operations;
    }

    /// Appends for how long threads were asleep for a reason.
    ///
    /// # Panics
    ///
    /// If its node is not a node of this profile.
    pub fn push_blocked_on(&mut self, blocked_on: BlockedOn) {
        let node = blocked_on.node;
        assert!(node.index() < self.tree.len(), "{node:?} is not a node of this profile");
        self.blocked_on.push(blocked_on);
    }

    /// Sets the counts of what went wrong.
    pub fn set_anomalies(&mut self, anomalies: Anomalies) {
        self.anomalies = anomalies;
    }

    /// Sets how it is known what threads did while they were in spans.
    pub fn set_states(&mut self, source: StateSource) {
        self.states = Some(source);
    }

    /// Sets what the host was asked to record, and how: names and values of what changes what
    /// its numbers mean, so that profiles are not compared that mean different things. `.json`
    /// keeps them, in the order of the names.
    pub fn set_recorded_with(&mut self, flags: impl IntoIterator<Item = (String, String)>) {
        let mut flags: Vec<_> = flags.into_iter().collect();
        flags.sort();
        flags.dedup_by(|next, kept| next.0 == kept.0);
        self.recorded_with = Some(flags);
    }

    /// What [`set_recorded_with`](Self::set_recorded_with) has said; `None` where nobody did.
    #[must_use]
    pub fn recorded_with(&self) -> Option<&[(String, String)]> {
        self.recorded_with.as_deref()
    }

    /// How it is known what threads did while they were in spans; `None` where nobody
    /// asked, and all states are 0.
    #[must_use]
    pub fn states(&self) -> Option<&StateSource> {
        self.states.as_ref()
    }

    /// Whether it is known of the spans what threads did in them.
    #[must_use]
    pub fn has_states(&self) -> bool {
        self.states.as_ref().is_some_and(StateSource::is_known) || self.tree.has_states()
    }

    /// The stretch of time covered.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether the recording went on when this was taken, as far as
    /// [`set_so_far`](Self::set_so_far) has said.
    #[must_use]
    pub fn is_so_far(&self) -> bool {
        self.so_far
    }

    /// All nodes, parents before children.
    #[must_use]
    pub fn nodes(&self) -> Nodes<'_> {
        Nodes(&self.tree)
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// If it is not a node of this profile.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node {
        self.tree.node(id.index())
    }

    /// What each thread name did.
    #[must_use]
    pub fn threads(&self) -> &[ThreadProfile] {
        &self.threads
    }

    /// Each thread that spent time in spans and has not ended.
    #[must_use]
    pub fn live(&self) -> &[LiveThread] {
        &self.live
    }

    /// How many operations lived in the window.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// How many spans were recorded: those created in the window, and at least one for
    /// each node that only older ones entered. Walks all nodes.
    #[must_use]
    pub fn spans(&self) -> u64 {
        let measures = self.nodes().iter().map(|node| node.measures);
        let spans = measures.map(|node| node.calls.max(u64::from(node.enters > 0)));
        spans.fold(0, u64::saturating_add)
    }

    /// The roots whose spans the user named operations, in ascending order;
    /// [`Node::lived`] says how many each had.
    #[must_use]
    pub fn named_operations(&self) -> &[NodeId] {
        &self.named_operations
    }

    /// For how much of the window at least one operation was open, from its first enter to
    /// its last close: outside of that no span was open that had been entered. `None` where that was not measured.
    #[must_use]
    pub fn covered_nanos(&self) -> Option<u64> {
        self.covered_nanos
    }

    /// Operations that are most likely parts of another, in no order. The recorder finds some
    /// where it is known [what threads did](Self::states).
    #[must_use]
    pub fn orphans(&self) -> &[Orphans] {
        &self.orphans
    }

    /// The named operations that ended, by how long they took, where
    /// [`Builder::classes`](crate::Builder::classes) asked for that: by root, and from the
    /// quickest up.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// How many named operations no class has, for want of room: their time is in the whole
    /// alone. One that too many others were open beside counts as it begins.
    #[must_use]
    pub fn unclassified_operations(&self) -> u64 {
        self.unclassified_operations
    }

    /// When the operations of all [classes](Self::classes) ended, in the order of time.
    #[must_use]
    pub fn heatmap(&self) -> &[HeatColumn] {
        &self.heatmap
    }

    /// How many operations are in a class and not in the [heatmap](Self::heatmap), for want of
    /// room.
    #[must_use]
    pub fn left_out_of_heatmap(&self) -> u64 {
        self.left_out_of_heatmap
    }

    /// For how long threads were asleep for what, in no order. What was for reasons that
    /// nobody knows is not here: of a node's `blocked_nanos` these are parts.
    #[must_use]
    pub fn blocked_on(&self) -> &[BlockedOn] {
        &self.blocked_on
    }

    /// Counts of what went wrong.
    #[must_use]
    pub fn anomalies(&self) -> Anomalies {
        self.anomalies
    }

    /// Whether nothing at all was recorded: no span was entered in the window, and
    /// none was open in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations == 0
            && (0..self.tree.len()).all(|node| self.tree.measures(node).enters == 0)
    }
}
