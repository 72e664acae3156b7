//! Block 0: read from a genesis file, hashed, and written into a new database.

use crate::{
    chain_spec::ChainSpec,
    error::Error,
    storage::{Database, Head},
    trie::StateTrie,
};
use alloy_consensus::Header;
use alloy_eips::{eip1559::INITIAL_BASE_FEE, eip7685::EMPTY_REQUESTS_HASH};
use alloy_genesis::{Genesis, GenesisAccount};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{B256, U256};
use alloy_trie::{EMPTY_ROOT_HASH, KECCAK_EMPTY};
use revm::state::{AccountInfo, Bytecode};
use std::{fs, path::Path};
use tracing::instrument;

/// The least a block may allow itself; the base fee is divided by half of it.
pub(crate) const MIN_GAS_LIMIT: u64 = 5_000;

/// Reads a genesis file.
///
/// # Errors
///
/// Where the file cannot be read or is no genesis.
#[instrument(level = "debug", skip_all)]
pub fn read_genesis(path: &Path) -> Result<Genesis, Error> {
    let json = fs::read(path).map_err(Error::file(path, "read"))?;
    let genesis: Genesis = serde_json::from_slice(&json)
        .map_err(|error| Error::Genesis(format!("{}: {error}", path.display())))?;
    if genesis.gas_limit < MIN_GAS_LIMIT {
        return Err(Error::Genesis(format!(
            "{}: gasLimit is {}, and at least {MIN_GAS_LIMIT} is valid",
            path.display(),
            genesis.gas_limit
        )));
    }
    Ok(genesis)
}

/// Builds the state of the genesis block as a trie.
///
/// # Errors
///
/// Where an account's code is no code.
#[instrument(level = "debug", skip_all)]
pub fn genesis_trie(genesis: &Genesis) -> Result<StateTrie, Error> {
    let mut trie = StateTrie::default();
    for (address, account) in &genesis.alloc {
        trie.insert_account(*address, &account_info(account)?, storage(account));
    }
    Ok(trie)
}

/// Makes the genesis block's header, with the fields that its forks have.
pub fn genesis_header(genesis: &Genesis, spec: &ChainSpec, state_root: B256) -> Header {
    let time = genesis.timestamp;
    let london = spec.is_london_active_at_block(0);
    let shanghai = spec.is_shanghai_active_at_timestamp(time);
    let cancun = spec.is_cancun_active_at_timestamp(time);
    let prague = spec.is_prague_active_at_timestamp(time);
    let base_fee = genesis.base_fee_per_gas.map_or(INITIAL_BASE_FEE, |fee| fee as u64);
    Header {
        parent_hash: genesis.parent_hash.unwrap_or_default(),
        beneficiary: genesis.coinbase,
        state_root,
        difficulty: genesis.difficulty,
        gas_limit: genesis.gas_limit,
        timestamp: time,
        extra_data: genesis.extra_data.clone(),
        mix_hash: genesis.mix_hash,
        nonce: genesis.nonce.to_be_bytes().into(),
        base_fee_per_gas: london.then_some(base_fee),
        withdrawals_root: shanghai.then_some(EMPTY_ROOT_HASH),
        blob_gas_used: cancun.then(|| genesis.blob_gas_used.unwrap_or_default()),
        excess_blob_gas: cancun.then(|| genesis.excess_blob_gas.unwrap_or_default()),
        parent_beacon_block_root: cancun.then_some(B256::ZERO),
        requests_hash: prague.then_some(EMPTY_REQUESTS_HASH),
        ..Default::default()
    }
}

/// Writes the genesis block and its state into a new database, in one commit.
///
/// # Errors
///
/// Where the database cannot be written.
#[instrument(level = "debug", skip_all)]
pub fn write_genesis(
    database: &Database,
    genesis: &Genesis,
    header: &Header,
    hash: B256,
    head: &Head,
) -> Result<(), Error> {
    let writer = database.writer()?;
    for (address, account) in &genesis.alloc {
        let slots: Vec<_> = storage(account).collect();
        writer.write_account(*address, &account_info(account)?, &slots)?;
    }
    writer.write_header(hash, header)?;
    writer.write_head(head)?;
    Ok(writer.commit()?)
}

/// What the EVM knows of a genesis account.
///
/// # Errors
///
/// Where the account's code is no code, such as a delegation cut short.
pub fn account_info(account: &GenesisAccount) -> Result<AccountInfo, Error> {
    let code = account.code.clone().filter(|code| !code.is_empty());
    let code = code.map(Bytecode::new_raw_checked).transpose();
    let code = code.map_err(|error| Error::Genesis(format!("alloc: code: {error}")))?;
    Ok(AccountInfo {
        nonce: account.nonce.unwrap_or_default(),
        balance: account.balance,
        code_hash: code.as_ref().map_or(KECCAK_EMPTY, Bytecode::hash_slow),
        code,
        ..Default::default()
    })
}

/// The slots of a genesis account.
pub fn storage(account: &GenesisAccount) -> impl Iterator<Item = (U256, U256)> {
    account.storage.iter().flatten().map(|(slot, value)| ((*slot).into(), (*value).into()))
}
