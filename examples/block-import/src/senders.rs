//! Who signed each transaction: the one step of a block that all cores share.

use crate::{
    block::Transaction,
    error::{Invalid, Verdict},
};
use alloy_consensus::transaction::SignerRecoverable;
use alloy_primitives::Address;
use rayon::prelude::*;
use tracing::{Span, debug_span, instrument};

/// Which signatures are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureRule {
    /// Any, as before Homestead.
    Any,
    /// Those whose `s` is in the lower half of the curve's order (EIP-2).
    LowS,
}

/// Fewer transactions than this are not worth waking a thread for.
const MIN_CHUNK: usize = 8;

/// Recovers the senders of a block's transactions on the threads of the rayon
/// pool; the calling thread waits.
///
/// The pool's threads know nothing of the span that is current here, so each
/// chunk's span names its parent.
///
/// # Errors
///
/// The first transaction whose signature is not valid.
#[instrument(level = "debug", skip_all)]
pub fn recover_senders(
    number: u64,
    transactions: &[Transaction],
    rule: SignatureRule,
) -> Result<Vec<Address>, Invalid> {
    let parent = Span::current();
    let chunk = transactions.len().div_ceil(rayon::current_num_threads() * 2).max(MIN_CHUNK);
    let recovered: Vec<_> = transactions
        .par_chunks(chunk)
        .map(|chunk| {
            debug_span!(parent: &parent, "chunk").in_scope(|| {
                chunk.iter().map(|transaction| recover(transaction, rule)).collect::<Vec<_>>()
            })
        })
        .collect();
    let senders = recovered.into_iter().flatten().enumerate();
    senders
        .map(|(index, sender)| {
            sender.map_err(|error| {
                Verdict::on(number).unusable(format!("transaction {index}: signature"), error)
            })
        })
        .collect()
}

fn recover(
    transaction: &Transaction,
    rule: SignatureRule,
) -> Result<Address, alloy_consensus::crypto::RecoveryError> {
    match rule {
        SignatureRule::Any => transaction.recover_signer_unchecked(),
        SignatureRule::LowS => transaction.recover_signer(),
    }
}
