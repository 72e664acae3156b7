//! The critical path of an operation: one chain of strands from its end back to
//! its beginning.
//!
//! The rules are those of `docs/semantics.md`. At each instant the path is at one
//! strand. It stays with a strand back to where that began, and goes on to the
//! strand, of those under way the moment before, that fits best:
//!
//! 1. one of the same span that ended there: the span's own wait, or its work
//!    before it;
//! 2. one on the same thread that ended there;
//! 3. one of a descendant that ended there: what was waited for;
//! 4. any other that ended there;
//! 5. one of a descendant that went on;
//! 6. any other.
//!
//! Of several the one that began last. Where none was under way, the root was
//! awaited.

use std::cmp::Reverse;

use super::{Chart, NodeId, Profile, StateSource, States, Strand};

/// What the operation did on a step of its critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Activity {
    /// A thread worked at the node's span.
    Working,
    /// The node's span was awaited.
    Awaited,
    /// What went on below the node was too short to be kept.
    Unknown,
}

/// A step of a critical path, times in nanoseconds since the operation came to
/// life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Where the operation was.
    pub node: NodeId,
    /// What it did there.
    pub activity: Activity,
    /// The thread that worked, by its place in [`Chart::threads`].
    pub thread: Option<usize>,
    /// When the step began.
    pub from_nanos: u64,
    /// When it ended.
    pub to_nanos: u64,
    /// What the thread did meanwhile; nothing where the span was awaited, and where it is not
    /// known [what threads did](Profile::states). Where it is not known whether the thread did it
    /// on this step or beside it, that is unknown.
    pub states: States,
}

impl Step {
    /// A step, of which it is not known what the thread did meanwhile.
    #[must_use]
    pub fn new(
        node: NodeId,
        activity: Activity,
        thread: Option<usize>,
        nanos: std::ops::Range<u64>,
    ) -> Self {
        let (from_nanos, to_nanos) = (nanos.start, nanos.end);
        Self { node, activity, thread, from_nanos, to_nanos, states: States::default() }
    }

    /// How long the step took.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        self.to_nanos.saturating_sub(self.from_nanos)
    }
}

/// The steps from an operation's beginning to its end; they leave no gap.
pub(super) fn walk(profile: &Profile, chart: &Chart, end: u64) -> Vec<Step> {
    let walk = Walk::new(profile, chart);
    let mut steps: Vec<Step> = Vec::new();
    let (mut at, mut later) = (end, None);
    while at > 0 {
        let step = match walk.before(at, later) {
            Some(strand) => {
                later = Some(strand);
                Step {
                    node: strand.node,
                    activity: activity(strand),
                    thread: strand.thread,
                    from_nanos: strand.from_nanos,
                    to_nanos: at,
                    states: States::default(),
                }
            }
            None => walk.gap(at),
        };
        at = step.from_nanos;
        match steps.last_mut() {
            Some(last)
                if last.node == step.node
                    && last.activity == step.activity
                    && last.thread == step.thread =>
            {
                last.from_nanos = step.from_nanos;
            }
            _ => steps.push(step),
        }
    }
    steps.reverse();
    let are_known = profile.states().is_some_and(StateSource::is_known);
    for step in steps.iter_mut().filter(|_| are_known) {
        step.states = match (step.activity, step.thread) {
            (Activity::Awaited, _) => States::default(),
            (Activity::Working, Some(thread)) => {
                chart.states_between(thread, step.from_nanos, step.to_nanos)
            }
            _ => States { unknown_nanos: step.nanos(), ..States::default() },
        };
    }
    steps
}

fn activity(strand: &Strand) -> Activity {
    if strand.thread.is_some() { Activity::Working } else { Activity::Awaited }
}

struct Walk<'a> {
    profile: &'a Profile,
    chart: &'a Chart,
    /// For each strand, the latest end of it and of all that began before.
    latest_end: Vec<u64>,
}

impl<'a> Walk<'a> {
    fn new(profile: &'a Profile, chart: &'a Chart) -> Self {
        let latest = |latest: &mut u64, strand: &Strand| {
            *latest = strand.to_nanos.max(*latest);
            Some(*latest)
        };
        let latest_end = chart.strands.iter().scan(0, latest).collect();
        Self { profile, chart, latest_end }
    }

    /// The strands that began before an instant, the last one first, as long as
    /// one of them may reach it.
    fn begun_before(&self, at: u64) -> impl Iterator<Item = &'a Strand> {
        let begun = self.chart.strands.partition_point(|strand| strand.from_nanos < at);
        let until = self.latest_end[..begun].iter().rposition(|end| *end < at).map_or(0, |i| i + 1);
        self.chart.strands[until..begun].iter().rev()
    }

    /// The strand under way the moment before `at` from which the path came to
    /// `later`.
    fn before(&self, at: u64, later: Option<&Strand>) -> Option<&'a Strand> {
        let under_way = self.begun_before(at).filter(|strand| strand.to_nanos >= at);
        under_way.min_by_key(|strand| {
            let rank = later.map_or(0, |later| self.rank(strand, at, later));
            (rank, Reverse(strand.from_nanos), strand.thread.is_none(), Reverse(strand.span))
        })
    }

    fn rank(&self, strand: &Strand, at: u64, later: &Strand) -> u8 {
        let ended = strand.to_nanos == at;
        let below = || self.is_below(strand.node, later.node);
        match ended {
            true if strand.span == later.span => 1,
            true if strand.thread.is_some() && strand.thread == later.thread => 2,
            true if below() => 3,
            true => 4,
            false if below() => 5,
            false => 6,
        }
    }

    fn is_below(&self, node: NodeId, ancestor: NodeId) -> bool {
        let parent = |node: &NodeId| self.profile.tree.parent(node.index());
        std::iter::successors(parent(&node), parent).any(|above| above == ancestor)
    }

    /// The step back to where the last strand before ended: the root was awaited,
    /// or what went on is not known.
    fn gap(&self, at: u64) -> Step {
        let begun = self.chart.strands.partition_point(|strand| strand.from_nanos < at);
        let from_nanos = begun.checked_sub(1).map_or(0, |last| self.latest_end[last]);
        let step = Step {
            node: NodeId(0),
            activity: Activity::Awaited,
            thread: None,
            from_nanos,
            to_nanos: at,
            states: States::default(),
        };
        if self.chart.omitted_strands.count == 0 {
            return step;
        }
        let visits = self.chart.visits.iter();
        let around = visits.filter(|visit| visit.from_nanos <= from_nanos && visit.to_nanos >= at);
        let innermost = around.max_by_key(|visit| (visit.from_nanos, visit.depth));
        Step {
            node: innermost.map_or(NodeId(0), |visit| visit.node),
            activity: Activity::Unknown,
            thread: innermost.map(|visit| visit.thread),
            ..step
        }
    }
}
