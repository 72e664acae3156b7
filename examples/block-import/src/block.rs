//! The shapes of a block inside a chain, and how many bytes become one.

use crate::error::{Invalid, Verdict};
use alloy_consensus::{EthereumTxEnvelope, TxEip4844};
use alloy_primitives::B256;
use alloy_rlp::Decodable;
use tracing::instrument;

/// A transaction. Inside a block, a blob transaction comes without its blobs.
pub type Transaction = EthereumTxEnvelope<TxEip4844>;
/// A block with its transactions, ommers and withdrawals.
pub type Block = alloy_consensus::Block<Transaction>;
/// A receipt with its bloom filter.
pub type Receipt = alloy_consensus::ReceiptEnvelope;

/// A decoded block, its bytes and its hash.
#[derive(Debug)]
pub struct SealedBlock {
    /// The block.
    pub block: Block,
    /// The Keccak hash of the header.
    pub hash: B256,
    /// The bytes that it was decoded from.
    pub rlp: Vec<u8>,
}

/// Decodes a block that should have the number `expected`.
///
/// The decoder overlooks a wrong length around a typed transaction, so the block
/// must encode to the very bytes again.
///
/// # Errors
///
/// Where the bytes are no block, more than one, or not its encoding.
#[instrument(level = "debug", skip_all)]
pub fn decode_block(rlp: &[u8], expected: u64) -> Result<Block, Invalid> {
    let block = Block::decode(&mut &rlp[..]).map_err(|error| {
        Verdict::on(expected).unusable("rlp", format_args!("cannot be decoded: {error}"))
    })?;
    if alloy_rlp::encode(&block) != rlp {
        let why = "decodes to a block that is encoded in another way";
        return Err(Verdict::on(expected).unusable("rlp", why));
    }
    Ok(block)
}

/// Hashes the header, which names the block.
#[instrument(level = "debug", name = "header_hash", skip_all)]
pub fn seal(block: Block, rlp: Vec<u8>) -> SealedBlock {
    SealedBlock { hash: block.header.hash_slow(), block, rlp }
}
