//! Walking the whole plain state, in a transaction of either kind.

use super::{
    StorageError,
    codec::{ACCOUNT_BYTES, SLOT_KEY_BYTES, decode_account},
};
use alloy_primitives::{Address, U256};
use revm::state::AccountInfo;
use signet_libmdbx::{Cursor, ReadResult, TransactionKind};
use std::iter::Peekable;

/// A state that can be walked from its first account to its last.
pub trait PlainState {
    /// Calls `visit` with every account and its storage, sorted by address.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    fn for_each_account(
        &self,
        visit: impl FnMut(Address, &AccountInfo, &[(U256, U256)]),
    ) -> Result<(), StorageError>;
}

/// Walks two tables side by side: storage keys begin with the account's address.
pub(super) fn scan<'tx, K: TransactionKind>(
    accounts: &mut Cursor<'tx, K>,
    slots: &mut Cursor<'tx, K>,
    mut visit: impl FnMut(Address, &AccountInfo, &[(U256, U256)]),
) -> ReadResult<()> {
    let mut slots = slots.iter_start::<[u8; SLOT_KEY_BYTES], [u8; 32]>()?.peekable();
    let mut storage = Vec::new();
    for account in accounts.iter_start::<[u8; 20], [u8; ACCOUNT_BYTES]>()? {
        let (address, info) = account?;
        take_slots_of(&address, &mut slots, &mut storage)?;
        visit(Address::from(address), &decode_account(&info), &storage);
    }
    Ok(())
}

type Slot = ([u8; SLOT_KEY_BYTES], [u8; 32]);

/// Refills `storage` with the slots of `address`, which come next if there are any.
fn take_slots_of(
    address: &[u8; 20],
    slots: &mut Peekable<impl Iterator<Item = ReadResult<Slot>>>,
    storage: &mut Vec<(U256, U256)>,
) -> ReadResult<()> {
    storage.clear();
    let is_next =
        |slot: &ReadResult<Slot>| slot.as_ref().map_or(true, |(key, _)| key.starts_with(address));
    while let Some(slot) = slots.next_if(is_next) {
        let (key, value) = slot?;
        storage.push((U256::from_be_slice(&key[20..]), U256::from_be_bytes(value)));
    }
    Ok(())
}
