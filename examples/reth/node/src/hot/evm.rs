//! The EVM configuration: decoding and sender recovery, and what executes blocks.

use alloy_eips::Decodable2718;
use alloy_evm::Database;
use alloy_primitives::Bytes;
use alloy_rpc_types_engine::ExecutionData;
use reth_chainspec::ChainSpec;
use reth_ethereum_primitives::{Block, EthPrimitives, TransactionSigned};
use reth_evm::{
    ConfigureEngineEvm, ConfigureEvm, EvmEnvFor, ExecutableTxIterator, ExecutionCtxFor, JitBackend,
    execute::{BlockExecutionError, Executor},
};
use reth_evm_ethereum::factory::RethEvmFactory;
use reth_node_api::{FullNodeTypes, NodeTypes};
use reth_node_builder::{BuilderContext, components::ExecutorBuilder};
use reth_node_ethereum::{EthEvmConfig, EthereumExecutorBuilder};
use reth_primitives_traits::{HeaderTy, SealedBlock, SealedHeader, SignedTransaction};
use reth_storage_errors::any::AnyError;
use tracing::Span;

use super::{Spans, executor::HotExecutor, hot_span};

/// The configuration that reth itself uses.
type Inner = EthEvmConfig<ChainSpec, RethEvmFactory>;

/// reth's EVM configuration, with spans where payloads are decoded, senders
/// recovered and whole blocks executed.
#[derive(Clone, Debug)]
pub(crate) struct HotEvm {
    inner: Inner,
    spans: Spans,
}

impl HotEvm {
    pub(crate) fn new(inner: Inner, spans: Spans) -> Self {
        Self { inner, spans }
    }
}

impl ConfigureEvm for HotEvm {
    type Primitives = EthPrimitives;
    type Error = <Inner as ConfigureEvm>::Error;
    type NextBlockEnvCtx = <Inner as ConfigureEvm>::NextBlockEnvCtx;
    type BlockExecutorFactory = <Inner as ConfigureEvm>::BlockExecutorFactory;
    type BlockAssembler = <Inner as ConfigureEvm>::BlockAssembler;

    fn block_executor_factory(&self) -> &Self::BlockExecutorFactory {
        self.inner.block_executor_factory()
    }

    fn block_assembler(&self) -> &Self::BlockAssembler {
        self.inner.block_assembler()
    }

    fn evm_env(&self, header: &HeaderTy<EthPrimitives>) -> Result<EvmEnvFor<Self>, Self::Error> {
        self.inner.evm_env(header)
    }

    fn next_evm_env(
        &self,
        parent: &HeaderTy<EthPrimitives>,
        attributes: &Self::NextBlockEnvCtx,
    ) -> Result<EvmEnvFor<Self>, Self::Error> {
        self.inner.next_evm_env(parent, attributes)
    }

    fn context_for_block<'a>(
        &self,
        block: &'a SealedBlock<Block>,
    ) -> Result<ExecutionCtxFor<'a, Self>, Self::Error> {
        self.inner.context_for_block(block)
    }

    fn context_for_next_block(
        &self,
        parent: &SealedHeader<HeaderTy<EthPrimitives>>,
        attributes: Self::NextBlockEnvCtx,
    ) -> Result<ExecutionCtxFor<'_, Self>, Self::Error> {
        self.inner.context_for_next_block(parent, attributes)
    }

    fn with_jit_support_enabled(self, enabled: bool) -> Self {
        Self { inner: self.inner.with_jit_support_enabled(enabled), ..self }
    }

    fn jit_backend(&self) -> Option<&dyn JitBackend> {
        self.inner.jit_backend()
    }

    fn executor<DB: Database>(
        &self,
        db: DB,
    ) -> impl Executor<DB, Primitives = EthPrimitives, Error = BlockExecutionError> {
        HotExecutor::new(&self.inner, db, self.spans)
    }

    fn batch_executor<DB: Database>(
        &self,
        db: DB,
    ) -> impl Executor<DB, Primitives = EthPrimitives, Error = BlockExecutionError> {
        HotExecutor::new(&self.inner, db, self.spans)
    }
}

impl ConfigureEngineEvm<ExecutionData> for HotEvm {
    fn evm_env_for_payload(&self, payload: &ExecutionData) -> Result<EvmEnvFor<Self>, Self::Error> {
        self.inner.evm_env_for_payload(payload)
    }

    fn context_for_payload<'a>(
        &self,
        payload: &'a ExecutionData,
    ) -> Result<ExecutionCtxFor<'a, Self>, Self::Error> {
        self.inner.context_for_payload(payload)
    }

    /// As `EthEvmConfig` does it. What is returned here runs on other threads,
    /// where nothing is current, so the spans are told their parent.
    fn tx_iterator_for_payload(
        &self,
        payload: &ExecutionData,
    ) -> Result<impl ExecutableTxIterator<Self>, Self::Error> {
        let transactions = payload.payload.transactions().clone();
        let cache = self.inner.sender_recovery_cache.clone();
        let spans = self.spans;
        let parent = if spans.on() { Span::current() } else { Span::none() };
        let convert = move |raw: Bytes| {
            let transaction = hot_span!(spans, parent: &parent, "rlp_decode")
                .in_scope(|| TransactionSigned::decode_2718_exact(raw.as_ref()))
                .map_err(AnyError::new)?;
            let sender = hot_span!(spans, parent: &parent, "recover_sender")
                .in_scope(|| match &cache {
                    Some(cache) => cache.recover(&transaction),
                    None => transaction.try_recover(),
                })
                .map_err(AnyError::new)?;
            Ok::<_, AnyError>(transaction.with_signer(sender))
        };
        Ok((transactions, convert))
    }
}

/// Builds [`HotEvm`] around what reth's own builder builds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HotExecutorBuilder {
    spans: Spans,
}

impl HotExecutorBuilder {
    pub(crate) fn new(spans: Spans) -> Self {
        Self { spans }
    }
}

impl<N> ExecutorBuilder<N> for HotExecutorBuilder
where
    N: FullNodeTypes<Types: NodeTypes<ChainSpec = ChainSpec, Primitives = EthPrimitives>>,
{
    type EVM = HotEvm;

    async fn build_evm(self, ctx: &BuilderContext<N>) -> eyre::Result<Self::EVM> {
        let inner = EthereumExecutorBuilder::default().build_evm(ctx).await?;
        Ok(HotEvm::new(inner, self.spans))
    }
}
