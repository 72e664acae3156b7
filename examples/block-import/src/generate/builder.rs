//! Building block after block: the same execution that the importer does, and
//! then the header says what came out.

use super::{accounts::Accounts, transaction::Unsigned, workload::Workload};
use crate::{
    block::{Block, Transaction},
    chain_spec::ChainSpec,
    error::Error,
    execution::{Executed, Load, execute_block},
    genesis::{account_info, genesis_header, genesis_trie, storage},
    trie::StateTrie,
    verify::{
        blob_gas_used, next_base_fee, next_excess_blob_gas, receipts_root, transactions_root,
        withdrawals_root,
    },
};
use alloy_consensus::{BlockBody, Header, constants::EMPTY_OMMER_ROOT_HASH};
use alloy_eips::eip4895::{Withdrawal, Withdrawals};
use alloy_genesis::Genesis;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use rayon::prelude::*;
use revm::{database::State, database_interface::EmptyDB};

const SECONDS_PER_BLOCK: u64 = 12;
const WITHDRAWALS_PER_BLOCK: u64 = 4;
const BENEFICIARY: Address = Address::repeat_byte(0xbe);

/// A chain that grows in memory.
#[derive(Debug)]
pub(super) struct ChainBuilder {
    spec: ChainSpec,
    workload: Workload,
    state: State<EmptyDB>,
    trie: StateTrie,
    parent: Header,
    parent_hash: B256,
}

impl ChainBuilder {
    pub(super) fn new(genesis: &Genesis, accounts: Accounts) -> Result<Self, Error> {
        let spec = ChainSpec::from_genesis(genesis)?;
        let mut trie = genesis_trie(genesis)?;
        let mut state = State::builder().with_bundle_update().build();
        for (address, account) in &genesis.alloc {
            let slots = storage(account).collect();
            state.insert_account_with_storage(*address, account_info(account)?, slots);
        }
        let parent = genesis_header(genesis, &spec, trie.root());
        let parent_hash = parent.hash_slow();
        let workload = Workload::new(accounts);
        Ok(Self { spec, workload, state, trie, parent, parent_hash })
    }

    pub(super) fn next_block(&mut self, transactions: u64) -> Result<Block, Error> {
        let mut header = self.next_header();
        let base_fee = header.base_fee_per_gas.unwrap_or_default();
        let unsigned = self.workload.transactions(transactions, base_fee)?;
        let senders: Vec<_> = unsigned.iter().map(|unsigned| unsigned.from.address).collect();
        let transactions = sign(unsigned)?;
        let withdrawals = self.withdrawals(header.number);
        header.transactions_root = transactions_root(&transactions);
        header.withdrawals_root = withdrawals_root(Some(&withdrawals));
        header.blob_gas_used = Some(blob_gas_used(&transactions));
        let body = BlockBody { transactions, ommers: Vec::new(), withdrawals: Some(withdrawals) };
        let mut block = Block { header, body };
        let executed = execute_block(
            &self.spec,
            &block,
            &senders,
            &mut self.state,
            &mut self.trie,
            Load::Usual,
        )?;
        check_success(&block, &executed)?;
        self.seal(&mut block.header, &executed);
        Ok(block)
    }

    /// All that is known before the block is executed.
    fn next_header(&self) -> Header {
        let number = self.parent.number + 1;
        let timestamp = self.parent.timestamp + SECONDS_PER_BLOCK;
        let made_up = |what: &str| keccak256(format!("block-import {what} {number}"));
        let mut header = Header {
            number,
            timestamp,
            parent_hash: self.parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: BENEFICIARY,
            gas_limit: self.parent.gas_limit,
            extra_data: Bytes::from_static(b"block-import"),
            mix_hash: made_up("randao"),
            excess_blob_gas: next_excess_blob_gas(&self.spec, timestamp, &self.parent),
            parent_beacon_block_root: Some(made_up("beacon block")),
            ..Default::default()
        };
        header.base_fee_per_gas = next_base_fee(&self.spec, &header, &self.parent);
        header
    }

    fn withdrawals(&mut self, number: u64) -> Withdrawals {
        let first = (number - 1) * WITHDRAWALS_PER_BLOCK;
        let withdrawal = |index| Withdrawal {
            index,
            validator_index: index,
            address: self.workload.holder(),
            amount: self.workload.gwei(),
        };
        Withdrawals::new((first..first + WITHDRAWALS_PER_BLOCK).map(withdrawal).collect())
    }

    /// Fills in what executing the block made, and moves on.
    fn seal(&mut self, header: &mut Header, executed: &Executed) {
        (header.receipts_root, header.logs_bloom) = receipts_root(&executed.receipts);
        header.gas_used = executed.gas_used;
        header.requests_hash = Some(executed.requests.requests_hash());
        header.state_root = self.trie.apply(&executed.changes);
        self.parent_hash = header.hash_slow();
        self.parent = header.clone();
    }
}

fn sign(transactions: Vec<Unsigned>) -> Result<Vec<Transaction>, Error> {
    transactions.into_par_iter().map(Unsigned::sign).collect()
}

/// A transaction that fails would be a fault of the workload.
fn check_success(block: &Block, executed: &Executed) -> Result<(), Error> {
    match executed.receipts.iter().position(|receipt| !receipt.status()) {
        None => Ok(()),
        Some(index) => Err(Error::Generator(format!(
            "block {}: transaction {index} fails: {:?}",
            block.header.number, block.body.transactions[index]
        ))),
    }
}
