//! The accounts' trie and one storage trie an account, kept from block to block.

use super::Trie;
use alloy_primitives::{Address, B256, U256, keccak256, map::B256Map};
use alloy_trie::{EMPTY_ROOT_HASH, TrieAccount};
use revm::{
    database::{BundleAccount, BundleState},
    state::AccountInfo,
};
use tracing::{debug_span, instrument};

/// The whole state as tries. A few hundred bytes of memory a key.
#[derive(Debug, Default)]
pub struct StateTrie {
    accounts: Trie,
    storages: B256Map<Trie>,
}

impl StateTrie {
    /// Adds an account with all its storage, as when a state is first loaded.
    pub fn insert_account(
        &mut self,
        address: Address,
        info: &AccountInfo,
        storage: impl IntoIterator<Item = (U256, U256)>,
    ) {
        let key = keccak256(address);
        let trie = self.storages.entry(key).or_default();
        for (slot, value) in storage {
            set_slot(trie, slot, value);
        }
        let storage_root = trie.root();
        if storage_root == EMPTY_ROOT_HASH {
            self.storages.remove(&key);
        }
        self.accounts.insert(key, account_leaf(info, storage_root));
    }

    /// Applies what a block changed, or a block so far, and returns the root.
    ///
    /// Applying the same changes twice is the same as once, so the changes of a
    /// block may be applied again after each of its transactions.
    #[instrument(level = "debug", name = "state_root", skip_all)]
    pub fn apply(&mut self, changes: &BundleState) -> B256 {
        let leaves = debug_span!("storage_roots").in_scope(|| self.update_storages(changes));
        debug_span!("account_trie").in_scope(|| {
            for (key, leaf) in leaves {
                match leaf {
                    Some(leaf) => self.accounts.insert(key, leaf),
                    None => self.accounts.remove(key),
                }
            }
            self.root()
        })
    }

    /// Returns the state root.
    pub fn root(&mut self) -> B256 {
        self.accounts.root()
    }

    /// Returns each changed account's new leaf, `None` where the account is gone.
    fn update_storages(&mut self, changes: &BundleState) -> Vec<(B256, Option<Vec<u8>>)> {
        let changed = changes.state.iter();
        changed
            .map(|(address, account)| {
                let key = keccak256(address);
                let leaf = self.update_storage(key, account);
                (key, leaf)
            })
            .collect()
    }

    fn update_storage(&mut self, key: B256, account: &BundleAccount) -> Option<Vec<u8>> {
        if account.was_destroyed() || account.info.is_none() {
            self.storages.remove(&key);
        }
        let info = account.info.as_ref()?;
        if !account.storage.is_empty() {
            let trie = self.storages.entry(key).or_default();
            for (slot, value) in &account.storage {
                set_slot(trie, *slot, value.present_value());
            }
        }
        let storage_root = self.storages.get_mut(&key).map_or(EMPTY_ROOT_HASH, Trie::root);
        Some(account_leaf(info, storage_root))
    }
}

fn set_slot(trie: &mut Trie, slot: U256, value: U256) {
    let key = keccak256(B256::from(slot));
    if value.is_zero() {
        trie.remove(key);
    } else {
        trie.insert(key, alloy_rlp::encode(value));
    }
}

fn account_leaf(info: &AccountInfo, storage_root: B256) -> Vec<u8> {
    alloy_rlp::encode(trie_account(info, storage_root))
}

pub(super) fn trie_account(info: &AccountInfo, storage_root: B256) -> TrieAccount {
    TrieAccount {
        nonce: info.nonce,
        balance: info.balance,
        storage_root,
        code_hash: info.code_hash,
    }
}
