//! The chain that the program generates.

use super::support::{CHAIN, HEAD, block_import, blocks, cache_dir, figure};
use alloy_consensus::TxType;
use block_import::{
    block::Transaction,
    generate::{Parameters, generate},
    progress::Progress,
};
use std::{collections::BTreeSet, fs};

fn import(more: &[&str]) -> std::process::Output {
    let cache = cache_dir().to_string_lossy().into_owned();
    block_import(&[&["--cache-dir", &cache, "--txs", "20"], more].concat())
}

#[test]
fn its_head_is_the_same_on_every_machine() {
    let output = import(&["--blocks", "3", "--check-root"]);
    assert_eq!(figure(&output, "head"), format!("{HEAD} (block 3)"));
    assert_eq!(figure(&output, "blocks"), "3");
    assert_eq!(figure(&output, "transactions"), "60");
}

#[test]
fn importing_it_twice_gives_the_same_head() {
    let heads = [(); 2].map(|()| figure(&import(&["--blocks", "3", "--no-sync"]), "head"));
    assert_eq!(heads[0], heads[1]);
}

#[test]
fn it_is_byte_for_byte_the_same_from_run_to_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let (genesis, chain) = (directory.path().join("genesis"), directory.path().join("chain"));
    let parameters = Parameters { blocks: 3, transactions: 20 };
    generate(parameters, &genesis, &chain, &Progress::hidden()).expect("it is generated");
    let read = |path| fs::read(path).expect("the file is there");
    assert!(read(&genesis) == read(&CHAIN.genesis), "the genesis differs");
    assert!(read(&chain) == read(&CHAIN.chain), "the chain differs");
}

#[test]
fn a_shorter_chain_is_the_beginning_of_a_longer_one() {
    let output = import(&["--blocks", "2"]);
    let hash = blocks(&CHAIN.chain)[1].header.hash_slow();
    assert_eq!(figure(&output, "head"), format!("{hash} (block 2)"));
}

#[test]
fn every_block_has_all_five_types_of_transaction() {
    for block in blocks(&CHAIN.chain) {
        let types: BTreeSet<TxType> =
            block.body.transactions.iter().map(Transaction::tx_type).collect();
        let all = TxType::Legacy as u8..=TxType::Eip7702 as u8;
        assert!(
            types.iter().map(|kind| *kind as u8).eq(all),
            "block {}: {types:?}",
            block.header.number
        );
    }
}
