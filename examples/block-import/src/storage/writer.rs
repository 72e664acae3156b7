//! Writing one block, or the genesis, in one transaction.

use super::{
    PlainState, StorageError,
    codec::{HEAD_KEY, Head, SLOT_KEY_BYTES, encode_account, slot_key},
    error::During,
    scan::scan,
    tables::Tables,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, U256};
use revm::{
    database::{BundleState, OriginalValuesKnown},
    state::{AccountInfo, Bytecode},
};
use signet_libmdbx::{
    Database as Table, Environment, MdbxResult, ReadResult, WriteFlags, tx::aliases::RwTxSync,
};
use std::path::{Path, PathBuf};
use tracing::{Span, debug_span, instrument};

/// What is stored of a block besides what it did to the state.
#[derive(Debug, Clone, Copy)]
pub struct BlockRecord<'a> {
    /// The block's hash.
    pub hash: B256,
    /// Its header.
    pub header: &'a Header,
    /// The whole block as RLP, as it was read.
    pub rlp: &'a [u8],
    /// The RLP list of its receipts.
    pub receipts: &'a [u8],
}

/// A transaction that writes. Dropped without a commit, it leaves no mark.
#[derive(Debug)]
pub struct Writer {
    transaction: RwTxSync,
    /// The span that beginning and committing belong under.
    ///
    /// MDBX wants both on one thread, so signet-libmdbx sends them to a thread of
    /// its own and blocks. It hangs the commit's spans under a span that it makes
    /// while beginning, and that one under the span current then. So `Tx::commit`
    /// is current for both, or the writer thread's work would stand beside it.
    commit: Span,
    tables: Tables,
    path: PathBuf,
}

impl Writer {
    pub(super) fn begin(
        environment: &Environment,
        tables: Tables,
        path: &Path,
    ) -> Result<Self, StorageError> {
        let commit = debug_span!("Tx::commit");
        let transaction =
            commit.in_scope(|| environment.begin_rw_sync()).during("begin writing", path)?;
        Ok(Self { transaction, commit, tables, path: path.to_owned() })
    }

    /// Writes a block, what it changed, and the new head.
    ///
    /// # Errors
    ///
    /// Where MDBX refuses a write, as when the disk is full.
    #[instrument(level = "debug", name = "write_state", skip_all)]
    pub fn write_block(
        &self,
        block: &BlockRecord<'_>,
        changes: &BundleState,
        head: &Head,
    ) -> Result<(), StorageError> {
        let number = block.header.number.to_be_bytes();
        self.put(self.tables.blocks, &number, block.rlp)?;
        self.put(self.tables.receipts, &number, block.receipts)?;
        self.write_header(block.hash, block.header)?;
        self.write_changes(changes)?;
        self.write_head(head)
    }

    /// Writes a header under its number.
    ///
    /// # Errors
    ///
    /// Where MDBX refuses a write.
    pub fn write_header(&self, hash: B256, header: &Header) -> Result<(), StorageError> {
        let mut value = hash.to_vec();
        alloy_rlp::Encodable::encode(header, &mut value);
        self.put(self.tables.headers, &header.number.to_be_bytes(), &value)
    }

    /// Writes an account and its storage; slots that are zero are left out.
    ///
    /// # Errors
    ///
    /// Where MDBX refuses a write.
    pub fn write_account(
        &self,
        address: Address,
        info: &AccountInfo,
        storage: &[(U256, U256)],
    ) -> Result<(), StorageError> {
        self.put(self.tables.accounts, address.as_slice(), &encode_account(info))?;
        if let Some(code) = &info.code {
            self.write_code(info.code_hash, code)?;
        }
        storage
            .iter()
            .filter(|(_, value)| !value.is_zero())
            .try_for_each(|(slot, value)| self.write_slot(address, *slot, *value))
    }

    /// Writes what is to be known of the last block.
    ///
    /// # Errors
    ///
    /// Where MDBX refuses a write.
    pub fn write_head(&self, head: &Head) -> Result<(), StorageError> {
        self.put(self.tables.meta, HEAD_KEY, &head.encode())
    }

    /// Commits; with [`Durability::Durable`](super::Durability::Durable), what
    /// was written is on disk when this returns.
    ///
    /// # Errors
    ///
    /// Where MDBX cannot write, as when the disk is full; nothing is kept then.
    pub fn commit(self) -> Result<(), StorageError> {
        let Self { transaction, commit, path, .. } = self;
        commit.in_scope(|| transaction.commit()).during("commit", &path)
    }

    fn write_changes(&self, changes: &BundleState) -> Result<(), StorageError> {
        let mut plain = changes.to_plain_state(OriginalValuesKnown::Yes);
        // In key order, so that neighbouring writes touch the same pages.
        plain.accounts.sort_unstable_by_key(|(address, _)| *address);
        plain.storage.sort_unstable_by_key(|change| change.address);
        for (address, info) in &plain.accounts {
            match info {
                Some(info) => {
                    self.put(self.tables.accounts, address.as_slice(), &encode_account(info))?;
                }
                None => self.delete(self.tables.accounts, address.as_slice())?,
            }
        }
        for change in &mut plain.storage {
            if change.wipe_storage {
                self.wipe_storage(change.address).during("write", &self.path)?;
            }
            change.storage.sort_unstable();
            for (slot, value) in &change.storage {
                self.write_slot(change.address, *slot, *value)?;
            }
        }
        plain.contracts.iter().try_for_each(|(hash, code)| self.write_code(*hash, code))
    }

    fn write_slot(&self, address: Address, slot: U256, value: U256) -> Result<(), StorageError> {
        let key = slot_key(address, slot);
        if value.is_zero() {
            return self.delete(self.tables.storage, &key);
        }
        self.put(self.tables.storage, &key, &value.to_be_bytes::<32>())
    }

    fn write_code(&self, hash: B256, code: &Bytecode) -> Result<(), StorageError> {
        if code.is_empty() {
            return Ok(());
        }
        self.put(self.tables.codes, hash.as_slice(), code.original_byte_slice())
    }

    fn wipe_storage(&self, address: Address) -> ReadResult<()> {
        let mut cursor = self.transaction.cursor(self.tables.storage)?;
        let start = slot_key(address, U256::ZERO);
        let mut next = cursor.set_range::<[u8; SLOT_KEY_BYTES], ()>(&start)?;
        while let Some((key, ())) = next {
            if !key.starts_with(address.as_slice()) {
                break;
            }
            cursor.del()?;
            next = cursor.set_range(&start)?;
        }
        Ok(())
    }

    fn put(&self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StorageError> {
        self.transaction.put(table, key, value, WriteFlags::UPSERT).during("write", &self.path)
    }

    fn delete(&self, table: Table, key: &[u8]) -> Result<(), StorageError> {
        let deleted: MdbxResult<bool> = self.transaction.del(table, key, None);
        deleted.map(drop).during("write", &self.path)
    }
}

/// What is written so far counts, so that a block can be checked before it is kept.
impl PlainState for Writer {
    fn for_each_account(
        &self,
        visit: impl FnMut(Address, &AccountInfo, &[(U256, U256)]),
    ) -> Result<(), StorageError> {
        let cursor = |table| self.transaction.cursor(table).during("read the state", &self.path);
        let (mut accounts, mut slots) =
            (cursor(self.tables.accounts)?, cursor(self.tables.storage)?);
        scan(&mut accounts, &mut slots, visit).during("read the state", &self.path)
    }
}
