//! Who lives on the generated chain.

use crate::error::Error;
use alloy_consensus::crypto::secp256k1::{recover_signer, sign_message};
use alloy_primitives::{Address, B256, keccak256};
use rayon::prelude::*;

/// How many senders and holders there are for each transaction of a block: the
/// default chain starts with some 6,000 accounts and 14,000 slots, a chain for a
/// test with few.
const SENDERS_PER_TRANSACTION: u64 = 7;
const HOLDERS_PER_TRANSACTION: u64 = 34;
const AUTHORITIES: u64 = 64;

/// An account that can sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer {
    pub(super) key: B256,
    pub(super) address: Address,
}

/// The accounts that the genesis file knows.
#[derive(Debug)]
pub(super) struct Accounts {
    /// Send transactions.
    pub(super) senders: Vec<Signer>,
    /// Delegate to a contract; never send.
    pub(super) authorities: Vec<Signer>,
    /// Hold and receive; nobody has their keys.
    pub(super) holders: Vec<Address>,
}

impl Accounts {
    /// Derives the accounts of a chain with so many transactions a block.
    pub(super) fn derive(transactions: u64) -> Result<Self, Error> {
        let scale = transactions.max(1);
        let holders = 0..scale * HOLDERS_PER_TRANSACTION;
        Ok(Self {
            senders: signers("sender", scale * SENDERS_PER_TRANSACTION)?,
            authorities: signers("authority", AUTHORITIES)?,
            holders: holders.map(|index| address(seed("holder", index))).collect(),
        })
    }
}

/// An address that depends on `seed` alone and that nobody has the key of.
pub(super) fn address(seed: B256) -> Address {
    Address::from_word(keccak256(seed))
}

pub(super) fn seed(role: &str, index: u64) -> B256 {
    keccak256(format!("block-import {role} {index}"))
}

fn signers(role: &str, count: u64) -> Result<Vec<Signer>, Error> {
    (0..count).into_par_iter().map(|index| signer(seed(role, index))).collect()
}

/// The address of a key is found by asking who signed with it.
fn signer(key: B256) -> Result<Signer, Error> {
    let fault = |error: &dyn std::error::Error| Error::Generator(format!("key: {error}"));
    let message = B256::ZERO;
    let signature = sign_message(key, message).map_err(|error| fault(&error))?;
    let address = recover_signer(&signature, message).map_err(|error| fault(&error))?;
    Ok(Signer { key, address })
}
