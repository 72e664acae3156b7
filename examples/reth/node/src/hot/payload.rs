//! The building of payloads.

use alloy_consensus::BlockHeader;
use reth_basic_payload_builder::{
    BuildArguments, BuildOutcome, HeaderForPayload, MissingPayloadBehaviour, PayloadBuilder,
    PayloadConfig,
};
use reth_node_api::FullNodeTypes;
use reth_node_builder::{BuilderContext, components::PayloadBuilderBuilder};
use reth_node_ethereum::node::EthereumPayloadBuilder;
use reth_payload_builder::PayloadBuilderError;
use reth_transaction_pool::TransactionPool;

use super::{Spans, hot_span};

/// A payload builder with a span around each build.
#[derive(Clone, Debug)]
pub(crate) struct HotPayloadBuilder<B> {
    inner: B,
    spans: Spans,
}

impl<B: PayloadBuilder> PayloadBuilder for HotPayloadBuilder<B> {
    type Attributes = B::Attributes;
    type BuiltPayload = B::BuiltPayload;

    fn try_build(
        &self,
        args: BuildArguments<Self::Attributes, Self::BuiltPayload>,
    ) -> Result<BuildOutcome<Self::BuiltPayload>, PayloadBuilderError> {
        let number = args.config.parent_header.number() + 1;
        hot_span!(self.spans, "build_payload", number).in_scope(|| self.inner.try_build(args))
    }

    fn on_missing_payload(
        &self,
        args: BuildArguments<Self::Attributes, Self::BuiltPayload>,
    ) -> MissingPayloadBehaviour<Self::BuiltPayload> {
        self.inner.on_missing_payload(args)
    }

    fn build_empty_payload(
        &self,
        config: PayloadConfig<Self::Attributes, HeaderForPayload<Self::BuiltPayload>>,
    ) -> Result<Self::BuiltPayload, PayloadBuilderError> {
        hot_span!(self.spans, "build_empty_payload")
            .in_scope(|| self.inner.build_empty_payload(config))
    }
}

/// Builds [`HotPayloadBuilder`] around what reth's own builder builds.
#[derive(Clone, Debug)]
pub(crate) struct HotPayloadServiceBuilder {
    spans: Spans,
}

impl HotPayloadServiceBuilder {
    pub(crate) fn new(spans: Spans) -> Self {
        Self { spans }
    }
}

impl<N, Pool, Evm> PayloadBuilderBuilder<N, Pool, Evm> for HotPayloadServiceBuilder
where
    N: FullNodeTypes,
    Pool: TransactionPool,
    Evm: Send,
    EthereumPayloadBuilder: PayloadBuilderBuilder<N, Pool, Evm>,
{
    type PayloadBuilder = HotPayloadBuilder<
        <EthereumPayloadBuilder as PayloadBuilderBuilder<N, Pool, Evm>>::PayloadBuilder,
    >;

    async fn build_payload_builder(
        self,
        ctx: &BuilderContext<N>,
        pool: Pool,
        evm_config: Evm,
    ) -> eyre::Result<Self::PayloadBuilder> {
        let inner =
            EthereumPayloadBuilder::default().build_payload_builder(ctx, pool, evm_config).await?;
        Ok(HotPayloadBuilder { inner, spans: self.spans })
    }
}
