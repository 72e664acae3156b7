//! What the difficulty of a proof-of-work block must be.
//!
//! The formulas of the yellow paper and of EIP-2 (Homestead) and EIP-100
//! (Byzantium), with the difficulty bomb and the EIPs that delayed it (649, 1234,
//! 2384, 3554, 4345, 5133).

use alloy_consensus::{Header, constants::EMPTY_OMMER_ROOT_HASH};
use alloy_hardforks::{EthereumHardfork as Fork, EthereumHardforks};
use alloy_primitives::U256;

const MIN_DIFFICULTY: U256 = U256::from_limbs([131_072, 0, 0, 0]);
const BOMB_PERIOD: u64 = 100_000;

/// Returns the difficulty of the block after `parent` with this timestamp, which
/// must be later than the parent's.
pub fn next_difficulty(spec: &impl EthereumHardforks, parent: &Header, timestamp: u64) -> U256 {
    let number = parent.number.saturating_add(1);
    let step: U256 = parent.difficulty >> 11;
    let seconds = timestamp.saturating_sub(parent.timestamp);
    let steps = steps(spec, parent, number, seconds);
    let change = step.saturating_mul(U256::from(steps.unsigned_abs()));
    let adjusted = if steps >= 0 {
        parent.difficulty.saturating_add(change)
    } else {
        parent.difficulty.saturating_sub(change)
    };
    adjusted
        .max(MIN_DIFFICULTY)
        .saturating_add(bomb(number.saturating_sub(bomb_delay(spec, number))))
}

/// By how many 2048ths of itself the parent's difficulty moves.
fn steps(spec: &impl EthereumHardforks, parent: &Header, number: u64, seconds: u64) -> i64 {
    let behind = |seconds_a_step| i64::try_from(seconds / seconds_a_step).unwrap_or(i64::MAX);
    if spec.is_byzantium_active_at_block(number) {
        let start = if parent.ommers_hash == EMPTY_OMMER_ROOT_HASH { 1 } else { 2 };
        (start - behind(9)).max(-99)
    } else if spec.is_homestead_active_at_block(number) {
        (1 - behind(10)).max(-99)
    } else if seconds < 13 {
        1
    } else {
        -1
    }
}

fn bomb_delay(spec: &impl EthereumHardforks, number: u64) -> u64 {
    let delays = [
        (Fork::GrayGlacier, 11_400_000),
        (Fork::ArrowGlacier, 10_700_000),
        (Fork::London, 9_700_000),
        (Fork::MuirGlacier, 9_000_000),
        (Fork::Constantinople, 5_000_000),
        (Fork::Byzantium, 3_000_000),
    ];
    let active = |(fork, _): &&(Fork, u64)| spec.is_ethereum_fork_active_at_block(*fork, number);
    delays.iter().find(active).map_or(0, |(_, delay)| *delay)
}

fn bomb(number: u64) -> U256 {
    match number / BOMB_PERIOD {
        0 | 1 => U256::ZERO,
        period => U256::from(1)
            .checked_shl(usize::try_from(period - 2).unwrap_or(usize::MAX))
            .unwrap_or(U256::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_hardforks::EthereumChainHardforks;

    /// Blocks of the public main network: number, timestamp and difficulty of a
    /// block and of its parent.
    #[test]
    fn difficulties_of_the_main_network_come_out_right() {
        let spec = EthereumChainHardforks::mainnet();
        let genesis = Header { difficulty: U256::from(17_179_869_184_u64), ..Default::default() };
        assert_eq!(next_difficulty(&spec, &genesis, 1_438_269_988), U256::from(17_171_480_576_u64));
    }

    #[test]
    fn the_bomb_doubles_with_every_period() {
        assert_eq!(bomb(199_999), U256::ZERO);
        assert_eq!(bomb(200_000), U256::from(1));
        assert_eq!(bomb(1_000_000), U256::from(256));
    }

    #[test]
    fn difficulty_never_falls_below_the_minimum() {
        let spec = EthereumChainHardforks::mainnet();
        let parent = Header { number: 1_200_000, difficulty: MIN_DIFFICULTY, ..Default::default() };
        assert_eq!(next_difficulty(&spec, &parent, 1_000_000), MIN_DIFFICULTY + U256::from(1024));
    }
}
