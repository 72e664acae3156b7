//! The contracts of the generated chain: their code, where they are, and how
//! their storage is laid out. The sources are in `contracts/`.

use super::accounts::{address, seed};
use crate::error::Error;
use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};

/// A contract's runtime code as hex, as it is committed.
#[derive(Debug)]
pub(super) struct Code(&'static str);

pub(super) const TOKEN: Code = Code(include_str!("../../contracts/Token.hex"));
pub(super) const PAIR: Code = Code(include_str!("../../contracts/Pair.hex"));
pub(super) const HASHER: Code = Code(include_str!("../../contracts/Hasher.hex"));
pub(super) const FACTORY: Code = Code(include_str!("../../contracts/Factory.hex"));
pub(super) const WALLET: Code = Code(include_str!("../../contracts/Wallet.hex"));

impl Code {
    pub(super) const ALL: [Self; 5] = [TOKEN, PAIR, HASHER, FACTORY, WALLET];

    pub(super) const fn hex(&self) -> &'static str {
        self.0
    }

    pub(super) fn bytes(&self) -> Result<Bytes, Error> {
        let bytes = hex::decode(self.0.trim());
        bytes.map(Bytes::from).map_err(|error| Error::Generator(format!("contract: {error}")))
    }
}

/// Where the contracts are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addresses {
    pub(super) tokens: [Address; 2],
    pub(super) pair: Address,
    pub(super) hasher: Address,
    pub(super) factory: Address,
    pub(super) wallet: Address,
}

impl Addresses {
    pub(super) fn new() -> Self {
        let at = |role| address(seed(role, 0));
        Self {
            tokens: [at("first token"), at("second token")],
            pair: at("pair"),
            hasher: at("hasher"),
            factory: at("factory"),
            wallet: at("wallet"),
        }
    }
}

/// `Token.balanceOf` is the contract's second variable.
pub(super) fn balance_slot(owner: Address) -> B256 {
    mapping_slot(owner.into_word(), U256::from(1).into())
}

/// `Token.allowance` is its third.
pub(super) fn allowance_slot(owner: Address, spender: Address) -> B256 {
    mapping_slot(spender.into_word(), mapping_slot(owner.into_word(), U256::from(2).into()))
}

/// Where Solidity keeps a mapping's value.
fn mapping_slot(key: B256, mapping: B256) -> B256 {
    keccak256([key, mapping].concat())
}

/// The input of a call: the function's selector, then one word an argument.
pub(super) fn call(function: &str, arguments: &[B256]) -> Bytes {
    let selector = &keccak256(function)[..4];
    [selector, &arguments.concat()].concat().into()
}

pub(super) fn word(number: u64) -> B256 {
    U256::from(number).into()
}
