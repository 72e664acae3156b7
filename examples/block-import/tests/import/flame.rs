//! The `--flame` flags in this program.

use super::support::{CHAIN, block_import, chain_with_last_header, figure, first_error};
use std::{fs, path::Path};

/// Runs the binary on the small chain's genesis and a chain, drawing to a
/// directory of its own, and returns what it wrote.
fn drawn(chain: &Path) -> (std::process::Output, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (genesis, chain) = (path(&CHAIN.genesis), path(chain));
    let folded = path(&directory.path().join("spans.folded"));
    let files = ["--genesis", &genesis, "--chain", &chain];
    let output = block_import(&[&files[..], &["--flame", "--flame-output", &folded]].concat());
    (output, fs::read_to_string(folded).expect("it is drawn"))
}

#[test]
fn an_import_is_drawn_with_its_steps_under_it() {
    let (output, folded) = drawn(&CHAIN.chain);
    assert_eq!(figure(&output, "blocks"), "3");
    for path in [
        "import;decode_block ",
        "import;execute_block;execution",
        "import;recover_senders;chunk ",
        "import;state_root;account_trie ",
        "import;save_blocks;write_state ",
        "import;save_blocks;Tx::commit;mdbx_txn;commit;tx_manager_commit ",
    ] {
        assert!(folded.lines().any(|line| line.starts_with(path)), "{path}:\n{folded}");
    }
    assert!(folded.lines().all(|line| line.starts_with("import")), "{folded}");
}

#[test]
fn a_slow_block_has_a_page_and_its_load_is_on_that_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (genesis, chain) = (path(&CHAIN.genesis), path(&CHAIN.chain));
    let svg = path(&directory.path().join("spans.svg"));
    let files = ["--genesis", &genesis, "--chain", &chain, "--slow-block", "2"];
    let flame = ["--flame", "--flame-output", &svg, "--flame-operation", "execute_block"];
    let slowest = ["--flame-slowest", "3"];
    let output = block_import(&[&files[..], &flame, &slowest].concat());
    assert_eq!(figure(&output, "blocks"), "3");
    let pages = directory.path().join("spans.operations");
    let index = fs::read_to_string(pages.join("index.html")).expect("an index");
    let links: Vec<&str> =
        index.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    // Which of them was the slowest is the machine's to say.
    assert_eq!(links.len(), 3, "{index}");
    for link in links {
        let page = fs::read_to_string(pages.join(link)).expect("a page");
        let is_slow = link.starts_with("execute_block-2-");
        assert_eq!(page.contains("extra_load"), is_slow, "{link}");
        let told = "` this `execute_block` could have taken ";
        assert!(page.contains("Without `") && page.contains(told), "{link}");
    }
}

#[test]
fn an_import_that_fails_is_drawn_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let chain = directory.path().join("chain.rlp");
    chain_with_last_header(&chain, |header| header.gas_used += 1);
    let (output, folded) = drawn(&chain);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("error: block 3: gas used: "), "{stderr}");
    assert!(folded.contains("import;execute_block;execution"), "{folded}");
}

#[test]
fn flags_that_cannot_be_followed_end_it_before_any_work() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let datadir = directory.path().join("database");
    let (genesis, chain, data) = (path(&CHAIN.genesis), path(&CHAIN.chain), path(&datadir));
    let import = ["--genesis", &genesis, "--chain", &chain, "--datadir", &data];
    let output = block_import(&[&import[..], &["--flame", "--flame-output", "a.png"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.lines().next().is_some_and(|line| line.contains(".png")), "{stderr}");
    assert!(!datadir.exists());
}

#[test]
fn without_flame_nothing_is_said_of_it() {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    let (genesis, chain) = (path(&CHAIN.genesis), path(&CHAIN.chain));
    let output = block_import(&["--genesis", &genesis, "--chain", &chain]);
    assert_eq!(figure(&output, "blocks"), "3");
    assert!(output.stderr.is_empty(), "{output:?}");
    let output = block_import(&["--genesis", &genesis, "--chain", "missing"]);
    assert!(first_error(&output).starts_with("error: missing: "));
}
