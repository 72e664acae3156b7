//! A contract that writes to as many slots as it is told.
//!
//! Its input is two words, the first slot and the number of slots:
//!
//! ```text
//! 00  PUSH1 20 CALLDATALOAD                      [n]
//! 03  PUSH1 00 CALLDATALOAD                      [slot, n]
//! 06  JUMPDEST DUP2 ISZERO PUSH1 1b JUMPI        n == 0: stop
//! 0c  GAS DUP2 SSTORE                            some value that is not zero
//! 0f  PUSH1 01 ADD                               slot + 1
//! 12  SWAP1 PUSH1 01 SWAP1 SUB SWAP1             n - 1
//! 18  PUSH1 06 JUMP
//! 1b  JUMPDEST STOP
//! ```

use alloy_primitives::{Address, Bytes, TxKind, U256, bytes};

use crate::{account::Account, node::Node};

/// Returns the code above: 12 bytes of code that copies the 29 behind it.
const INIT_CODE: Bytes =
    bytes!("601d600c600039601d6000f36020356000355b8115601b575a81556001019060019003906006565b00");

const DEPLOY_GAS: u64 = 200_000;
/// What a slot that was empty costs, with the loop around it.
const GAS_A_SLOT: u64 = 22_300;
const GAS_BEFORE_THE_LOOP: u64 = 25_000;

/// Sends the contract, and says where it is going to be.
pub(crate) async fn deploy(node: &Node, account: &mut Account) -> eyre::Result<Address> {
    let nonce = node.nonce(account.address()).await?;
    let raw = account.sign(TxKind::Create, U256::ZERO, INIT_CODE, DEPLOY_GAS)?;
    node.send(raw).await?;
    Ok(account.address().create(nonce))
}

/// A call that writes `slots` slots from `first` on.
pub(crate) fn write(
    contract: Address,
    first: u64,
    slots: u64,
    account: &mut Account,
) -> eyre::Result<Bytes> {
    let words = [U256::from(first), U256::from(slots)].map(|word| word.to_be_bytes::<32>());
    let gas = GAS_BEFORE_THE_LOOP + slots * GAS_A_SLOT;
    account.sign(TxKind::Call(contract), U256::ZERO, words.concat().into(), gas)
}
