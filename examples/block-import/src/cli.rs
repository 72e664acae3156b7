//! The command line.

use crate::{
    error::Error,
    generate::{Parameters, cached_chain, default_cache_dir},
    importer::Import,
    progress::Progress,
    report::Report,
    storage::Durability,
};
use alloy_primitives::B256;
use clap::{Args, Parser, value_parser};
use reth_cli_ext::FlameArgs;
use std::path::PathBuf;
use tracing::subscriber::{NoSubscriber, with_default};

/// Imports an Ethereum chain, verifying every header field of every block.
///
/// Without arguments it imports a chain of its own, which it generates the first
/// time.
#[derive(Debug, Parser)]
#[command(name = "block-import", version)]
pub struct Cli {
    /// What to import, and where to.
    #[command(flatten)]
    pub options: Options,
    /// Whether to draw where the time goes, and how.
    #[command(flatten)]
    pub flame: FlameArgs,
}

/// The options of the import.
#[derive(Debug, Args)]
pub struct Options {
    /// The genesis file of the chain to import.
    #[arg(long, value_name = "FILE", requires = "chain")]
    pub genesis: Option<PathBuf>,

    /// The chain to import: its blocks as RLP, one after another.
    #[arg(long, value_name = "FILE", requires = "genesis")]
    pub chain: Option<PathBuf>,

    /// Fail unless the last block imported has this hash.
    #[arg(long, value_name = "HASH")]
    pub expect_head: Option<B256>,

    /// Where to keep the database; one that is there already is continued after
    /// its last block [default: a temporary directory, removed at the end].
    #[arg(long, value_name = "DIR")]
    pub datadir: Option<PathBuf>,

    /// Do not wait for the disk at each commit, to compare.
    #[arg(long)]
    pub no_sync: bool,

    /// Import the chain's first N blocks [default: all of a chain file, 300 of the
    /// generated chain].
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=100_000))]
    pub blocks: Option<u64>,

    /// Transactions in each block of the generated chain [default: 150].
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(0..=5_000), conflicts_with = "chain")]
    pub txs: Option<u64>,

    /// Recompute each state root from the whole state besides (slow).
    #[arg(long)]
    pub check_root: bool,

    /// Give the execution of this block an extra load, to find it in a picture.
    #[arg(long, value_name = "N")]
    pub slow_block: Option<u64>,

    /// Hash 4 KiB so many times more in the execution of each block, in no span of its own: a
    /// change of the code to be found by `flame compare`.
    #[arg(long, value_name = "ROUNDS", default_value_t = 0, conflicts_with = "slow_block")]
    pub slower_by: u32,

    /// Where generated chains are kept [default: block-import in the platform's
    /// folder for caches].
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

impl Options {
    /// Generates the chain if there is none to be imported, then imports.
    ///
    /// # Errors
    ///
    /// As [`cached_chain`] and [`Import::run`].
    pub fn run(self) -> Result<Report, Error> {
        let (genesis, chain) = match self.genesis.clone().zip(self.chain.clone()) {
            Some(files) => files,
            None => self.generated_chain()?,
        };
        let temporary = match &self.datadir {
            Some(_) => None,
            None => Some(temporary_datadir()?),
        };
        let datadir = temporary.as_ref().map(|directory| directory.path().to_owned());
        let import = Import {
            genesis,
            chain,
            datadir: self.datadir.clone().or(datadir).unwrap_or_default(),
            durability: if self.no_sync { Durability::NoSync } else { Durability::Durable },
            last_block: self.blocks,
            expect_head: self.expect_head,
            check_root: self.check_root,
            slow_block: self.slow_block,
            slower_by: self.slower_by,
        };
        import.run(Progress::importing)
    }

    fn generated_chain(&self) -> Result<(PathBuf, PathBuf), Error> {
        let defaults = Parameters::default();
        let parameters = Parameters {
            blocks: self.blocks.unwrap_or(defaults.blocks),
            transactions: self.txs.unwrap_or(defaults.transactions),
        };
        let cache = self.cache_dir.clone().unwrap_or_else(default_cache_dir);
        // Making a chain runs blocks as importing does. The picture is of the import.
        let chain = with_default(NoSubscriber::default(), || {
            cached_chain(&cache, parameters, || Progress::generating(parameters.blocks))
        })?;
        Ok((chain.genesis, chain.chain))
    }
}

fn temporary_datadir() -> Result<tempfile::TempDir, Error> {
    let parent = std::env::temp_dir();
    let directory = tempfile::Builder::new().prefix("block-import-").tempdir_in(&parent);
    directory.map_err(Error::file(parent, "create a directory in"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(arguments: &str) -> Result<Options, String> {
        let arguments = ["block-import"].into_iter().chain(arguments.split_whitespace());
        Cli::try_parse_from(arguments).map(|cli| cli.options).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_is_needed() {
        let options = parse("").unwrap();
        assert!(options.genesis.is_none() && options.datadir.is_none() && !options.no_sync);
    }

    #[test]
    fn genesis_and_chain_need_each_other() {
        assert!(parse("--genesis a --chain b").is_ok());
        assert!(parse("--genesis a").unwrap_err().contains("--chain"));
        assert!(parse("--chain b").unwrap_err().contains("--genesis"));
    }

    #[test]
    fn expect_head_takes_a_hash() {
        let hash = B256::repeat_byte(7);
        assert_eq!(parse(&format!("--expect-head {hash}")).unwrap().expect_head, Some(hash));
        assert!(parse("--expect-head 0x12").unwrap_err().contains("--expect-head"));
    }

    #[test]
    fn blocks_and_txs_are_counts_within_bounds() {
        let options = parse("--blocks 3 --txs 20").unwrap();
        assert_eq!((options.blocks, options.txs), (Some(3), Some(20)));
        assert!(parse("--blocks 0").unwrap_err().contains("--blocks"));
        assert!(parse("--txs 5001").unwrap_err().contains("--txs"));
    }

    #[test]
    fn txs_are_of_no_use_with_a_chain_file() {
        assert!(parse("--genesis a --chain b --txs 5").unwrap_err().contains("--txs"));
    }

    #[test]
    fn a_slow_block_is_a_number() {
        assert_eq!(parse("--slow-block 40").unwrap().slow_block, Some(40));
        assert!(parse("--slow-block x").unwrap_err().contains("--slow-block"));
    }

    #[test]
    fn slower_by_is_a_number_of_rounds() {
        assert_eq!(parse("--blocks 3").unwrap().slower_by, 0);
        assert_eq!(parse("--slower-by 25").unwrap().slower_by, 25);
        assert!(parse("--slower-by x").unwrap_err().contains("--slower-by"));
        assert!(parse("--slower-by 1 --slow-block 4").unwrap_err().contains("--slow-block"));
    }

    #[test]
    fn datadir_no_sync_check_root_and_cache_dir_are_taken_as_they_are() {
        let options = parse("--datadir d --no-sync --check-root --cache-dir c").unwrap();
        assert_eq!(options.datadir, Some("d".into()));
        assert_eq!(options.cache_dir, Some("c".into()));
        assert!(options.no_sync && options.check_root);
    }
}
