//! The accounts that a dev chain funds.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_network::TxSignerSync;
use alloy_primitives::{Bytes, TxKind, U256};
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};

use crate::node::Node;

/// The phrase that every development chain uses.
const PHRASE: &str = "test test test test test test test test test test test junk";
const COUNT: u32 = 20;

/// Accounts that take turns.
pub(crate) struct Accounts {
    all: Vec<Account>,
    turn: usize,
}

impl Accounts {
    /// The dev accounts, with the nonces that the node knows.
    pub(crate) async fn dev(node: &Node) -> eyre::Result<Self> {
        let mut all = Vec::new();
        for index in 0..COUNT {
            let key = MnemonicBuilder::<English>::default().phrase(PHRASE).index(index)?.build()?;
            all.push(Account { key, nonce: 0, chain_id: node.chain_id() });
        }
        let mut accounts = Self { all, turn: 0 };
        accounts.resync(node).await?;
        Ok(accounts)
    }

    pub(crate) fn next(&mut self) -> &mut Account {
        self.turn = (self.turn + 1) % self.all.len();
        &mut self.all[self.turn]
    }

    /// Asks for the nonces again, after a transaction was refused.
    pub(crate) async fn resync(&mut self, node: &Node) -> eyre::Result<()> {
        for account in &mut self.all {
            account.nonce = node.nonce(account.key.address()).await?;
        }
        Ok(())
    }
}

/// A key and the nonce it uses next.
pub(crate) struct Account {
    key: PrivateKeySigner,
    nonce: u64,
    chain_id: u64,
}

impl Account {
    pub(crate) fn address(&self) -> alloy_primitives::Address {
        self.key.address()
    }

    /// A signed transaction, encoded. Takes the nonce.
    pub(crate) fn sign(
        &mut self,
        to: TxKind,
        value: U256,
        input: Bytes,
        gas_limit: u64,
    ) -> eyre::Result<Bytes> {
        let mut transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.nonce,
            gas_limit,
            max_fee_per_gas: 100_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to,
            value,
            input,
            access_list: Default::default(),
        };
        let signature = self.key.sign_transaction_sync(&mut transaction)?;
        self.nonce += 1;
        Ok(TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into())
    }
}
