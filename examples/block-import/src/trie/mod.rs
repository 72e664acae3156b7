//! An in-memory Merkle Patricia trie that recomputes only what changed.
//!
//! No published crate keeps a trie between blocks: computing a root from sorted
//! leaves ([`alloy_trie::HashBuilder`]) touches every key each time. This one
//! builds on the same crate's node encodings and keeps the nodes.

mod full;
mod node;
mod state;

pub use full::full_state_root;
pub use state::StateTrie;

use alloy_primitives::{B256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, Nibbles};
use node::Node;

/// A trie over 32-byte keys.
#[derive(Debug, Default)]
pub struct Trie {
    root: Option<Node>,
}

impl Trie {
    /// Sets the value of `key`. Setting what is already there costs a look-up
    /// and leaves every cached hash in place.
    pub fn insert(&mut self, key: B256, value: Vec<u8>) {
        let path = Nibbles::unpack(key);
        self.root = Some(match self.root.take() {
            None => Node::leaf(path, value),
            Some(root) if root.get(&path) == Some(&value[..]) => root,
            Some(root) => root.insert(path, value),
        });
    }

    /// Removes `key`; does nothing where it is absent.
    pub fn remove(&mut self, key: B256) {
        let path = Nibbles::unpack(key);
        self.root = self.root.take().and_then(|root| match root.get(&path) {
            Some(_) => root.remove(&path),
            None => Some(root),
        });
    }

    /// Returns the root hash. Costs one hash for each node on the way to a key
    /// that changed since the last call.
    pub fn root(&mut self) -> B256 {
        let Some(root) = &mut self.root else { return EMPTY_ROOT_HASH };
        let reference = root.reference(&mut Vec::new());
        reference.as_hash().unwrap_or_else(|| keccak256(&reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::map::B256Map;
    use alloy_trie::HashBuilder;
    use proptest::prelude::*;

    fn root_from_sorted_leaves(leaves: &B256Map<Vec<u8>>) -> B256 {
        let mut sorted: Vec<_> = leaves.iter().collect();
        sorted.sort();
        let mut builder = HashBuilder::default();
        for (key, value) in sorted {
            builder.add_leaf(Nibbles::unpack(key), value);
        }
        builder.root()
    }

    /// Keys that share long prefixes, so that extensions form and collapse.
    fn key() -> impl Strategy<Value = B256> {
        (0u8..4, 0u8..4, 0u8..3).prop_map(|(first, middle, last)| {
            let mut key = B256::ZERO;
            key[0] = first * 0x11;
            key[15] = middle;
            key[31] = last << 4;
            key
        })
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        // One byte keeps some nodes shorter than a hash, so that they are inlined.
        prop_oneof![Just(vec![7]), proptest::collection::vec(1u8.., 1..40)]
    }

    proptest! {
        #[test]
        fn the_incremental_root_equals_a_full_recompute_after_every_step(
            steps in proptest::collection::vec(
                proptest::collection::vec((key(), proptest::option::of(value())), 0..8),
                0..12,
            )
        ) {
            let mut trie = Trie::default();
            let mut leaves = B256Map::default();
            for step in steps {
                for (key, value) in step {
                    match value {
                        Some(value) => {
                            trie.insert(key, value.clone());
                            leaves.insert(key, value);
                        }
                        None => {
                            trie.remove(key);
                            leaves.remove(&key);
                        }
                    }
                }
                prop_assert_eq!(trie.root(), root_from_sorted_leaves(&leaves));
            }
        }
    }

    #[test]
    fn an_emptied_trie_has_the_empty_root() {
        let mut trie = Trie::default();
        trie.insert(B256::repeat_byte(1), vec![1]);
        trie.insert(B256::repeat_byte(2), vec![2]);
        trie.remove(B256::repeat_byte(1));
        trie.remove(B256::repeat_byte(2));
        assert_eq!(trie.root(), EMPTY_ROOT_HASH);
    }
}
