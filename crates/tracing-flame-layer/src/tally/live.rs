//! Threads that have not ended, each by itself: what tells one that waits from
//! one that works.

use std::{collections::HashMap, sync::Arc};

use super::paths::NodeId;

/// Threads by the number under which they began to record.
pub(crate) type LiveThreads = HashMap<u64, LiveThread>;

/// A thread that has not ended.
#[derive(Clone, Debug)]
pub(crate) struct LiveThread {
    pub(crate) name: Arc<str>,
    /// CPU time in nanoseconds, where it is known.
    pub(crate) cpu_nanos: Option<u64>,
    /// Busy ticks by node, in the order of nodes. As busy time goes to the
    /// innermost span, all of it together is that with any span entered.
    pub(crate) busy: Vec<(NodeId, u64)>,
}

impl LiveThread {
    /// Ticks with at least one span entered.
    pub(crate) fn open(&self) -> u64 {
        self.busy.iter().fold(0, |open, (_, ticks)| open.saturating_add(*ticks))
    }

    /// The node that was innermost for the longest.
    pub(crate) fn innermost(&self) -> Option<NodeId> {
        self.busy.iter().max_by_key(|(_, ticks)| *ticks).map(|(node, _)| *node)
    }

    fn since(mut self, earlier: &Self) -> Self {
        // Both are in the order of nodes.
        let mut before = earlier.busy.iter().copied().peekable();
        for (node, ticks) in &mut self.busy {
            while before.next_if(|(passed, _)| passed < node).is_some() {}
            let had = before.next_if(|(same, _)| same == node).map_or(0, |(_, had)| had);
            *ticks = ticks.saturating_sub(had);
        }
        self.cpu_nanos = both(self.cpu_nanos, earlier.cpu_nanos, u64::saturating_sub);
        self
    }

    fn plus(mut self, other: &Self) -> Self {
        self.busy.extend_from_slice(&other.busy);
        self.busy = by_node(self.busy);
        self.cpu_nanos = both(self.cpu_nanos, other.cpu_nanos, u64::saturating_add);
        self
    }
}

/// What each thread gained after `earlier`; one that was not there yet began
/// with nothing.
pub(super) fn since(later: LiveThreads, earlier: &LiveThreads) -> LiveThreads {
    let gained = later.into_iter().map(|(number, thread)| match earlier.get(&number) {
        Some(before) => (number, thread.since(before)),
        None => (number, thread),
    });
    gained.collect()
}

/// Adds a later window. Threads that are not in it have ended.
pub(super) fn merge(into: &mut LiveThreads, later: LiveThreads) {
    let merged = later.into_iter().map(|(number, thread)| match into.get(&number) {
        Some(before) => (number, thread.plus(before)),
        None => (number, thread),
    });
    *into = merged.collect();
}

/// Adds up what is of one node, and sorts.
fn by_node(mut all: Vec<(NodeId, u64)>) -> Vec<(NodeId, u64)> {
    // Stable, as it is fast on what is sorted in parts.
    all.sort_by_key(|(node, _)| *node);
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 = kept.1.saturating_add(if same { next.1 } else { 0 });
        same
    });
    all
}

fn both(a: Option<u64>, b: Option<u64>, of: impl Fn(u64, u64) -> u64) -> Option<u64> {
    Some(of(a?, b?))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn thread(cpu_nanos: Option<u64>, busy: &[(u32, u64)]) -> LiveThread {
        let busy = busy.iter().map(|&(node, ticks)| (NodeId(node), ticks)).collect();
        LiveThread { name: "t".into(), cpu_nanos, busy }
    }

    fn figures(threads: &LiveThreads, number: u64) -> (Option<u64>, u64, Option<u32>) {
        let thread = &threads[&number];
        (thread.cpu_nanos, thread.open(), thread.innermost().map(|node| node.0))
    }

    #[test]
    fn a_window_has_what_came_after_its_start() {
        let earlier = HashMap::from([(1, thread(Some(5), &[(0, 90), (2, 10)]))]);
        let later = HashMap::from([
            (1, thread(Some(7), &[(0, 91), (1, 4), (2, 40)])),
            (2, thread(Some(3), &[(1, 8)])),
        ]);
        let window = since(later, &earlier);
        assert_eq!(figures(&window, 1), (Some(2), 35, Some(2)));
        assert_eq!(figures(&window, 2), (Some(3), 8, Some(1)));
    }

    #[test]
    fn windows_add_up_and_forget_threads_that_ended_between() {
        let mut first = HashMap::from([
            (1, thread(Some(2), &[(0, 5), (2, 9)])),
            (2, thread(None, &[(0, 1)])),
            (3, thread(Some(9), &[(0, 99)])),
        ]);
        let second = HashMap::from([
            (1, thread(Some(4), &[(0, 5), (1, 3)])),
            (2, thread(Some(1), &[(0, 1)])),
            (4, thread(Some(6), &[(0, 7)])),
        ]);
        merge(&mut first, second);
        assert_eq!(first.len(), 3);
        assert_eq!(figures(&first, 1), (Some(6), 22, Some(0)));
        assert_eq!(figures(&first, 2), (None, 2, Some(0)), "unknown once is unknown");
        assert_eq!(figures(&first, 4), (Some(6), 7, Some(0)));
    }
}
