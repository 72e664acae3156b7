//! The default chain: made by this program, the same byte for byte everywhere.
//!
//! Proof of stake with all forks up to Osaka from the start; transfers, a token,
//! a constant-product pair, hashing, CREATE2 and delegation; all five transaction
//! types. Everything random comes from one seeded generator, and a block depends
//! only on those before it, so a shorter chain is the beginning of a longer one with as many transactions a block.

mod accounts;
mod builder;
mod cache;
mod contracts;
mod genesis;
mod rng;
mod transaction;
mod workload;

pub use cache::{CachedChain, cached_chain, default_cache_dir};

use crate::{error::Error, progress::Progress};
use alloy_genesis::Genesis;
use builder::ChainBuilder;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Blocks after the genesis block. Defaults to 300.
    pub blocks: u64,
    /// Transactions in each block. Defaults to 150.
    pub transactions: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { blocks: 300, transactions: 150 }
    }
}

/// Writes a genesis file and a chain file.
///
/// # Errors
///
/// Where a file cannot be written.
pub fn generate(
    parameters: Parameters,
    genesis_path: &Path,
    chain_path: &Path,
    progress: &Progress,
) -> Result<(), Error> {
    let accounts = accounts::Accounts::derive(parameters.transactions)?;
    let genesis = genesis::genesis(&accounts, parameters.transactions)?;
    write_genesis(&genesis, genesis_path)?;
    let file = File::create(chain_path).map_err(Error::file(chain_path, "create"))?;
    let mut file = BufWriter::new(file);
    let mut builder = ChainBuilder::new(&genesis, accounts)?;
    for number in 1..=parameters.blocks {
        let block = builder.next_block(parameters.transactions)?;
        file.write_all(&alloy_rlp::encode(block)).map_err(Error::file(chain_path, "write"))?;
        progress.at(number, number);
    }
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
    let synced = file.and_then(|file| file.sync_all());
    synced.map_err(Error::file(chain_path, "write"))
}

fn write_genesis(genesis: &Genesis, path: &Path) -> Result<(), Error> {
    let json = serde_json::to_vec_pretty(genesis)
        .map_err(|error| Error::Generator(format!("genesis: {error}")))?;
    std::fs::write(path, json).map_err(Error::file(path, "write"))
}
