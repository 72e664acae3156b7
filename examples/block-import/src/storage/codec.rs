//! How keys and values are laid out: fixed widths, big-endian, so that keys
//! sort as their meaning does.

use alloy_primitives::{Address, B256, U256};
use revm::state::AccountInfo;

pub(super) const ACCOUNT_BYTES: usize = 8 + 32 + 32;
pub(super) const SLOT_KEY_BYTES: usize = 20 + 32;
const HEAD_BYTES: usize = 8 + 32 + 8;

/// The key under which [`Head`] is stored.
pub(super) const HEAD_KEY: &[u8] = b"head";

/// What must be known of the last committed block, besides its header, to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The block's number.
    pub number: u64,
    /// The sum of all difficulties up to and with this block.
    pub total_difficulty: U256,
    /// The first proof-of-stake block, once it is known.
    pub paris_block: Option<u64>,
}

impl Head {
    pub(super) fn encode(&self) -> [u8; HEAD_BYTES] {
        let paris_block = self.paris_block.unwrap_or(u64::MAX);
        let mut bytes = [0; HEAD_BYTES];
        bytes[..8].copy_from_slice(&self.number.to_be_bytes());
        bytes[8..40].copy_from_slice(&self.total_difficulty.to_be_bytes::<32>());
        bytes[40..].copy_from_slice(&paris_block.to_be_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; HEAD_BYTES]) -> Self {
        let paris_block = be_u64(&bytes[40..]);
        Self {
            number: be_u64(&bytes[..8]),
            total_difficulty: U256::from_be_slice(&bytes[8..40]),
            paris_block: (paris_block != u64::MAX).then_some(paris_block),
        }
    }
}

pub(super) fn encode_account(info: &AccountInfo) -> [u8; ACCOUNT_BYTES] {
    let mut bytes = [0; ACCOUNT_BYTES];
    bytes[..8].copy_from_slice(&info.nonce.to_be_bytes());
    bytes[8..40].copy_from_slice(&info.balance.to_be_bytes::<32>());
    bytes[40..].copy_from_slice(info.code_hash.as_slice());
    bytes
}

/// The code is left out: it is fetched by its hash when it is needed.
pub(super) fn decode_account(bytes: &[u8; ACCOUNT_BYTES]) -> AccountInfo {
    AccountInfo {
        nonce: be_u64(&bytes[..8]),
        balance: U256::from_be_slice(&bytes[8..40]),
        code_hash: B256::from_slice(&bytes[40..]),
        code: None,
        ..Default::default()
    }
}

pub(super) fn slot_key(address: Address, slot: U256) -> [u8; SLOT_KEY_BYTES] {
    let mut key = [0; SLOT_KEY_BYTES];
    key[..20].copy_from_slice(address.as_slice());
    key[20..].copy_from_slice(&slot.to_be_bytes::<32>());
    key
}

fn be_u64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reads_back_as_it_was_written() {
        let info = AccountInfo {
            nonce: 7,
            balance: U256::from(1) << 200,
            code_hash: B256::repeat_byte(3),
            code: None,
            ..Default::default()
        };
        assert_eq!(decode_account(&encode_account(&info)), info);
    }

    #[test]
    fn a_head_reads_back_as_it_was_written() {
        for paris_block in [None, Some(0), Some(36)] {
            let head = Head { number: 54, total_difficulty: U256::from(9), paris_block };
            assert_eq!(Head::decode(&head.encode()), head);
        }
    }

    #[test]
    fn slots_of_one_account_sort_together_and_by_slot() {
        let (low, high) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let keys =
            [slot_key(low, U256::from(1)), slot_key(low, U256::MAX), slot_key(high, U256::ZERO)];
        assert!(keys.is_sorted());
    }
}
