//! What the threads of one name measured.

use super::{paths::NodeId, states::ToldByNode};

/// What the threads of one name measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedThreads {
    /// How many of them entered a span.
    pub(crate) threads: u64,
    /// By node, in their order: adding a thread is a walk along both.
    nodes: Vec<(NodeId, Share)>,
    /// What they did meanwhile, in ticks.
    pub(crate) told: ToldByNode,
}

/// What threads measured at a node, in ticks where they are times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) enters: u64,
    pub(crate) busy: u64,
    pub(crate) entered: u64,
}

impl Share {
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another thread measured.
    #[inline]
    pub(crate) fn add(&mut self, other: &Self) {
        *self = self.each(other, u64::saturating_add);
    }

    fn each(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            enters: of(self.enters, other.enters),
            busy: of(self.busy, other.busy),
            entered: of(self.entered, other.entered),
        }
    }
}

impl NamedThreads {
    /// By node, in their order.
    pub(crate) fn nodes(&self) -> &[(NodeId, Share)] {
        &self.nodes
    }

    /// By node, in their order, and what they did meanwhile.
    pub(crate) fn into_parts(self) -> (Vec<(NodeId, Share)>, ToldByNode) {
        (self.nodes, self.told)
    }

    /// So many threads, and what they measured, in whatever order of nodes; and what they did
    /// meanwhile.
    pub(crate) fn of(threads: u64, mut nodes: Vec<(NodeId, Share)>, told: ToldByNode) -> Self {
        nodes.sort_unstable_by_key(|(node, _)| *node);
        nodes.dedup_by(|(node, share), (known, sum)| {
            let is_known = node == known;
            if is_known {
                sum.add(share);
            }
            is_known
        });
        Self { threads, nodes, told }
    }

    /// Adds what was measured elsewhere, in the order of nodes.
    fn add(&mut self, shares: impl Iterator<Item = (NodeId, Share)>) {
        let mut missing = Vec::new();
        let mut known = self.nodes.iter_mut().peekable();
        for (node, share) in shares {
            while known.next_if(|(passed, _)| *passed < node).is_some() {}
            match known.next_if(|(same, _)| *same == node) {
                Some((_, sum)) => *sum = sum.each(&share, u64::saturating_add),
                None => missing.push((node, share)),
            }
        }
        if !missing.is_empty() {
            self.nodes.append(&mut missing);
            // Stable, as it is fast on what is sorted in parts.
            self.nodes.sort_by_key(|(node, _)| *node);
        }
    }

    /// What came after `earlier`, of whose threads some were `living`.
    #[must_use]
    pub(crate) fn since(mut self, earlier: Option<&Self>, living: u64) -> Self {
        let begun = self.threads.saturating_sub(earlier.map_or(0, |earlier| earlier.threads));
        let mut before = earlier.map_or(&[][..], Self::nodes).iter().peekable();
        for (node, share) in &mut self.nodes {
            while before.next_if(|(passed, _)| passed < node).is_some() {}
            let had = before.next_if(|(same, _)| same == node);
            let had = had.map(|(_, had)| *had).unwrap_or_default();
            *share = share.each(&had, u64::saturating_sub);
        }
        let told = match earlier {
            Some(earlier) => self.told.since(&earlier.told),
            None => self.told,
        };
        Self { threads: begun.saturating_add(living), told, nodes: self.nodes }
    }

    /// Adds a later window.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.threads = self.threads.max(later.threads);
        self.add(later.nodes.iter().copied());
        self.told.merge(&later.told);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn share(busy: u64) -> Share {
        Share { enters: 1, busy, ..Share::default() }
    }

    fn named(nodes: &[(u32, u64)]) -> NamedThreads {
        let mut named = NamedThreads::default();
        named.add(nodes.iter().map(|&(node, busy)| (NodeId(node), share(busy))));
        named
    }

    fn busy(named: &NamedThreads) -> Vec<(u32, u64)> {
        named.nodes().iter().map(|(node, share)| (node.0, share.busy)).collect()
    }

    #[test]
    fn threads_add_up_whatever_nodes_each_of_them_has() {
        let mut all = named(&[(1, 10), (5, 50)]);
        all.add([(NodeId(0), share(1)), (NodeId(5), share(2)), (NodeId(9), share(3))].into_iter());
        assert_eq!(busy(&all), [(0, 1), (1, 10), (5, 52), (9, 3)]);
    }

    #[test]
    fn a_node_at_which_nothing_was_measured_stays_in_the_sum_of_windows() {
        let earlier = named(&[(0, 4), (1, 10)]);
        let mut all = NamedThreads::default();
        all.merge(&named(&[(0, 4), (1, 25)]).since(Some(&earlier), 0));
        assert_eq!(busy(&all), [(0, 0), (1, 15)]);
    }

    #[test]
    fn a_window_has_what_came_after_its_start_and_windows_add_up() {
        let (earlier, later) = (named(&[(1, 10)]), named(&[(0, 4), (1, 25)]));
        let mut window = later.clone().since(Some(&earlier), 0);
        assert_eq!(busy(&window), [(0, 4), (1, 15)]);
        window.merge(&earlier);
        assert_eq!(busy(&window), busy(&later));
        assert_eq!(busy(&later.clone().since(None, 0)), busy(&later));
    }
}
