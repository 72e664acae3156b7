//! reth's `EthereumNode` with the parts replaced that open spans.

use std::sync::Arc;

use reth_chainspec::ChainSpec;
use reth_engine_local::LocalPayloadAttributesBuilder;
use reth_ethereum_primitives::{Block, EthPrimitives};
use reth_node_api::{
    FullNodeComponents, FullNodeTypes, NodeTypes, PayloadAttributesBuilder, PayloadTypes,
};
use reth_node_builder::{
    DebugNode, Node, NodeAdapter,
    components::{BasicPayloadServiceBuilder, ComponentsBuilder},
    rpc::{BasicEngineApiBuilder, BasicEngineValidatorBuilder},
};
use reth_node_ethereum::{
    EthEngineTypes, EthereumAddOns, EthereumConsensusBuilder, EthereumEngineValidatorBuilder,
    EthereumEthApiBuilder, EthereumNetworkBuilder, EthereumNode, EthereumPoolBuilder,
};
use reth_provider::EthStorage;

use crate::hot::{HotExecutorBuilder, HotPayloadServiceBuilder, RpcSpans, Spans};

/// An Ethereum node whose hot paths can have spans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlameNode {
    spans: Spans,
}

impl FlameNode {
    pub(crate) fn new(spans: Spans) -> Self {
        Self { spans }
    }
}

impl NodeTypes for FlameNode {
    type Primitives = EthPrimitives;
    type ChainSpec = ChainSpec;
    type Storage = EthStorage;
    type Payload = EthEngineTypes;
}

impl<N: FullNodeTypes<Types = Self>> Node<N> for FlameNode {
    type ComponentsBuilder = ComponentsBuilder<
        N,
        EthereumPoolBuilder,
        BasicPayloadServiceBuilder<HotPayloadServiceBuilder>,
        EthereumNetworkBuilder,
        HotExecutorBuilder,
        EthereumConsensusBuilder,
    >;

    type AddOns = EthereumAddOns<
        NodeAdapter<N>,
        EthereumEthApiBuilder,
        EthereumEngineValidatorBuilder,
        BasicEngineApiBuilder<EthereumEngineValidatorBuilder>,
        BasicEngineValidatorBuilder<EthereumEngineValidatorBuilder>,
        RpcSpans,
    >;

    fn components_builder(&self) -> Self::ComponentsBuilder {
        let payload = BasicPayloadServiceBuilder::new(HotPayloadServiceBuilder::new(self.spans));
        EthereumNode::components().executor(HotExecutorBuilder::new(self.spans)).payload(payload)
    }

    fn add_ons(&self) -> Self::AddOns {
        EthereumAddOns::default().with_rpc_middleware(RpcSpans::new(self.spans))
    }
}

impl<N: FullNodeComponents<Types = Self>> DebugNode<N> for FlameNode {
    type RpcBlock = alloy_rpc_types_eth::Block;

    fn rpc_to_primitive_block(rpc_block: Self::RpcBlock) -> Block {
        rpc_block.into_consensus().convert_transactions()
    }

    fn local_payload_attributes_builder(
        chain_spec: &Self::ChainSpec,
    ) -> impl PayloadAttributesBuilder<<Self::Payload as PayloadTypes>::PayloadAttributes> {
        LocalPayloadAttributesBuilder::new(Arc::new(chain_spec.clone()))
    }
}
