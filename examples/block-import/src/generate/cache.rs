//! Keeping generated chains, so that only the first run pays for one.

use super::{Parameters, contracts::Code, generate};
use crate::{error::Error, progress::Progress};
use alloy_primitives::{hex, keccak256};
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// To be raised whenever the same parameters make another chain.
const GENERATOR_VERSION: u32 = 1;

/// The two files of a generated chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedChain {
    /// The genesis file.
    pub genesis: PathBuf,
    /// The chain file.
    pub chain: PathBuf,
}

impl CachedChain {
    fn in_directory(directory: &Path) -> Self {
        Self { genesis: directory.join("genesis.json"), chain: directory.join("chain.rlp") }
    }
}

/// Where generated chains are kept unless the user says otherwise: the
/// platform's folder for caches, or the one for temporary files.
pub fn default_cache_dir() -> PathBuf {
    let platform = choose_native_strategy().map(|strategy| strategy.cache_dir());
    platform.unwrap_or_else(|_| std::env::temp_dir()).join("block-import")
}

/// Finds the chain in the cache, or generates it there.
///
/// A chain appears in the cache whole or not at all: it is made in a directory
/// beside its own and renamed.
///
/// # Errors
///
/// Where the cache cannot be written.
pub fn cached_chain(
    cache: &Path,
    parameters: Parameters,
    progress: impl FnOnce() -> Progress,
) -> Result<CachedChain, Error> {
    let directory = cache.join(directory_name(parameters));
    if directory.is_dir() {
        return Ok(CachedChain::in_directory(&directory));
    }
    fs::create_dir_all(cache).map_err(Error::file(cache, "create"))?;
    let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(cache);
    let unfinished = unfinished.map_err(Error::file(cache, "create a directory in"))?;
    let made = CachedChain::in_directory(unfinished.path());
    generate(parameters, &made.genesis, &made.chain, &progress())?;
    match fs::rename(unfinished.path(), &directory) {
        // Another process may have been faster; its chain is the same.
        Err(error) if !directory.is_dir() => Err(Error::file(directory, "create")(error)),
        _ => Ok(CachedChain::in_directory(&directory)),
    }
}

/// Everything that the chain depends on.
fn directory_name(Parameters { blocks, transactions }: Parameters) -> String {
    let code: String = Code::ALL.iter().map(Code::hex).collect();
    let code = hex::encode(&keccak256(code)[..4]);
    format!("v{GENERATOR_VERSION}-{blocks}x{transactions}-{code}")
}
