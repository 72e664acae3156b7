//! A small generated chain, the binary, and the library run in this process.

use alloy_consensus::Header;
use alloy_rlp::Decodable;
use block_import::{
    Error,
    block::Block,
    chain_file::ChainFile,
    generate::{CachedChain, Parameters, cached_chain},
    importer::Import,
    progress::Progress,
    report::Report,
    storage::Durability,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

/// The small chain that most tests import, made once.
pub(crate) static CHAIN: LazyLock<CachedChain> = LazyLock::new(|| {
    let parameters = Parameters { blocks: 3, transactions: 20 };
    cached_chain(&cache_dir(), parameters, Progress::hidden).expect("the chain is generated")
});

/// Its head. Changes only when the contracts or the generator do.
pub(crate) const HEAD: &str = "0x79f242b400fe519663ae4a100c3e63041f716b02688d77653544a63c8af1fb4e";

pub(crate) fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("chains")
}

/// Runs the binary.
pub(crate) fn block_import(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_block-import"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .expect("the binary runs")
}

/// Runs the binary, which must succeed, and returns the value of a line that it
/// prints.
pub(crate) fn figure(output: &Output, name: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let line = stdout.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no line begins with {name}:\n{stdout}")).trim().to_owned()
}

/// The first line that a failing run writes to standard error.
pub(crate) fn first_error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned()
}

/// An import of the small chain into `datadir`, to be changed before it is run.
pub(crate) fn import(datadir: &Path) -> Import {
    Import {
        genesis: CHAIN.genesis.clone(),
        chain: CHAIN.chain.clone(),
        datadir: datadir.to_owned(),
        durability: Durability::NoSync,
        last_block: None,
        expect_head: None,
        check_root: false,
        slow_block: None,
        slower_by: 0,
    }
}

pub(crate) fn run(import: &Import) -> Result<Report, Error> {
    import.run(|_| Progress::hidden())
}

/// All blocks of a chain file.
pub(crate) fn blocks(chain: &Path) -> Vec<Block> {
    let mut file = ChainFile::open(chain).expect("the chain is there");
    std::iter::from_fn(|| file.next_block(0).expect("the chain is whole"))
        .map(|rlp| Block::decode(&mut &rlp[..]).expect("the chain is sound"))
        .collect()
}

/// The small chain with the header of its last block changed.
pub(crate) fn chain_with_last_header(path: &Path, change: impl FnOnce(&mut Header)) {
    let mut blocks = blocks(&CHAIN.chain);
    change(&mut blocks.last_mut().expect("the chain has blocks").header);
    let rlp: Vec<u8> = blocks.iter().flat_map(alloy_rlp::encode).collect();
    fs::write(path, rlp).expect("the chain is written");
}
