//! Who lives on the generated chain.

use crate::error::Error;
use alloy_consensus::crypto::secp256k1::{recover_signer, sign_message};
use alloy_primitives::{Address, B256, keccak256};
use rayon::prelude::*;

const SENDERS: u64 = 1_000;
const HOLDERS: u64 = 5_000;
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
    pub(super) fn derive() -> Result<Self, Error> {
        Ok(Self {
            senders: signers("sender", SENDERS)?,
            authorities: signers("authority", AUTHORITIES)?,
            holders: (0..HOLDERS).map(|index| address(seed("holder", index))).collect(),
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
