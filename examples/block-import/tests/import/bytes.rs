//! One byte of a chain file changed, anywhere: the block is named, and nothing of it
//! is kept.

use super::support::{CHAIN, HEAD, block_import, blocks, first_error, import, run};
use block_import::{
    importer::Import,
    storage::{Database, Durability},
};
use std::{env, fs, ops::Range, path::Path};

/// Where set, the distance between the bytes that are changed; 1 tries them all.
const STEP: &str = "BLOCK_IMPORT_BYTE_STEP";

/// No multiple of anything, so that it meets headers, transactions, signatures and
/// lengths alike.
const SOME: usize = 397;

/// The bytes of each block.
fn places() -> Vec<Range<usize>> {
    let mut end = 0;
    let lengths = blocks(&CHAIN.chain).into_iter().map(|block| alloy_rlp::encode(block).len());
    let place = |length| {
        let start = end;
        end += length;
        start..end
    };
    lengths.map(place).collect()
}

fn head(datadir: &Path) -> u64 {
    let database = Database::open(datadir, Durability::NoSync).expect("the database opens");
    let reader = database.reader().expect("it can be read");
    let head = reader.head().expect("it can be read").expect("there is a head").number;
    assert_eq!(reader.hash(head + 1).expect("it can be read"), None);
    assert!(reader.block(head + 1).expect("it can be read").is_none());
    head
}

#[test]
fn a_byte_changed_anywhere_in_the_chain_is_noticed_in_its_block() {
    let chain = fs::read(&CHAIN.chain).expect("the chain is there");
    let step = env::var(STEP).map_or(SOME, |step| step.parse().expect("a number"));
    let mut mask = 1_u8;
    for (before, place) in (0_u64..).zip(places()) {
        let datadir = tempfile::tempdir().expect("a directory");
        let mut import = import(datadir.path());
        import.expect_head = Some(HEAD.parse().expect("a hash"));
        import.chain = datadir.path().join("chain.rlp");
        fs::write(&import.chain, &chain[..place.start]).expect("it is written");
        let before_it = Import { expect_head: None, ..import.clone() };
        run(&before_it).expect("what is before it is valid");
        for offset in place.step_by(step) {
            let mut bytes = chain.clone();
            bytes[offset] ^= mask;
            fs::write(&import.chain, bytes).expect("it is written");
            let message = run(&import).expect_err("a byte was changed").to_string();
            // Some bytes may be anything, and only the next block tells.
            let block = message.strip_prefix(&format!("block {}: ", before + 1));
            let next = message.strip_prefix(&format!("block {}: parent hash: ", before + 2));
            let is_named = block.is_some_and(|rest| rest.contains(": ")) || next.is_some();
            assert!(is_named, "byte {offset} ^ {mask}: {message}");
            assert_eq!(head(datadir.path()), before, "byte {offset} ^ {mask}");
            // Every other bit in turn, so that over bytes all of them come up.
            mask = mask.rotate_left(3);
        }
    }
}

#[test]
fn a_file_that_ends_inside_a_block_is_imported_up_to_it_whatever_head_is_expected() {
    let chain = fs::read(&CHAIN.chain).expect("the chain is there");
    for (before, place) in (0_u64..).zip(places()) {
        let datadir = tempfile::tempdir().expect("a directory");
        let mut import = import(datadir.path());
        import.expect_head = Some(HEAD.parse().expect("a hash"));
        import.chain = datadir.path().join("chain.rlp");
        fs::write(&import.chain, &chain[..place.end - 1]).expect("it is written");
        let message = run(&import).expect_err("the file is cut").to_string();
        let expected = format!(
            "block {}: rlp: the file ends inside the block, which begins at byte {}",
            before + 1,
            place.start
        );
        assert_eq!(message, expected);
        if before > 0 {
            assert_eq!(head(datadir.path()), before);
        }
        import.chain.clone_from(&CHAIN.chain);
        run(&import).expect("it goes on with the whole file");
        assert_eq!(head(datadir.path()), 3);
    }
}

#[test]
fn the_binary_fails_on_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let damaged = directory.path().join("chain.rlp");
    for (number, place) in (1..).zip(places()) {
        let mut chain = fs::read(&CHAIN.chain).expect("the chain is there");
        chain[(place.start + place.end) / 2] ^= 1;
        fs::write(&damaged, chain).expect("it is written");
        let output =
            block_import(&["--genesis", &path(&CHAIN.genesis), "--chain", &path(&damaged)]);
        let message = first_error(&output);
        assert!(message.starts_with(&format!("error: block {number}: ")), "{message}");
    }
}
