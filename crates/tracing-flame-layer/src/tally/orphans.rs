//! Operations that are most likely parts of another, counted.

use super::paths::NodeId;

/// How many pairs are told apart; the others are not told of.
const MOST: usize = 64;

/// So many operations of a root that are most likely parts of what waited in a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrphanPair {
    pub(crate) root: NodeId,
    pub(crate) waiting: NodeId,
    pub(crate) count: u64,
}

/// Counts of orphans by root and by the node that waited. A pair that nothing was counted
/// of is a free place.
#[derive(Clone, Debug)]
pub(crate) struct OrphanPairs([OrphanPair; MOST]);

impl Default for OrphanPairs {
    fn default() -> Self {
        Self([OrphanPair { root: NodeId(0), waiting: NodeId(0), count: 0 }; MOST])
    }
}

impl OrphanPairs {
    pub(crate) fn add(&mut self, root: NodeId, waiting: NodeId, count: u64) {
        let is_it = |pair: &&mut OrphanPair| (pair.root, pair.waiting) == (root, waiting);
        let place = |pair: &&mut OrphanPair| pair.count == 0 || is_it(pair);
        if let Some(pair) = self.0.iter_mut().find(place) {
            let count = pair.count.saturating_add(count);
            *pair = OrphanPair { root, waiting, count };
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &OrphanPair> {
        self.0.iter().filter(|pair| pair.count > 0)
    }

    fn count(&self, root: NodeId, waiting: NodeId) -> u64 {
        let is_it = |pair: &&OrphanPair| (pair.root, pair.waiting) == (root, waiting);
        self.iter().find(is_it).map_or(0, |pair| pair.count)
    }

    /// What came after `earlier`.
    #[must_use]
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut later = Self::default();
        for OrphanPair { root, waiting, count } in self.iter() {
            let before = earlier.count(*root, *waiting);
            later.add(*root, *waiting, count.saturating_sub(before));
        }
        later
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other.iter().for_each(|pair| self.add(pair.root, pair.waiting, pair.count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(of: &[(u32, u64)]) -> OrphanPairs {
        let mut pairs = OrphanPairs::default();
        of.iter().for_each(|(root, count)| pairs.add(NodeId(*root), NodeId(0), *count));
        pairs
    }

    fn counts(pairs: &OrphanPairs) -> Vec<(u32, u64)> {
        pairs.iter().map(|pair| (pair.root.0, pair.count)).collect()
    }

    #[test]
    fn windows_are_differences_and_add_up() {
        let (earlier, later) = (pairs(&[(1, 2), (2, 3)]), pairs(&[(1, 2), (2, 5), (3, 1)]));
        let mut window = later.since(&earlier);
        assert_eq!(counts(&window), [(2, 2), (3, 1)]);
        window.merge(&earlier);
        assert_eq!(counts(&window), [(2, 5), (3, 1), (1, 2)]);
    }

    #[test]
    fn what_there_is_no_place_for_is_left_out() {
        let most = MOST as u32;
        let mut full = pairs(&(0..=most).map(|root| (root, 1)).collect::<Vec<_>>());
        assert_eq!(counts(&full).len(), MOST);
        full.add(NodeId(0), NodeId(0), 1);
        full.add(NodeId(most), NodeId(0), 1);
        assert_eq!((counts(&full)[0], counts(&full).len()), ((0, 2), MOST));
    }
}
