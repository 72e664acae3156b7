//! A real chain: Homestead to Osaka and two blob schedule changes in 54 blocks,
//! with an uncle, the merge, blobs, a set-code transaction, withdrawals and
//! requests (ethereum/execution-apis, CC0).

use super::support::{block_import, figure};
use std::{
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
