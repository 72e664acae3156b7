//! What a header must say given its parent.

use crate::{
    chain_spec::ChainSpec,
    difficulty::next_difficulty,
    error::{Invalid, Verdict},
    genesis::MIN_GAS_LIMIT,
};
use alloy_consensus::{
    Header,
    constants::{EMPTY_OMMER_ROOT_HASH, MAXIMUM_EXTRA_DATA_SIZE},
};
use alloy_eips::eip1559::{
    BaseFeeParams, DEFAULT_ELASTICITY_MULTIPLIER, GAS_LIMIT_BOUND_DIVISOR, INITIAL_BASE_FEE,
};
use alloy_hardforks::EthereumHardforks;
use alloy_primitives::{B64, B256, Bytes, U256};
use tracing::instrument;

/// What the ten blocks from the DAO fork on must carry (EIP-779).
const DAO_FORK_EXTRA_DATA: &[u8] = b"dao-hard-fork";

/// Verifies all that a header alone tells, against its parent.
///
/// # Errors
///
/// The first field that is wrong.
#[instrument(level = "debug", skip_all)]
pub fn verify_header(
    spec: &ChainSpec,
    header: &Header,
    parent: &Header,
    parent_hash: B256,
) -> Result<(), Invalid> {
    let number = parent.number.saturating_add(1);
    let verdict = Verdict::on(number);
    verdict.equal("number", &number, &header.number)?;
    verdict.equal("parent hash", &parent_hash, &header.parent_hash)?;
    let later = format_args!("later than the parent's {}", parent.timestamp);
    verdict.rule("timestamp", header.timestamp > parent.timestamp, later, header.timestamp)?;
    verify_extra_data(spec, header, verdict)?;
    verify_gas_limit(spec, header, parent, verdict)?;
    verify_seal(spec, header, parent, verdict)?;
    verdict.equal_if_any(
        "base fee",
        next_base_fee(spec, header, parent),
        header.base_fee_per_gas,
    )?;
    verify_fork_fields(spec, header, parent, verdict)
}

fn verify_extra_data(spec: &ChainSpec, header: &Header, verdict: Verdict) -> Result<(), Invalid> {
    let length = header.extra_data.len();
    let limit = format_args!("at most {MAXIMUM_EXTRA_DATA_SIZE} bytes");
    verdict.rule("extra data", length <= MAXIMUM_EXTRA_DATA_SIZE, limit, length)?;
    if spec.is_dao_fork_marked(header.number) {
        verdict.equal(
            "extra data",
            &Bytes::from_static(DAO_FORK_EXTRA_DATA),
            &header.extra_data,
        )?;
    }
    Ok(())
}

fn verify_gas_limit(
    spec: &ChainSpec,
    header: &Header,
    parent: &Header,
    verdict: Verdict,
) -> Result<(), Invalid> {
    let limit = parent.gas_limit.saturating_mul(gas_limit_factor(spec, header, parent));
    let bound = limit / GAS_LIMIT_BOUND_DIVISOR;
    let close = header.gas_limit.abs_diff(limit) < bound && header.gas_limit >= MIN_GAS_LIMIT;
    let rule = format_args!("less than {bound} from {limit}, and {MIN_GAS_LIMIT} or more");
    verdict.rule("gas limit", close, rule, header.gas_limit)?;
    let rule = format_args!("at most the gas limit of {}", header.gas_limit);
    verdict.rule("gas used", header.gas_used <= header.gas_limit, rule, header.gas_used)
}

/// London doubled the gas limit, since from then on half of it is the target.
fn gas_limit_factor(spec: &ChainSpec, header: &Header, parent: &Header) -> u64 {
    let london = |number| spec.is_london_active_at_block(number);
    if london(header.number) && !london(parent.number) { DEFAULT_ELASTICITY_MULTIPLIER } else { 1 }
}

fn verify_seal(
    spec: &ChainSpec,
    header: &Header,
    parent: &Header,
    verdict: Verdict,
) -> Result<(), Invalid> {
    if !spec.is_paris_active_at_block(header.number) {
        let difficulty = next_difficulty(spec, parent, header.timestamp);
        return verdict.equal("difficulty", &difficulty, &header.difficulty);
    }
    verdict.equal("difficulty", &U256::ZERO, &header.difficulty)?;
    verdict.equal("nonce", &B64::ZERO, &header.nonce)?;
    verdict.equal("ommers hash", &EMPTY_OMMER_ROOT_HASH, &header.ommers_hash)
}

pub(crate) fn next_base_fee(spec: &ChainSpec, header: &Header, parent: &Header) -> Option<u64> {
    let london = spec.is_london_active_at_block(header.number);
    let next = || parent.next_block_base_fee(BaseFeeParams::ethereum()).unwrap_or(INITIAL_BASE_FEE);
    london.then(next)
}

/// Fields that came with a fork must be there from that fork on, and not before.
fn verify_fork_fields(
    spec: &ChainSpec,
    header: &Header,
    parent: &Header,
    verdict: Verdict,
) -> Result<(), Invalid> {
    let time = header.timestamp;
    let cancun = spec.is_cancun_active_at_timestamp(time);
    let prague = spec.is_prague_active_at_timestamp(time);
    let shanghai = spec.is_shanghai_active_at_timestamp(time);
    let present = |field, expected: bool, got: bool| {
        let word = |there| if there { "one" } else { "none" };
        verdict.rule(field, expected == got, word(expected), format_args!("{}", word(got)))
    };
    present("withdrawals root", shanghai, header.withdrawals_root.is_some())?;
    present("blob gas used", cancun, header.blob_gas_used.is_some())?;
    present("parent beacon block root", cancun, header.parent_beacon_block_root.is_some())?;
    present("requests hash", prague, header.requests_hash.is_some())?;
    present("block access list hash", false, header.block_access_list_hash.is_some())?;
    present("slot number", false, header.slot_number.is_some())?;
    verdict.equal_if_any(
        "excess blob gas",
        next_excess_blob_gas(spec, header.timestamp, parent),
        header.excess_blob_gas,
    )
}

/// The first blob block starts from nothing.
pub(crate) fn next_excess_blob_gas(
    spec: &ChainSpec,
    timestamp: u64,
    parent: &Header,
) -> Option<u64> {
    let params = spec.blob_params(timestamp)?;
    Some(parent.next_block_excess_blob_gas(params).unwrap_or_default())
}
