//! Going on where an earlier import stopped.

use super::support::{CHAIN, block_import, blocks, figure, first_error, import, run};
use alloy_primitives::B256;
use block_import::generate::{Parameters, generate};
use block_import::progress::Progress;

fn head(number: usize) -> B256 {
    blocks(&CHAIN.chain)[number - 1].header.hash_slow()
}

#[test]
fn blocks_stops_after_so_many_and_datadir_goes_on_from_there() {
    let datadir = tempfile::tempdir().expect("a directory");
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let (genesis, chain, datadir) =
        (path(&CHAIN.genesis), path(&CHAIN.chain), path(datadir.path()));
    let arguments = ["--genesis", &genesis, "--chain", &chain, "--datadir", &datadir];
    let first = block_import(&[&arguments[..], &["--blocks", "1"]].concat());
    assert_eq!(figure(&first, "blocks"), "1");
    assert_eq!(figure(&first, "head"), format!("{} (block 1)", head(1)));
    let second = block_import(&[&arguments[..], &["--check-root"]].concat());
    assert_eq!(figure(&second, "blocks"), "2");
    assert_eq!(figure(&second, "head"), format!("{} (block 3)", head(3)));
    let third = block_import(&arguments);
    assert_eq!(figure(&third, "blocks"), "0");
    assert_eq!(figure(&third, "head"), format!("{} (block 3)", head(3)));
}

#[test]
fn a_datadir_with_another_chain_is_refused_and_left_alone() {
    let datadir = tempfile::tempdir().expect("a directory");
    run(&import(datadir.path())).expect("the chain is imported");
    let other = tempfile::tempdir().expect("a directory");
    let mut import = import(datadir.path());
    (import.genesis, import.chain) = (other.path().join("genesis"), other.path().join("chain"));
    let parameters = Parameters { blocks: 1, transactions: 100 };
    generate(parameters, &import.genesis, &import.chain, &Progress::hidden()).expect("generated");
    let message = run(&import).expect_err("another chain").to_string();
    assert!(message.contains("holds a chain with genesis 0x"), "{message}");
    (import.genesis, import.chain) = (CHAIN.genesis.clone(), CHAIN.chain.clone());
    assert_eq!(run(&import).expect("it is left alone").head_hash, head(3));
}

#[test]
fn a_chain_that_differs_below_the_head_is_refused() {
    let datadir = tempfile::tempdir().expect("a directory");
    run(&import(datadir.path())).expect("the chain is imported");
    let other = tempfile::tempdir().expect("a directory");
    let mut import = import(datadir.path());
    import.chain = other.path().join("chain");
    super::support::chain_with_last_header(&import.chain, |header| header.gas_used += 1);
    let message = run(&import).expect_err("another block 3").to_string();
    assert!(
        message.starts_with("block 3: hash (the block is in the database already): "),
        "{message}"
    );
}

#[test]
fn an_unexpected_head_is_an_error_that_names_both() {
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let (genesis, chain, zero) = (path(&CHAIN.genesis), path(&CHAIN.chain), B256::ZERO.to_string());
    let output = block_import(&["--genesis", &genesis, "--chain", &chain, "--expect-head", &zero]);
    let expected = format!("error: block 3: head hash: expected {zero}, got {}", head(3));
    assert_eq!(first_error(&output), expected);
}
