//! What the driver does at each step.

pub(crate) mod scratch;

use alloy_primitives::{Address, Bytes, TxKind, U256};

use crate::{account::Account, node::Node};

/// Gas of a plain transfer.
const TRANSFER_GAS: u64 = 21_000;
/// One in so many steps reads as well.
const READ_EVERY: u64 = 10;

/// The mix of transactions.
pub(crate) struct Work {
    pub(crate) contract: Address,
    pub(crate) storage_every: u64,
    pub(crate) slots: u64,
}

impl Work {
    /// Sends the step's transaction, and reads now and then.
    pub(crate) async fn step(
        &self,
        step: u64,
        node: &Node,
        account: &mut Account,
    ) -> eyre::Result<()> {
        if step.is_multiple_of(READ_EVERY) {
            node.balance(account.address()).await?;
            node.read_latest_block().await?;
        }
        let transaction = match self.writes_storage(step) {
            true => scratch::write(self.contract, step * self.slots, self.slots, account)?,
            // To an account that is new each time, so that the state grows.
            false => {
                let to = Address::left_padding_from(&(u64::MAX - step).to_be_bytes());
                account.sign(TxKind::Call(to), U256::from(1), Bytes::new(), TRANSFER_GAS)?
            }
        };
        node.send(transaction).await?;
        Ok(())
    }

    fn writes_storage(&self, step: u64) -> bool {
        self.storage_every != 0 && step.is_multiple_of(self.storage_every)
    }
}
