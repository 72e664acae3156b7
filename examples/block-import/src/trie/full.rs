//! The state root from nothing but the plain state: slow, and independent of
//! the cached trie, so that the one can check the other.

use super::state::trie_account;
use crate::storage::{PlainState, StorageError};
use alloy_primitives::{B256, keccak256};
use alloy_trie::root::{state_root_unsorted, storage_root_unhashed};
use tracing::instrument;

/// Recomputes the state root from every account and slot in the database.
///
/// # Errors
///
/// Where the database cannot be read.
#[instrument(level = "debug", skip_all)]
pub fn full_state_root(state: &impl PlainState) -> Result<B256, StorageError> {
    let mut accounts = Vec::new();
    state.for_each_account(|address, info, storage| {
        let slots = storage.iter().map(|(slot, value)| (B256::from(*slot), *value));
        let storage_root = storage_root_unhashed(slots);
        accounts.push((keccak256(address), trie_account(info, storage_root)));
    })?;
    Ok(state_root_unsorted(accounts))
}
