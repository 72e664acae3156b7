//! Making and signing a transaction of each of the five types.

use super::{accounts::Signer, genesis::CHAIN_ID};
use crate::{block::Transaction, error::Error};
use alloy_consensus::{
    SignableTransaction, TxEip1559, TxEip2930, TxEip4844, TxEip7702, TxLegacy,
    crypto::secp256k1::sign_message,
};
use alloy_eips::{
    eip2930::AccessList,
    eip4844::VERSIONED_HASH_VERSION_KZG,
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};

/// What a transaction pays a unit of gas on top of the base fee.
const TIP: u128 = 1_000_000_000;

/// A call, before it is decided how it is sent.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) to: Address,
    pub(super) value: U256,
    pub(super) input: Bytes,
    pub(super) gas_limit: u64,
}

/// Which type of transaction carries the call.
#[derive(Debug, Clone)]
pub(super) enum Envelope {
    Legacy,
    AccessList(AccessList),
    DynamicFee,
    Blob { versioned_hash: B256 },
    SetCode(SignedAuthorization),
}

/// A transaction that wants only its signature.
#[derive(Debug, Clone)]
pub(super) struct Unsigned {
    pub(super) from: Signer,
    pub(super) nonce: u64,
    pub(super) base_fee: u64,
    pub(super) call: Call,
    pub(super) envelope: Envelope,
}

impl Unsigned {
    pub(super) fn sign(self) -> Result<Transaction, Error> {
        match self.envelope.clone() {
            Envelope::Legacy => self.signed(self.legacy()),
            Envelope::AccessList(list) => self.signed(self.access_list(list)),
            Envelope::DynamicFee => self.signed(self.dynamic_fee()),
            Envelope::Blob { versioned_hash } => self.signed(self.blob(versioned_hash)),
            Envelope::SetCode(authorization) => self.signed(self.set_code(authorization)),
        }
    }

    fn signed<T: SignableTransaction<Signature>>(
        &self,
        transaction: T,
    ) -> Result<Transaction, Error>
    where
        Transaction: From<alloy_consensus::Signed<T>>,
    {
        let signature = sign(self.from.key, transaction.signature_hash())?;
        Ok(transaction.into_signed(signature).into())
    }

    /// What is left for the base fee to grow by until the block.
    fn max_fee(&self) -> u128 {
        2 * u128::from(self.base_fee) + TIP
    }

    fn legacy(&self) -> TxLegacy {
        TxLegacy {
            chain_id: Some(CHAIN_ID),
            nonce: self.nonce,
            gas_price: u128::from(self.base_fee) + TIP,
            gas_limit: self.call.gas_limit,
            to: TxKind::Call(self.call.to),
            value: self.call.value,
            input: self.call.input.clone(),
        }
    }

    fn access_list(&self, access_list: AccessList) -> TxEip2930 {
        TxEip2930 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_price: u128::from(self.base_fee) + TIP,
            gas_limit: self.call.gas_limit,
            to: TxKind::Call(self.call.to),
            value: self.call.value,
            access_list,
            input: self.call.input.clone(),
        }
    }

    fn dynamic_fee(&self) -> TxEip1559 {
        TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_limit: self.call.gas_limit,
            max_fee_per_gas: self.max_fee(),
            max_priority_fee_per_gas: TIP,
            to: TxKind::Call(self.call.to),
            value: self.call.value,
            access_list: AccessList::default(),
            input: self.call.input.clone(),
        }
    }

    fn blob(&self, versioned_hash: B256) -> TxEip4844 {
        TxEip4844 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_limit: self.call.gas_limit,
            max_fee_per_gas: self.max_fee(),
            max_priority_fee_per_gas: TIP,
            to: self.call.to,
            value: self.call.value,
            access_list: AccessList::default(),
            blob_versioned_hashes: vec![versioned_hash],
            max_fee_per_blob_gas: TIP,
            input: self.call.input.clone(),
        }
    }

    fn set_code(&self, authorization: SignedAuthorization) -> TxEip7702 {
        TxEip7702 {
            chain_id: CHAIN_ID,
            nonce: self.nonce,
            gas_limit: self.call.gas_limit,
            max_fee_per_gas: self.max_fee(),
            max_priority_fee_per_gas: TIP,
            to: self.call.to,
            value: self.call.value,
            access_list: AccessList::default(),
            authorization_list: vec![authorization],
            input: self.call.input.clone(),
        }
    }
}

/// Signs that `authority`, whose nonce is `nonce`, delegates to `address`.
pub(super) fn authorize(
    authority: &Signer,
    nonce: u64,
    address: Address,
) -> Result<SignedAuthorization, Error> {
    let authorization = Authorization { chain_id: U256::from(CHAIN_ID), address, nonce };
    let signature = sign(authority.key, authorization.signature_hash())?;
    Ok(authorization.into_signed(signature))
}

/// A hash as a blob's commitment would have; no blob is ever looked at.
pub(super) fn versioned_hash(mut hash: B256) -> B256 {
    hash[0] = VERSIONED_HASH_VERSION_KZG;
    hash
}

fn sign(key: B256, hash: B256) -> Result<Signature, Error> {
    sign_message(key, hash).map_err(|error| Error::Generator(format!("signature: {error}")))
}
