//! Blocks that are not valid: the error names block and field, and nothing of the
//! block is kept.

use super::support::{
    CHAIN, block_import, blocks, chain_with_last_header, first_error, import, run,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256};
use block_import::{
    block::Block,
    storage::{Database, Durability},
};
use std::{fs, path::Path};

/// Imports the first two blocks, then tries to go on with each chain in turn, all
/// of which have a third block that is not valid; returns what is said of it.
fn refused(chains: impl IntoIterator<Item = Vec<u8>>) -> Vec<String> {
    let datadir = tempfile::tempdir().expect("a directory");
    let mut import = import(datadir.path());
    import.last_block = Some(2);
    run(&import).expect("the first two blocks are valid");
    import.last_block = None;
    import.chain = datadir.path().join("chain.rlp");
    let refused_one = |chain| {
        fs::write(&import.chain, chain).expect("it is written");
        let message = run(&import).expect_err("the block is not valid").to_string();
        nothing_is_kept(datadir.path());
        message
    };
    chains.into_iter().map(refused_one).collect()
}

fn nothing_is_kept(datadir: &Path) {
    let database = Database::open(datadir, Durability::NoSync).expect("the database opens");
    let reader = database.reader().expect("it can be read");
    let head = reader.head().expect("it can be read").expect("there is a head");
    assert_eq!(head.number, 2);
    assert_eq!(reader.hash(3).expect("it can be read"), None);
    assert!(reader.block(3).expect("it can be read").is_none());
}

/// The small chain with its third block changed, as bytes.
fn changed(change: impl FnOnce(&mut Block)) -> Vec<u8> {
    let mut blocks = blocks(&CHAIN.chain);
    change(&mut blocks[2]);
    blocks.iter().flat_map(alloy_rlp::encode).collect()
}

#[test]
fn every_header_field_that_is_wrong_is_named() {
    type Change = (&'static str, fn(&mut Header));
    let changes: [Change; 20] = [
        ("parent hash", |header| header.parent_hash.0[0] ^= 1),
        ("ommers hash", |header| header.ommers_hash.0[0] ^= 1),
        ("state root", |header| header.beneficiary = Address::ZERO),
        ("state root", |header| header.state_root.0[31] ^= 1),
        ("transactions root", |header| header.transactions_root.0[0] ^= 1),
        ("receipts root", |header| header.receipts_root.0[0] ^= 1),
        ("logs bloom", |header| header.logs_bloom = Bloom::ZERO),
        ("difficulty", |header| header.difficulty = U256::from(1)),
        ("number", |header| header.number = 4),
        ("gas limit", |header| header.gas_limit *= 2),
        ("gas used", |header| header.gas_used += 1),
        ("timestamp", |header| header.timestamp -= 12),
        ("extra data", |header| header.extra_data = Bytes::from_static(&[0; 33])),
        ("nonce", |header| header.nonce = B64::repeat_byte(1)),
        ("base fee", |header| header.base_fee_per_gas = header.base_fee_per_gas.map(|fee| fee + 1)),
        ("withdrawals root", |header| header.withdrawals_root = Some(B256::ZERO)),
        ("blob gas used", |header| header.blob_gas_used = Some(0)),
        ("excess blob gas", |header| header.excess_blob_gas = Some(1)),
        ("state root", |header| header.parent_beacon_block_root = Some(B256::ZERO)),
        ("requests hash", |header| header.requests_hash = Some(B256::ZERO)),
    ];
    let chains = changes.map(|(_, change)| changed(|block| change(&mut block.header)));
    for ((field, _), message) in changes.into_iter().zip(refused(chains)) {
        assert!(message.starts_with(&format!("block 3: {field}: expected ")), "{field}: {message}");
        assert!(message.contains(", got ") && message.lines().count() == 1, "{message}");
    }
}

#[test]
fn a_body_that_does_not_match_its_header_is_named() {
    let messages = refused([
        changed(|block| drop(block.body.transactions.pop())),
        changed(|block| block.body.withdrawals = Some(Default::default())),
        changed(|block| block.body.ommers.push(Header::default())),
    ]);
    for (field, message) in
        ["transactions root", "withdrawals root", "ommers hash"].into_iter().zip(messages)
    {
        assert!(message.starts_with(&format!("block 3: {field}: expected ")), "{message}");
    }
}

#[test]
fn a_transaction_that_is_not_valid_is_named() {
    let repeated = changed(|block| {
        let transactions = &mut block.body.transactions;
        transactions.push(transactions[0].clone());
        block.header.transactions_root =
            alloy_consensus::proofs::calculate_transaction_root(transactions);
    });
    let message = &refused([repeated])[0];
    assert!(message.starts_with("block 3: transaction 0: "), "{message}");
    assert!(message.contains("nonce"), "{message}");
}

#[test]
fn the_binary_says_it_in_its_first_line_and_fails() {
    let directory = tempfile::tempdir().expect("a directory");
    let chain = directory.path().join("chain.rlp");
    chain_with_last_header(&chain, |header| header.gas_used = 21_000);
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let output = block_import(&["--genesis", &path(&CHAIN.genesis), "--chain", &path(&chain)]);
    let expected = blocks(&CHAIN.chain)[2].header.gas_used;
    assert_eq!(
        first_error(&output),
        format!("error: block 3: gas used: expected {expected}, got 21000")
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (genesis, chain) = (path(&CHAIN.genesis), path(&CHAIN.chain));
    let output = block_import(&["--genesis", "missing.json", "--chain", &chain]);
    assert!(first_error(&output).starts_with("error: missing.json: cannot read: "));
    let output = block_import(&["--genesis", &chain, "--chain", &chain]);
    assert!(first_error(&output).starts_with(&format!("error: genesis: {chain}: ")));
    let output = block_import(&["--genesis", &genesis, "--chain", "missing.rlp"]);
    assert!(first_error(&output).starts_with("error: missing.rlp: cannot open: "));
    let output = block_import(&["--genesis", &genesis, "--chain", &chain, "--datadir", &genesis]);
    assert!(first_error(&output).contains("cannot create the data directory"));
}
