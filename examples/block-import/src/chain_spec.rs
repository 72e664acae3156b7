//! Which rules hold at which block: read from `genesis.json`.
//!
//! `alloy_evm`'s own `EthSpec` knows three public networks and cannot be built
//! for another chain, so this one implements the same two traits.

use crate::error::Error;
use alloy_eips::{eip7840::BlobParams, eip7892::BlobScheduleBlobParams};
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_genesis::{ChainConfig, Genesis};
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::{Address, U256};

/// The rules of one chain.
#[derive(Debug, Clone)]
pub struct ChainSpec {
    config: ChainConfig,
    blobs: BlobScheduleBlobParams,
    /// The first proof-of-stake block. A genesis file gives a total difficulty
    /// instead, so it is known only when the chain has got there.
    paris_block: Option<u64>,
}

impl ChainSpec {
    /// Reads the rules from a genesis file's `config`.
    ///
    /// # Errors
    ///
    /// Where the file asks for rules that are not implemented, or contradicts
    /// itself.
    pub fn from_genesis(genesis: &Genesis) -> Result<Self, Error> {
        let config = genesis.config.clone();
        check_supported(&config).map_err(Error::Genesis)?;
        let blobs = config.blob_schedule_blob_params();
        check_blob_schedule(&blobs).map_err(Error::Genesis)?;
        let from_the_start = config.terminal_total_difficulty == Some(U256::ZERO);
        Ok(Self { config, blobs, paris_block: from_the_start.then_some(0) })
    }

    /// The chain's id, which transactions sign.
    pub const fn chain_id(&self) -> u64 {
        self.config.chain_id
    }

    /// The first proof-of-stake block, once it is known.
    pub const fn paris_block(&self) -> Option<u64> {
        self.paris_block
    }

    /// Takes up what an earlier run found out.
    pub const fn resume(&mut self, paris_block: Option<u64>) {
        self.paris_block = paris_block;
    }

    /// Activates Paris at `number` if the blocks before it have reached the
    /// terminal total difficulty.
    pub fn observe_total_difficulty(&mut self, number: u64, before: U256) {
        let reached = self.config.terminal_total_difficulty.is_some_and(|ttd| before >= ttd);
        if reached && self.paris_block.is_none() {
            self.paris_block = Some(number);
        }
    }

    /// How many blobs a block may carry at `timestamp` and how their price moves,
    /// `None` before Cancun.
    pub fn blob_params(&self, timestamp: u64) -> Option<BlobParams> {
        if !self.is_cancun_active_at_timestamp(timestamp) {
            return None;
        }
        let fork = || {
            if self.is_osaka_active_at_timestamp(timestamp) {
                self.blobs.osaka()
            } else if self.is_prague_active_at_timestamp(timestamp) {
                self.blobs.prague()
            } else {
                self.blobs.cancun()
            }
        };
        let scheduled = self.blobs.active_scheduled_params_at_timestamp(timestamp);
        Some(*scheduled.unwrap_or_else(fork))
    }

    /// Whether `number` is one of the ten blocks that must carry the DAO fork's
    /// extra data.
    pub fn is_dao_fork_marked(&self, number: u64) -> bool {
        let fork = self.config.dao_fork_block.filter(|_| self.config.dao_fork_support);
        fork.is_some_and(|fork| (fork..fork.saturating_add(10)).contains(&number))
    }
}

impl EthereumHardforks for ChainSpec {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        use EthereumHardfork as Fork;
        let config = &self.config;
        match fork {
            Fork::Frontier => ForkCondition::Block(0),
            Fork::Homestead => at_block(config.homestead_block),
            Fork::Dao => at_block(config.dao_fork_block.filter(|_| config.dao_fork_support)),
            Fork::Tangerine => at_block(config.eip150_block),
            Fork::SpuriousDragon => at_block(config.eip158_block),
            Fork::Byzantium => at_block(config.byzantium_block),
            Fork::Constantinople => at_block(config.constantinople_block),
            // Where it is not named, it came with Constantinople.
            Fork::Petersburg => at_block(config.petersburg_block.or(config.constantinople_block)),
            Fork::Istanbul => at_block(config.istanbul_block),
            Fork::MuirGlacier => at_block(config.muir_glacier_block),
            Fork::Berlin => at_block(config.berlin_block),
            Fork::London => at_block(config.london_block),
            Fork::ArrowGlacier => at_block(config.arrow_glacier_block),
            Fork::GrayGlacier => at_block(config.gray_glacier_block),
            Fork::Paris => at_block(self.paris_block),
            Fork::Shanghai => at_time(config.shanghai_time),
            Fork::Cancun => at_time(config.cancun_time),
            Fork::Prague => at_time(config.prague_time),
            Fork::Osaka => at_time(config.osaka_time),
            Fork::Bpo1 => at_time(config.bpo1_time),
            Fork::Bpo2 => at_time(config.bpo2_time),
            Fork::Bpo3 => at_time(config.bpo3_time),
            Fork::Bpo4 => at_time(config.bpo4_time),
            Fork::Bpo5 => at_time(config.bpo5_time),
            _ => ForkCondition::Never,
        }
    }
}

impl EthExecutorSpec for ChainSpec {
    fn deposit_contract_address(&self) -> Option<Address> {
        self.config.deposit_contract_address
    }
}

fn at_block(number: Option<u64>) -> ForkCondition {
    number.map_or(ForkCondition::Never, ForkCondition::Block)
}

fn at_time(timestamp: Option<u64>) -> ForkCondition {
    timestamp.map_or(ForkCondition::Never, ForkCondition::Timestamp)
}

fn check_supported(config: &ChainConfig) -> Result<(), String> {
    let unsupported = [
        ("amsterdamTime", config.amsterdam_time.is_some()),
        ("bogotaTime", config.bogota_time.is_some()),
        ("clique", config.clique.is_some()),
        ("parlia", config.parlia.is_some()),
    ];
    if let Some((name, _)) = unsupported.iter().find(|(_, set)| *set) {
        return Err(format!(
            "config.{name} is set; what can be imported is proof of work and proof of stake \
             up to Osaka and its blob schedule changes"
        ));
    }
    if config.shanghai_time.is_some() && config.terminal_total_difficulty.is_none() {
        return Err("config.shanghaiTime needs config.terminalTotalDifficulty, \
                    0 for proof of stake from the start"
            .to_owned());
    }
    Ok(())
}

/// A schedule that would divide by zero is refused before any block meets it.
fn check_blob_schedule(blobs: &BlobScheduleBlobParams) -> Result<(), String> {
    let scheduled = blobs.scheduled.iter().map(|(_, params)| params);
    for params in scheduled.chain([blobs.cancun(), blobs.prague(), blobs.osaka()]) {
        let sane = params.update_fraction > 0
            && params.max_blob_count > 0
            && params.target_blob_count <= params.max_blob_count
            && params.max_blob_count <= 1 << 20;
        if !sane {
            return Err(format!(
                "config.blobSchedule: target {}, max {}, baseFeeUpdateFraction {}: \
                 0 < max <= 1048576, target <= max and 0 < baseFeeUpdateFraction must hold",
                params.target_blob_count, params.max_blob_count, params.update_fraction
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(config: &serde_json::Value) -> Result<ChainSpec, Error> {
        let genesis = serde_json::json!({
            "config": config, "gasLimit": "0x1c9c380", "difficulty": "0x0", "alloc": {},
        });
        ChainSpec::from_genesis(&serde_json::from_value(genesis).unwrap())
    }

    #[test]
    fn paris_activates_with_the_first_block_after_the_terminal_total_difficulty() {
        let mut spec =
            spec(&serde_json::json!({"chainId": 1, "terminalTotalDifficulty": 100})).unwrap();
        spec.observe_total_difficulty(7, U256::from(99));
        assert!(!spec.is_paris_active_at_block(7));
        spec.observe_total_difficulty(8, U256::from(101));
        spec.observe_total_difficulty(9, U256::from(101));
        assert!(!spec.is_paris_active_at_block(7));
        assert!(spec.is_paris_active_at_block(8));
    }

    #[test]
    fn a_blob_schedule_change_overrides_the_fork_it_follows() {
        let spec = spec(&serde_json::json!({
            "chainId": 1, "terminalTotalDifficulty": 0,
            "shanghaiTime": 0, "cancunTime": 10, "pragueTime": 20, "osakaTime": 30, "bpo1Time": 40,
            "blobSchedule": {
                "cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3338477},
                "prague": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5007716},
                "osaka": {"target": 6, "max": 9, "baseFeeUpdateFraction": 5007716},
                "bpo1": {"target": 10, "max": 15, "baseFeeUpdateFraction": 8346193},
            },
        }))
        .unwrap();
        let max = |timestamp| spec.blob_params(timestamp).map(|params| params.max_blob_count);
        assert_eq!(
            [max(0), max(10), max(29), max(39), max(40)],
            [None, Some(6), Some(9), Some(9), Some(15)]
        );
    }

    #[test]
    fn a_genesis_that_cannot_be_followed_is_refused_with_the_setting_named() {
        for (config, named) in [
            (serde_json::json!({"chainId": 1, "amsterdamTime": 0}), "amsterdamTime"),
            (serde_json::json!({"chainId": 1, "shanghaiTime": 0}), "terminalTotalDifficulty"),
            (
                serde_json::json!({"chainId": 1, "blobSchedule":
                    {"cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 0}}}),
                "baseFeeUpdateFraction",
            ),
        ] {
            let message = spec(&config).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
        }
    }
}
