//! The genesis file of the generated chain.

use super::{
    accounts::Accounts,
    contracts::{
        Addresses, Code, FACTORY, HASHER, PAIR, TOKEN, WALLET, allowance_slot, balance_slot, word,
    },
};
use crate::error::Error;
use alloy_eips::{eip2935, eip4788, eip7002, eip7251, eip7840::BlobParams};
use alloy_genesis::{ChainConfig, Genesis, GenesisAccount};
use alloy_primitives::{Address, B256, Bytes, U256};
use std::collections::BTreeMap;

pub(super) const CHAIN_ID: u64 = 1_337;
/// Twice what an average transaction uses, so that blocks are half full and the
/// base fee stays about where it is.
const GAS_LIMIT_PER_TRANSACTION: u64 = 107_000;
/// Room for one of each kind of transaction.
const LEAST_GAS_LIMIT: u64 = 5_000_000;
/// 2024-01-01, midnight UTC.
const TIMESTAMP: u64 = 1_704_067_200;
const ETHER: u64 = 1_000_000_000_000_000_000;
/// What every sender and holder has of a token, and what the pair starts with.
const TOKENS_EACH: u64 = ETHER;
const RESERVE: u64 = ETHER / 10;

pub(super) fn genesis(accounts: &Accounts, transactions: u64) -> Result<Genesis, Error> {
    let mut alloc = BTreeMap::new();
    let ether = |amount: u64| U256::from(amount) * U256::from(ETHER);
    for signer in accounts.senders.iter().chain(&accounts.authorities) {
        alloc.insert(signer.address, account(ether(1_000_000)));
    }
    for holder in &accounts.holders {
        alloc.insert(*holder, account(ether(1)));
    }
    alloc.extend(contracts(accounts)?);
    alloc.extend(system_contracts());
    Ok(Genesis {
        config: config(),
        timestamp: TIMESTAMP,
        extra_data: Bytes::from_static(b"block-import"),
        gas_limit: LEAST_GAS_LIMIT.max(transactions * GAS_LIMIT_PER_TRANSACTION),
        alloc,
        ..Default::default()
    })
}

/// All forks from the start.
fn config() -> ChainConfig {
    let (block, time) = (Some(0), Some(0));
    ChainConfig {
        chain_id: CHAIN_ID,
        homestead_block: block,
        eip150_block: block,
        eip155_block: block,
        eip158_block: block,
        byzantium_block: block,
        constantinople_block: block,
        petersburg_block: block,
        istanbul_block: block,
        berlin_block: block,
        london_block: block,
        shanghai_time: time,
        cancun_time: time,
        prague_time: time,
        osaka_time: time,
        terminal_total_difficulty: Some(U256::ZERO),
        terminal_total_difficulty_passed: true,
        deposit_contract_address: Some(Address::ZERO),
        blob_schedule: BTreeMap::from([
            ("cancun".to_owned(), BlobParams::cancun()),
            ("prague".to_owned(), BlobParams::prague()),
            ("osaka".to_owned(), BlobParams::osaka()),
        ]),
        ..Default::default()
    }
}

fn contracts(accounts: &Accounts) -> Result<Vec<(Address, GenesisAccount)>, Error> {
    let addresses = Addresses::new();
    let [first, second] = addresses.tokens;
    let pair = BTreeMap::from([
        (word(0), first.into_word()),
        (word(1), second.into_word()),
        (word(2), word(RESERVE)),
        (word(3), word(RESERVE)),
    ]);
    let token = token_storage(accounts, addresses.pair);
    Ok(vec![
        (first, contract(&TOKEN, token.clone())?),
        (second, contract(&TOKEN, token)?),
        (addresses.pair, contract(&PAIR, pair)?),
        (addresses.hasher, contract(&HASHER, BTreeMap::new())?),
        (addresses.factory, contract(&FACTORY, BTreeMap::new())?),
        (addresses.wallet, contract(&WALLET, BTreeMap::new())?),
    ])
}

/// Everybody has some, and every sender lets the pair take as much as it likes.
fn token_storage(accounts: &Accounts, pair: Address) -> BTreeMap<B256, B256> {
    let owners = accounts.senders.iter().map(|sender| sender.address);
    let owners: Vec<_> = owners.chain(accounts.holders.iter().copied()).collect();
    let supply = U256::from(TOKENS_EACH) * U256::from(owners.len()) + U256::from(RESERVE);
    let mut storage = BTreeMap::from([(word(0), supply.into())]);
    storage.insert(balance_slot(pair), word(RESERVE));
    storage.extend(owners.iter().map(|owner| (balance_slot(*owner), word(TOKENS_EACH))));
    storage.extend(
        accounts
            .senders
            .iter()
            .map(|sender| (allowance_slot(sender.address, pair), U256::MAX.into())),
    );
    storage
}

/// The contracts that the protocol itself calls at every block.
fn system_contracts() -> [(Address, GenesisAccount); 4] {
    let system = |address, code: &Bytes| {
        (address, GenesisAccount { nonce: Some(1), code: Some(code.clone()), ..Default::default() })
    };
    [
        system(eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE),
        system(eip2935::HISTORY_STORAGE_ADDRESS, &eip2935::HISTORY_STORAGE_CODE),
        system(
            eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
            &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE,
        ),
        system(
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE,
        ),
    ]
}

fn account(balance: U256) -> GenesisAccount {
    GenesisAccount { balance, ..Default::default() }
}

fn contract(code: &Code, storage: BTreeMap<B256, B256>) -> Result<GenesisAccount, Error> {
    Ok(GenesisAccount {
        nonce: Some(1),
        code: Some(code.bytes()?),
        storage: Some(storage),
        ..Default::default()
    })
}
