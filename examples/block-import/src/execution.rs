//! Running a block's transactions through the EVM.

use crate::{
    block::{Block, Receipt, Transaction},
    chain_spec::ChainSpec,
    error::{Error, Verdict},
    trie::StateTrie,
};
use alloy_consensus::{
    Eip658Value, TransactionEnvelope, TxReceipt, TxType, transaction::Recovered,
};
use alloy_eips::eip7685::Requests;
use alloy_evm::{
    Evm, EvmEnv, EvmFactory,
    block::{BlockExecutionError, BlockExecutionResult, BlockExecutor, BlockValidationError},
    eth::{
        EthBlockExecutionCtx, EthBlockExecutor, EthEvmFactory,
        receipt_builder::{ReceiptBuilder, ReceiptBuilderCtx},
    },
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{Address, B256, keccak256};
use revm::{
    context::result::ExecutionResult,
    database::{BundleState, State, states::bundle_state::BundleRetention},
};
use std::borrow::Cow;
use tracing::{debug_span, instrument, trace_span};

/// What running a block made.
#[derive(Debug)]
pub struct Executed {
    /// One receipt a transaction.
    pub receipts: Vec<Receipt>,
    /// Requests to the consensus layer (EIP-7685).
    pub requests: Requests,
    /// Gas used by all transactions.
    pub gas_used: u64,
    /// Every account and slot that changed.
    pub changes: BundleState,
}

/// How much work executing a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// What is in it.
    Usual,
    /// More, to see it in a picture.
    Extra,
    /// So many rounds of hashing more, in the span of the transactions: code that became slower.
    Slower(u32),
}

/// Work that nobody needs: some 40 MB of hashing.
#[instrument(level = "debug", skip_all)]
fn extra_load(seed: B256) {
    hash_rounds(seed, 10_000);
}

/// Hashes 4 KiB, so many times.
fn hash_rounds(seed: B256, rounds: u32) {
    let mut buffer = [0; 4_096];
    for _ in 0..rounds {
        let hash = keccak256(buffer);
        buffer[..32].copy_from_slice((hash ^ seed).as_slice());
    }
    std::hint::black_box(buffer);
}

/// Executes a block on top of `state`, and nothing is written anywhere.
///
/// Before Byzantium each receipt carries the state root after its transaction;
/// only then is `trie` used, and it is left at the block's last transaction.
///
/// # Errors
///
/// Where a transaction is not valid at its place, a system call fails, or the
/// state cannot be read.
#[instrument(level = "debug", skip_all, fields(number = block.header.number))]
pub fn execute_block<DB: alloy_evm::Database>(
    spec: &ChainSpec,
    block: &Block,
    senders: &[Address],
    state: &mut State<DB>,
    trie: &mut StateTrie,
    load: Load,
) -> Result<Executed, Error> {
    let number = block.header.number;
    let fault = |error| execution_error(block, error);
    let mut executor = executor(spec, block, &mut *state);
    debug_span!("pre_execution")
        .in_scope(|| executor.apply_pre_execution_changes())
        .map_err(fault)?;
    let post_state_roots = !spec.is_byzantium_active_at_block(number);
    debug_span!("execution").in_scope(|| {
        if let Load::Slower(rounds) = load {
            hash_rounds(block.header.parent_hash, rounds);
        }
        for (transaction, sender) in block.body.transactions.iter().zip(senders) {
            let _span = trace_span!("execute tx").entered();
            let transaction = Recovered::new_unchecked(transaction, *sender);
            executor.execute_transaction(transaction).map_err(fault)?;
            if post_state_roots {
                let state: &mut State<DB> = executor.evm.db_mut();
                state.merge_transitions(BundleRetention::PlainState);
                let root = trie.apply(&state.bundle_state);
                if let Some(receipt) = executor.receipts.last_mut() {
                    set_post_state(receipt, root);
                }
            }
        }
        Ok::<_, Error>(())
    })?;
    if load == Load::Extra {
        extra_load(block.header.parent_hash);
    }
    let _span = debug_span!("finish").entered();
    let (_, result) = executor.finish().map_err(fault)?;
    state.merge_transitions(BundleRetention::PlainState);
    let BlockExecutionResult { receipts, requests, gas_used, .. } = result;
    Ok(Executed { receipts, requests, gas_used, changes: state.take_bundle() })
}

type Executor<'a, DB> = EthBlockExecutor<
    'a,
    <EthEvmFactory as EvmFactory>::Evm<&'a mut State<DB>, revm::inspector::NoOpInspector>,
    &'a ChainSpec,
    Receipts,
>;

fn executor<'a, DB: alloy_evm::Database>(
    spec: &'a ChainSpec,
    block: &'a Block,
    state: &'a mut State<DB>,
) -> Executor<'a, DB> {
    let header = &block.header;
    let blobs = spec.blob_params(header.timestamp);
    let environment = EvmEnv::for_eth_block(header, spec, spec.chain_id(), blobs);
    let evm = EthEvmFactory::default().create_evm(state, environment);
    let context = EthBlockExecutionCtx {
        parent_hash: header.parent_hash,
        parent_beacon_block_root: header.parent_beacon_block_root,
        ommers: &block.body.ommers,
        withdrawals: block.body.withdrawals.as_ref().map(|list| Cow::Borrowed(&list[..])),
        extra_data: header.extra_data.clone(),
        tx_count_hint: Some(block.body.transactions.len()),
        slot_number: None,
    };
    EthBlockExecutor::new(evm, context, spec, Receipts)
}

/// Typed transactions came long after Byzantium.
fn set_post_state(receipt: &mut Receipt, root: B256) {
    if let Receipt::Legacy(receipt) = receipt {
        receipt.receipt.status = Eip658Value::PostState(root);
    }
}

/// Says which transaction it was, where it was one.
fn execution_error(block: &Block, error: BlockExecutionError) -> Error {
    let verdict = Verdict::on(block.header.number);
    let hash = match error.as_validation() {
        Some(
            BlockValidationError::InvalidTx { hash, .. } | BlockValidationError::EVM { hash, .. },
        ) => *hash,
        _ => return verdict.unusable("execution", error).into(),
    };
    let position =
        block.body.transactions.iter().position(|transaction| *transaction.tx_hash() == hash);
    let part =
        position.map_or_else(|| "execution".to_owned(), |index| format!("transaction {index}"));
    verdict.unusable(part, error).into()
}

/// Builds receipts of this crate's transaction type; `alloy_evm`'s builder is for
/// the type that carries blobs.
#[derive(Debug)]
struct Receipts;

impl ReceiptBuilder for Receipts {
    type Transaction = Transaction;
    type Receipt = Receipt;

    fn build_receipt<E: Evm>(
        &self,
        context: ReceiptBuilderCtx<'_, <Transaction as TransactionEnvelope>::TxType, E>,
    ) -> Receipt {
        let result: ExecutionResult<E::HaltReason> = context.result;
        let receipt = alloy_consensus::Receipt {
            status: Eip658Value::Eip658(result.is_success()),
            cumulative_gas_used: context.cumulative_gas_used,
            logs: result.into_logs(),
        };
        let transaction_type: TxType = context.tx_type;
        Receipt::from_typed(transaction_type, receipt.into_with_bloom())
    }
}
