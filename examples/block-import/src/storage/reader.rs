//! Reading what is committed: the EVM's view of the state, and the chain.

use super::{
    PlainState, StorageError,
    codec::{ACCOUNT_BYTES, HEAD_KEY, Head, decode_account, slot_key},
    error::During,
    scan::scan,
    tables::Tables,
};
use crate::block::Block;
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::Decodable;
use alloy_trie::KECCAK_EMPTY;
use revm::{
    database_interface::DatabaseRef,
    state::{AccountInfo, Bytecode},
};
use signet_libmdbx::{Database as Table, TableObject, tx::aliases::RoTxUnsync};
use std::{borrow::Cow, fmt, path::PathBuf};

/// One consistent view of the database. Pages it sees are not reused meanwhile,
/// so it should not outlive the block it is for.
pub struct Reader {
    transaction: RoTxUnsync,
    tables: Tables,
    path: PathBuf,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Reader {
    pub(super) fn new(transaction: RoTxUnsync, tables: Tables, path: PathBuf) -> Self {
        Self { transaction, tables, path }
    }

    /// The last committed block, `None` in a new database.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn head(&self) -> Result<Option<Head>, StorageError> {
        let head: Option<[u8; 48]> = self.get(self.tables.meta, HEAD_KEY)?;
        Ok(head.map(|bytes| Head::decode(&bytes)))
    }

    /// The hash of the block with this number.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn hash(&self, number: u64) -> Result<Option<B256>, StorageError> {
        Ok(self.header_bytes(number)?.and_then(|bytes| Some(B256::from_slice(bytes.get(..32)?))))
    }

    /// The header of the block with this number, and its hash.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read, or the header does not decode.
    pub fn header(&self, number: u64) -> Result<Option<(B256, Header)>, StorageError> {
        let Some(bytes) = self.header_bytes(number)? else { return Ok(None) };
        let damaged = |why: &dyn fmt::Display| self.damaged(format!("header {number}"), why);
        let (hash, mut rlp) = bytes.split_at_checked(32).ok_or_else(|| damaged(&"too short"))?;
        let header = Header::decode(&mut rlp).map_err(|error| damaged(&error))?;
        Ok(Some((B256::from_slice(hash), header)))
    }

    /// The block with this number; the genesis block is stored as its header only.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read, or the block does not decode.
    pub fn block(&self, number: u64) -> Result<Option<Block>, StorageError> {
        let bytes: Option<Cow<'_, [u8]>> = self.get(self.tables.blocks, &number.to_be_bytes())?;
        bytes
            .map(|bytes| Block::decode(&mut &bytes[..]))
            .transpose()
            .map_err(|error| self.damaged(format!("block {number}"), &error))
    }

    fn header_bytes(&self, number: u64) -> Result<Option<Cow<'_, [u8]>>, StorageError> {
        self.get(self.tables.headers, &number.to_be_bytes())
    }

    fn get<'a, T: TableObject<'a>>(
        &'a self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, StorageError> {
        self.transaction.get(table.dbi(), key).during("read", &self.path)
    }

    fn damaged(&self, what: String, why: &dyn fmt::Display) -> StorageError {
        StorageError::Damaged { path: self.path.clone(), what, why: why.to_string() }
    }
}

impl PlainState for Reader {
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

impl DatabaseRef for Reader {
    type Error = StorageError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, StorageError> {
        let bytes: Option<[u8; ACCOUNT_BYTES]> =
            self.get(self.tables.accounts, address.as_slice())?;
        Ok(bytes.map(|bytes| decode_account(&bytes)))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, StorageError> {
        if code_hash == KECCAK_EMPTY {
            return Ok(Bytecode::default());
        }
        let code: Option<Vec<u8>> = self.get(self.tables.codes, code_hash.as_slice())?;
        let missing = || StorageError::MissingCode { path: self.path.clone(), hash: code_hash };
        Bytecode::new_raw_checked(Bytes::from(code.ok_or_else(missing)?))
            .map_err(|error| self.damaged(format!("code {code_hash}"), &error))
    }

    fn storage_ref(&self, address: Address, index: U256) -> Result<U256, StorageError> {
        let value: Option<[u8; 32]> = self.get(self.tables.storage, &slot_key(address, index))?;
        Ok(value.map(U256::from_be_bytes).unwrap_or_default())
    }

    /// Zero for a block that is not there, as the `BLOCKHASH` opcode has it.
    fn block_hash_ref(&self, number: u64) -> Result<B256, StorageError> {
        Ok(self.hash(number)?.unwrap_or_default())
    }
}
