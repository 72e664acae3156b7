//! The import of a generated chain, within the test's own process.

use std::{env, path::Path};

use block_import::{
    generate::{Parameters, cached_chain},
    importer::Import,
    progress::Progress,
    storage::Durability,
};
use tracing::subscriber::{NoSubscriber, with_default};

/// Generates a chain in a folder, seen by no subscriber, and says how to import it.
/// `IMPORT_BLOCKS` and `IMPORT_TRANSACTIONS` ask for another size.
pub(crate) fn prepared(folder: &Path, size: Parameters) -> Import {
    let size = Parameters {
        blocks: wanted("IMPORT_BLOCKS").unwrap_or(size.blocks),
        transactions: wanted("IMPORT_TRANSACTIONS").unwrap_or(size.transactions),
    };
    let chain = with_default(NoSubscriber::default(), || {
        cached_chain(folder, size, Progress::hidden).expect("a chain")
    });
    Import {
        genesis: chain.genesis,
        chain: chain.chain,
        datadir: folder.join("database"),
        durability: Durability::NoSync,
        last_block: None,
        expect_head: None,
        check_root: false,
        slow_block: None,
        slower_by: 0,
    }
}

fn wanted(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().expect(variable))
}
