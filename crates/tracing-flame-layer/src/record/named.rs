//! What the threads of one name measured.

use super::{paths::PathId, ticks::Ticks};

/// What the threads of one name measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedThreads {
    /// How many of them entered a span.
    pub(crate) threads: u64,
    /// By node, in their order: adding a thread is a walk along both.
    nodes: Vec<(PathId, Share)>,
}

/// What threads measured at a node, in ticks where they are times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) enters: u64,
    pub(crate) busy: u64,
    pub(crate) entered: u64,
    /// As in [`Ticks`].
    pub(crate) within: u64,
}

impl From<Ticks> for Share {
    fn from(ticks: Ticks) -> Self {
        let Ticks { enters, busy, entered, within, .. } = ticks;
        Self { enters, busy, entered, within }
    }
}

impl Share {
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another thread measured.
    pub(super) fn add(&mut self, other: &Self) {
        *self = self.each(other, u64::saturating_add);
    }

    fn each(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            enters: of(self.enters, other.enters),
            busy: of(self.busy, other.busy),
            entered: of(self.entered, other.entered),
            within: of(self.within, other.within),
        }
    }
}

impl NamedThreads {
    /// By node, in their order.
    pub(crate) fn nodes(&self) -> &[(PathId, Share)] {
        &self.nodes
    }

    /// Some threads that have entered a span, whose shares are not known yet.
    pub(super) fn new(threads: u64) -> Self {
        Self { threads, nodes: Vec::new() }
    }

    /// By node, in their order.
    pub(crate) fn into_nodes(self) -> Vec<(PathId, Share)> {
        self.nodes
    }

    /// Appends shares of nodes behind all that are known.
    pub(super) fn append(&mut self, shares: impl Iterator<Item = (PathId, Share)>) {
        self.nodes.extend(shares);
    }

    /// Adds what another thread measured, in the order of nodes. Those at which it was
    /// nothing are kept: what is within those above a node is found through them.
    pub(crate) fn add(&mut self, shares: impl Iterator<Item = (PathId, Share)>) {
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
        Self { threads: begun.saturating_add(living), ..self }
    }

    /// Adds a later window.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.threads = self.threads.max(later.threads);
        self.add(later.nodes.iter().copied());
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
        named.add(nodes.iter().map(|&(node, busy)| (PathId(node), share(busy))));
        named
    }

    fn busy(named: &NamedThreads) -> Vec<(u32, u64)> {
        named.nodes().iter().map(|(node, share)| (node.0, share.busy)).collect()
    }

    #[test]
    fn threads_add_up_whatever_nodes_each_of_them_has() {
        let mut all = named(&[(1, 10), (5, 50)]);
        all.add([(PathId(0), share(1)), (PathId(5), share(2)), (PathId(9), share(3))].into_iter());
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
