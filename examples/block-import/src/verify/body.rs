//! What a header must say given the block's body.

use crate::{
    block::{Block, Transaction},
    chain_spec::ChainSpec,
    error::{Invalid, Verdict},
};
use alloy_consensus::proofs::{calculate_ommers_root, calculate_withdrawals_root};
use alloy_eips::{eip2718::Encodable2718, eip4895::Withdrawals};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::B256;
use alloy_trie::root::ordered_trie_root_encoded;
use tracing::{debug_span, instrument};

/// The most bytes a block may have since Osaka (EIP-7934).
const MAX_RLP_BLOCK_BYTES: usize = (10 << 20) - (2 << 20);

/// Verifies the roots and sums over the body of a block of `rlp_bytes` bytes.
///
/// # Errors
///
/// The first field that is wrong.
#[instrument(level = "debug", skip_all)]
pub fn verify_body(spec: &ChainSpec, block: &Block, rlp_bytes: usize) -> Result<(), Invalid> {
    let (header, body) = (&block.header, &block.body);
    let verdict = Verdict::on(header.number);
    if spec.is_osaka_active_at_timestamp(header.timestamp) {
        let limit = format_args!("at most {MAX_RLP_BLOCK_BYTES} bytes");
        verdict.rule("rlp", rlp_bytes <= MAX_RLP_BLOCK_BYTES, limit, rlp_bytes)?;
    }
    verdict.equal(
        "transactions root",
        &transactions_root(&body.transactions),
        &header.transactions_root,
    )?;
    verdict.equal("ommers hash", &calculate_ommers_root(&body.ommers), &header.ommers_hash)?;
    let withdrawals = withdrawals_root(body.withdrawals.as_ref());
    verdict.equal_if_any("withdrawals root", withdrawals, header.withdrawals_root)?;
    verify_blob_gas(spec, block, verdict)
}

fn verify_blob_gas(spec: &ChainSpec, block: &Block, verdict: Verdict) -> Result<(), Invalid> {
    let header = &block.header;
    let params = spec.blob_params(header.timestamp);
    let used = blob_gas_used(&block.body.transactions);
    verdict.equal_if_any("blob gas used", params.map(|_| used), header.blob_gas_used)?;
    let limit = params.map_or(0, |params| params.max_blob_gas_per_block());
    verdict.rule("blob gas used", used <= limit, format_args!("at most {limit}"), used)
}

pub(crate) fn blob_gas_used(transactions: &[Transaction]) -> u64 {
    transactions.iter().filter_map(alloy_consensus::Transaction::blob_gas_used).sum()
}

/// The root of a trie from index to transaction.
pub(crate) fn transactions_root(transactions: &[Transaction]) -> B256 {
    let encoded: Vec<_> = debug_span!("encode_transactions")
        .in_scope(|| transactions.iter().map(Encodable2718::encoded_2718).collect());
    debug_span!("transaction_root").in_scope(|| ordered_trie_root_encoded(&encoded))
}

pub(crate) fn withdrawals_root(withdrawals: Option<&Withdrawals>) -> Option<B256> {
    withdrawals.map(|list| calculate_withdrawals_root(list))
}
