//! Executes whole blocks, as `import`, the stages and `re-execute` do.

use alloy_consensus::BlockHeader;
use alloy_eips::eip7928::BlockAccessList;
use alloy_evm::{
    Database, Evm,
    block::{BlockExecutionResult, BlockExecutor},
};
use reth_evm::{
    ConfigureEvm, OnStateHook,
    execute::{BlockExecutionError, Executor},
};
use reth_primitives_traits::{NodePrimitives, RecoveredBlock};
use revm::{
    database::{State, states::bundle_state::BundleRetention},
    state::bal::Bal,
};

use super::{Spans, hot_span};

type BlockOf<E> = <<E as ConfigureEvm>::Primitives as NodePrimitives>::Block;
type ResultOf<E> =
    BlockExecutionResult<<<E as ConfigureEvm>::Primitives as NodePrimitives>::Receipt>;

/// reth's `BasicBlockExecutor`, step by step, each step in a span.
///
/// The engine executes its blocks in another way, with spans of reth's own; the
/// names here are the same.
#[derive(Debug)]
pub(crate) struct HotExecutor<E, DB> {
    evm: E,
    db: State<DB>,
    spans: Spans,
}

impl<E: ConfigureEvm, DB: Database> HotExecutor<E, DB> {
    pub(crate) fn new(evm: E, db: DB, spans: Spans) -> Self {
        let db = State::builder().with_database(db).with_bundle_update().build();
        Self { evm, db, spans }
    }

    /// Executes the block but for the merge of its transitions.
    fn run(
        &mut self,
        block: &RecoveredBlock<BlockOf<E>>,
    ) -> Result<ResultOf<E>, BlockExecutionError> {
        let spans = self.spans;
        let mut executor =
            self.evm.executor_for_block(&mut self.db, block).map_err(BlockExecutionError::other)?;

        let has_bal = block.header().block_access_list_hash().is_some();
        executor.evm_mut().db_mut().bal_state.bal_builder = has_bal.then(Bal::new);

        hot_span!(spans, "pre_execution").in_scope(|| executor.apply_pre_execution_changes())?;
        if has_bal {
            executor.evm_mut().db_mut().bump_bal_index();
        }

        hot_span!(spans, "execution").in_scope(|| {
            for transaction in block.transactions_recovered() {
                hot_span!(spans, "execute tx")
                    .in_scope(|| executor.execute_transaction(transaction))?;
                if has_bal {
                    executor.evm_mut().db_mut().bump_bal_index();
                }
            }
            Ok::<_, BlockExecutionError>(())
        })?;

        hot_span!(spans, "BlockExecutor::finish")
            .in_scope(|| executor.apply_post_execution_changes())
    }

    fn merge_transitions(&mut self) {
        hot_span!(self.spans, "merge_transitions")
            .in_scope(|| self.db.merge_transitions(BundleRetention::Reverts));
    }
}

impl<E: ConfigureEvm, DB: Database> Executor<DB> for HotExecutor<E, DB> {
    type Primitives = E::Primitives;
    type Error = BlockExecutionError;

    fn execute_one(
        &mut self,
        block: &RecoveredBlock<BlockOf<E>>,
    ) -> Result<ResultOf<E>, Self::Error> {
        let _span =
            hot_span!(self.spans, "execute_block", number = block.header().number()).entered();
        let result = self.run(block)?;
        self.merge_transitions();
        Ok(result)
    }

    fn execute_one_with_state_hook<F>(
        &mut self,
        block: &RecoveredBlock<BlockOf<E>>,
        state_hook: F,
    ) -> Result<ResultOf<E>, Self::Error>
    where
        F: OnStateHook + 'static,
    {
        let _span =
            hot_span!(self.spans, "execute_block", number = block.header().number()).entered();
        let mut executor =
            self.evm.executor_for_block(&mut self.db, block).map_err(BlockExecutionError::other)?;
        executor.evm_mut().db_mut().set_state_hook(Some(Box::new(state_hook)));

        let result = executor.execute_block(block.transactions_recovered());

        self.db.set_state_hook(None);
        self.merge_transitions();
        result
    }

    fn into_state(self) -> State<DB> {
        self.db
    }

    fn size_hint(&self) -> usize {
        self.db.bundle_state.size_hint()
    }

    fn take_bal(&mut self) -> Option<BlockAccessList> {
        self.db.take_built_alloy_bal()
    }
}
