//! The defaults of the flame flags that suit reth.

use reth_cli_ext::Preset;

/// reth's own defaults.
pub(crate) struct Reth;

impl Preset for Reth {
    const FILTER: &'static str = "debug,reth_flame=trace";
    /// Waits for proofs and updates; what it does with them has spans of its own.
    const IDLE: &'static [&'static str] = &["sparse_trie_task"];
    /// Entered around the loop in which a worker waits for jobs, as long as its
    /// pool lives. The jobs have spans of their own.
    const SKIP: &'static [&'static str] = &["storage_worker", "account_worker"];
    /// A block, from the engine or in `import`, the stages and `re-execute`.
    const OPERATION: &'static [&'static str] = &["on_new_payload", "reth_flame::execute_block"];
    /// Puts the trie away after the payload has been answered.
    const DETACHED: &'static [&'static str] = &["preserve"];
    const TITLE: &'static str = "reth";
}
