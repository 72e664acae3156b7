//! The spans of an import, by their logical parents, whatever thread they are on.
//!
//! A test binary of its own, because the subscriber must be the whole process's:
//! the threads of the pool and the one that writes to MDBX must see it.

use block_import::{
    generate::{Parameters, cached_chain},
    importer::Import,
    progress::Progress,
    storage::Durability,
};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Mutex},
};
use tracing::{Subscriber, span};
use tracing_subscriber::{
    EnvFilter, Layer,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Scope},
};

/// Collects each distinct path of span names from the root down.
#[derive(Debug, Clone, Default)]
struct Paths(Arc<Mutex<BTreeSet<Vec<&'static str>>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Paths {
    fn on_new_span(&self, _: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let names = context.span_scope(id).into_iter().flat_map(Scope::from_root);
        let path = names.map(|span| span.name()).collect();
        self.0.lock().expect("no test panics with it").insert(path);
    }
}

impl Paths {
    /// One line a path, indented by its depth.
    fn tree(&self) -> String {
        let paths = self.0.lock().expect("no test panics with it");
        paths
            .iter()
            .filter_map(|path| Some(format!("{:1$}{2}\n", "", 2 * (path.len() - 1), path.last()?)))
            .collect()
    }
}

/// Those of `eip...` are alloy-evm's, those below `Tx::commit` signet-libmdbx's;
/// `mdbx_txn` beside the others is a transaction that reads.
const EXPECTED: &str = "\
import
  decode_block
  execute_block
    execution
      execute tx
    finish
      eip7002_withdrawal_requests
      eip7251_consolidation_requests
    pre_execution
      eip2935_blockhashes
      eip4788_beacon_root
  genesis_trie
  header_hash
  mdbx_txn
  open_database
    mdbx_txn
      commit
  read_block
  read_genesis
  receipt_root
    encode_receipts
  recover_senders
    chunk
  save_blocks
    Tx::commit
      mdbx_txn
        commit
          tx_manager_commit
      txn_manager_begin
    write_state
  state_root
    account_trie
    storage_roots
  verify_body
    encode_transactions
    transaction_root
  verify_header
  verify_ommers
  write_genesis
    Tx::commit
      mdbx_txn
        commit
          tx_manager_commit
      txn_manager_begin
";

#[test]
fn every_step_of_an_import_is_a_span_under_its_logical_parent() {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chains");
    let parameters = Parameters { blocks: 3, transactions: 20 };
    let chain = cached_chain(&cache, parameters, Progress::hidden).expect("it is generated");
    let datadir = tempfile::tempdir().expect("a directory");
    let import = Import {
        genesis: chain.genesis,
        chain: chain.chain,
        datadir: datadir.path().to_owned(),
        durability: Durability::NoSync,
        last_block: None,
        expect_head: None,
        check_root: false,
        slow_block: None,
        slower_by: 0,
    };
    let paths = Paths::default();
    let filter = EnvFilter::new("debug,block_import=trace");
    let subscriber = tracing_subscriber::registry().with(paths.clone().with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).expect("it is the only one");
    import.run(|_| Progress::hidden()).expect("the chain is imported");
    assert_eq!(paths.tree(), EXPECTED, "\n{}", paths.tree());
}
