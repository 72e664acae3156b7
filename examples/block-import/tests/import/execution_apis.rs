//! A real chain: Homestead to Osaka and two blob schedule changes in 54 blocks,
//! with an uncle, the merge, blobs, a set-code transaction, withdrawals and
//! requests (ethereum/execution-apis, CC0).

use super::support::{block_import, figure};
use alloy_primitives::{Address, U256};
use block_import::storage::{Database, Durability, PlainState, Reader};
use revm::{database_interface::DatabaseRef, state::AccountInfo};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

const HEAD: &str = "0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7";

/// The chain's directory, or `None` after saying that the test is skipped.
fn chain() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory = workspace.join("../shared/data/execution-apis");
    if directory.join("chain.rlp").is_file() {
        return Some(directory);
    }
    // Not by a macro, whose output is shown only where a test fails.
    let _ = writeln!(io::stderr(), "skipped: {} is not there", directory.display());
    None
}

fn import(directory: &Path, more: &[&str]) -> std::process::Output {
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let (genesis, chain) = (path("genesis.json"), path("chain.rlp"));
    block_import(
        &[&["--genesis", &genesis, "--chain", &chain, "--expect-head", HEAD], more].concat(),
    )
}

#[test]
fn every_fork_from_homestead_to_osaka_is_imported_to_the_published_head() {
    let Some(directory) = chain() else { return };
    let output = import(&directory, &["--check-root"]);
    assert_eq!(figure(&output, "head"), format!("{HEAD} (block 54)"));
    assert_eq!(figure(&output, "transactions"), "249");
}

#[test]
fn an_import_may_stop_and_go_on_in_any_fork() {
    let Some(directory) = chain() else { return };
    let datadir = tempfile::tempdir().expect("a directory");
    let datadir = datadir.path().to_string_lossy().into_owned();
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let (genesis, chain) = (path("genesis.json"), path("chain.rlp"));
    // Before Byzantium, before the merge, right after it, and in Cancun.
    for last in ["5", "35", "36", "44"] {
        let arguments = ["--genesis", &genesis, "--chain", &chain, "--datadir", &datadir];
        let output = block_import(&[&arguments[..], &["--blocks", last]].concat());
        assert!(figure(&output, "head").ends_with(&format!("(block {last})")));
    }
    let output = import(&directory, &["--datadir", &datadir]);
    assert_eq!(figure(&output, "blocks"), "10");
}

/// An account as the published state has it.
#[derive(Debug, Default, PartialEq)]
struct Account {
    nonce: u64,
    balance: U256,
    code: String,
    storage: BTreeMap<U256, U256>,
}

#[test]
fn the_state_after_the_last_block_is_the_published_one() {
    let Some(directory) = chain() else { return };
    let datadir = tempfile::tempdir().expect("a directory");
    let path = datadir.path().to_string_lossy().into_owned();
    figure(&import(&directory, &["--datadir", &path, "--no-sync"]), "head");
    let published = published(&directory.join("headstate.json"));
    let imported = imported(datadir.path());
    assert_eq!(imported.len(), 114);
    for (address, account) in &published {
        assert_eq!(imported.get(address), Some(account), "{address}");
    }
    assert_eq!(imported.len(), published.len());
}

fn imported(datadir: &Path) -> BTreeMap<Address, Account> {
    let database = Database::open(datadir, Durability::NoSync).expect("the database opens");
    let reader = database.reader().expect("it can be read");
    let mut accounts = BTreeMap::new();
    let visit = |address, info: &AccountInfo, storage: &[(U256, U256)]| {
        let storage = storage.iter().copied().collect();
        let code = code(&reader, info);
        let AccountInfo { nonce, balance, .. } = *info;
        accounts.insert(address, Account { nonce, balance, code, storage });
    };
    reader.for_each_account(visit).expect("it can be read");
    accounts
}

fn code(reader: &Reader, info: &AccountInfo) -> String {
    let code = reader.code_by_hash_ref(info.code_hash).expect("the code is there");
    let code = code.original_bytes();
    if code.is_empty() { String::new() } else { code.to_string() }
}

fn published(file: &Path) -> BTreeMap<Address, Account> {
    let state = fs::read_to_string(file).expect("the state is there");
    let state: Value = serde_json::from_str(&state).expect("it is JSON");
    let account = |(address, account): (&String, &Value)| {
        let slots = account["storage"].as_object().into_iter().flatten();
        let slot = |(slot, value): (&String, &Value)| {
            let value = value.as_str().expect("a text");
            (slot.parse().expect("a slot"), U256::from_str_radix(value, 16).expect("a value"))
        };
        let account = Account {
            nonce: account["nonce"].as_u64().expect("a number"),
            balance: account["balance"].as_str().expect("a text").parse().expect("a number"),
            code: account["code"].as_str().unwrap_or_default().to_owned(),
            storage: slots.map(slot).collect(),
        };
        (address.parse().expect("an address"), account)
    };
    state["accounts"].as_object().expect("accounts").iter().map(account).collect()
}
