//! Ommers: blocks that lost a race, and that a block may name for a reward.

use super::verify_header;
use crate::{
    block::Block,
    chain_spec::ChainSpec,
    error::{Error, Verdict},
    storage::Reader,
};
use alloy_consensus::Header;
use alloy_primitives::B256;
use tracing::instrument;

/// How many ommers a block may name.
const MAX_OMMERS: usize = 2;
/// How many generations back an ommer's parent may be.
const MAX_GENERATIONS: u64 = 7;

/// Verifies that a block's ommers are siblings of recent ancestors, valid next to
/// their own parents, and named for the first time.
///
/// # Errors
///
/// The first ommer that is not, or a database that cannot be read.
#[instrument(level = "debug", skip_all)]
pub fn verify_ommers(spec: &ChainSpec, block: &Block, chain: &Reader) -> Result<(), Error> {
    let ommers = &block.body.ommers;
    if ommers.is_empty() {
        return Ok(());
    }
    let verdict = Verdict::on(block.header.number);
    verdict.rule(
        "ommers",
        ommers.len() <= MAX_OMMERS,
        format_args!("at most {MAX_OMMERS}"),
        ommers.len(),
    )?;
    let mut named = named_before(block.header.number, chain)?;
    for (index, ommer) in ommers.iter().enumerate() {
        let field = format!("ommer {index}");
        let hash = ommer.hash_slow();
        verdict.rule(
            &field,
            !named.contains(&hash),
            "one that no block of the chain is or names",
            hash,
        )?;
        named.push(hash);
        verify_ommer(spec, block, ommer, chain, &field)?;
    }
    Ok(())
}

/// The hashes of recent ancestors and of the ommers that they named.
fn named_before(number: u64, chain: &Reader) -> Result<Vec<B256>, Error> {
    let mut named = Vec::new();
    for ancestor in number.saturating_sub(MAX_GENERATIONS)..number {
        named.extend(chain.hash(ancestor)?);
        let block = chain.block(ancestor)?;
        named
            .extend(block.iter().flat_map(|block| block.body.ommers.iter().map(Header::hash_slow)));
    }
    Ok(named)
}

fn verify_ommer(
    spec: &ChainSpec,
    block: &Block,
    ommer: &Header,
    chain: &Reader,
    field: &str,
) -> Result<(), Error> {
    let number = block.header.number;
    let verdict = Verdict::on(number);
    let recent =
        ommer.number < number && ommer.number + MAX_GENERATIONS > number && ommer.number > 0;
    let rule = format_args!("a block less than {MAX_GENERATIONS} before this one");
    verdict.rule(field, recent, rule, ommer.number)?;
    let parent = chain.header(ommer.number - 1)?;
    let (parent_hash, parent) =
        parent.ok_or_else(|| verdict.unusable(field, "its parent is not in the chain"))?;
    verify_header(spec, ommer, &parent, parent_hash)
        .map_err(|fault| verdict.unusable(format!("{field}: {}", fault.field), fault.fault))?;
    Ok(())
}
