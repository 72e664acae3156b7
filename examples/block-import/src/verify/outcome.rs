//! What a header must say given what running the block made.

use crate::{
    block::{Block, Receipt},
    error::{Invalid, Verdict},
    execution::Executed,
};
use alloy_consensus::TxReceipt;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{B256, Bloom};
use alloy_trie::root::ordered_trie_root_encoded;
use tracing::debug_span;

/// Verifies all that running a block tells, but for the state root.
///
/// # Errors
///
/// The first field that is wrong.
pub fn verify_outcome(block: &Block, executed: &Executed) -> Result<(), Invalid> {
    let header = &block.header;
    let verdict = Verdict::on(header.number);
    verdict.equal("gas used", &executed.gas_used, &header.gas_used)?;
    let (receipts_root, logs_bloom) = receipts_root(&executed.receipts);
    verdict.equal("logs bloom", &logs_bloom, &header.logs_bloom)?;
    verdict.equal("receipts root", &receipts_root, &header.receipts_root)?;
    // Whether there is to be a hash at all was a matter of the header.
    let requests_hash = header.requests_hash.map(|_| executed.requests.requests_hash());
    verdict.equal_if_any("requests hash", requests_hash, header.requests_hash)
}

/// Verifies the state root, the sum of all that the block did.
///
/// # Errors
///
/// Where it is wrong.
pub fn verify_state_root(block: &Block, computed: B256) -> Result<(), Invalid> {
    let header = &block.header;
    Verdict::on(header.number).equal("state root", &computed, &header.state_root)
}

/// The root of a trie from index to receipt, and the union of their blooms.
pub(crate) fn receipts_root(receipts: &[Receipt]) -> (B256, Bloom) {
    let _span = debug_span!("receipt_root").entered();
    let encoded: Vec<_> = debug_span!("encode_receipts")
        .in_scope(|| receipts.iter().map(Encodable2718::encoded_2718).collect());
    let mut bloom = Bloom::ZERO;
    for receipt in receipts {
        bloom |= receipt.bloom();
    }
    (ordered_trie_root_encoded(&encoded), bloom)
}
