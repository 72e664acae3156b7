//! The defaults of the flame flags that suit reth.

use reth_cli_ext::Preset;

/// reth's own defaults.
pub(crate) struct Reth;

impl Preset for Reth {
    const FILTER: &'static str = "debug,reth_flame=trace";
    const SKIP: &'static [&'static str] = &["storage_worker", "account_worker"];
    const TITLE: &'static str = "reth";
}
