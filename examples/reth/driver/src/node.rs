//! What is asked of the node.

use alloy_primitives::{Address, Bytes, TxHash, U64, U256};
use jsonrpsee::{
    core::{JsonRawValue, client::ClientT},
    http_client::{HttpClient, HttpClientBuilder},
    rpc_params,
};

/// A node's RPC interface.
pub(crate) struct Node {
    client: HttpClient,
    chain_id: u64,
}

impl Node {
    /// Connects, and asks which chain it is.
    pub(crate) async fn connect(url: &str) -> eyre::Result<Self> {
        let client = HttpClientBuilder::default().build(url)?;
        let chain_id: U64 = client.request("eth_chainId", rpc_params![]).await?;
        Ok(Self { client, chain_id: chain_id.to() })
    }

    pub(crate) fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The next nonce of an account, transactions in the pool included.
    pub(crate) async fn nonce(&self, of: Address) -> eyre::Result<u64> {
        let params = rpc_params![of, "pending"];
        let nonce: U64 = self.client.request("eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    pub(crate) async fn send(&self, raw: Bytes) -> eyre::Result<TxHash> {
        Ok(self.client.request("eth_sendRawTransaction", rpc_params![raw]).await?)
    }

    pub(crate) async fn balance(&self, of: Address) -> eyre::Result<U256> {
        Ok(self.client.request("eth_getBalance", rpc_params![of, "latest"]).await?)
    }

    /// The latest block with its transactions, only to have it made.
    pub(crate) async fn read_latest_block(&self) -> eyre::Result<()> {
        let params = rpc_params!["latest", true];
        self.client.request::<Box<JsonRawValue>, _>("eth_getBlockByNumber", params).await?;
        Ok(())
    }
}
