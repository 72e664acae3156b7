//! The chain and its state in MDBX, as reth keeps them: one table a noun, one
//! durable commit a block.
//!
//! | table | key | value |
//! |---|---|---|
//! | `Blocks` | number, 8 bytes big-endian | the block's RLP |
//! | `Headers` | number | hash, then the header's RLP |
//! | `Receipts` | number | RLP list of the receipts |
//! | `Accounts` | address | nonce, balance, code hash |
//! | `Storage` | address, slot | value, 32 bytes big-endian |
//! | `Codes` | code hash | bytecode |
//! | `Meta` | a word | see [`Head`] |

mod codec;
mod error;
mod reader;
mod scan;
mod tables;
mod writer;

pub use codec::Head;
pub use error::StorageError;
pub use reader::Reader;
pub use scan::PlainState;
pub use writer::{BlockRecord, Writer};

use alloy_primitives::B256;
use error::During;
use signet_libmdbx::{Environment, EnvironmentFlags, Geometry, Mode, SyncMode};
use std::path::{Path, PathBuf};
use tables::Tables;
use tracing::instrument;

/// As much as the database may ever hold. Only address space until it is used.
const MAX_BYTES: usize = 64 << 30;
/// How much the file grows by.
const GROWTH_BYTES: isize = 64 << 20;

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// For the disk: a committed block survives a power cut.
    Durable,
    /// For nothing: after a power cut, an earlier commit is found. To compare.
    NoSync,
}

/// An open database. One process may have it open at a time.
#[derive(Debug)]
pub struct Database {
    environment: Environment,
    tables: Tables,
    path: PathBuf,
}

impl Database {
    /// Opens the database in the directory `path`, or makes one there.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be made or holds something else.
    #[instrument(level = "debug", name = "open_database", skip_all)]
    pub fn open(path: &Path, durability: Durability) -> Result<Self, StorageError> {
        std::fs::create_dir_all(path)
            .map_err(|source| StorageError::Directory { path: path.to_owned(), source })?;
        let environment = builder(durability).open(path).during("open the database", path)?;
        let tables = Tables::create(&environment).during("create the tables of", path)?;
        Ok(Self { environment, tables, path: path.to_owned() })
    }

    /// Begins reading the state after the last commit.
    ///
    /// # Errors
    ///
    /// Where MDBX cannot begin a transaction.
    pub fn reader(&self) -> Result<Reader, StorageError> {
        let transaction = self.environment.begin_ro_unsync().during("begin reading", &self.path)?;
        Ok(Reader::new(transaction, self.tables, self.path.clone()))
    }

    /// Begins writing. Nothing is kept unless [`Writer::commit`] returns.
    ///
    /// # Errors
    ///
    /// Where MDBX cannot begin a transaction.
    pub fn writer(&self) -> Result<Writer, StorageError> {
        Writer::begin(&self.environment, self.tables, &self.path)
    }

    /// The hash of the stored genesis block, `None` in a new database.
    ///
    /// # Errors
    ///
    /// Where the database cannot be read.
    pub fn genesis_hash(&self) -> Result<Option<B256>, StorageError> {
        self.reader()?.hash(0)
    }
}

fn builder(durability: Durability) -> signet_libmdbx::sys::EnvironmentBuilder {
    let sync_mode = match durability {
        Durability::Durable => SyncMode::Durable,
        Durability::NoSync => SyncMode::SafeNoSync,
    };
    let mut builder = Environment::builder();
    builder
        .set_max_dbs(Tables::COUNT)
        .set_geometry(Geometry {
            size: Some(0..MAX_BYTES),
            growth_step: Some(GROWTH_BYTES),
            ..Default::default()
        })
        .set_flags(EnvironmentFlags { mode: Mode::ReadWrite { sync_mode }, ..Default::default() });
    builder
}
