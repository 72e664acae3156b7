//! reth's command line with the flame flags in front.

use clap::{CommandFactory, Parser, error::ErrorKind};
use reth_cli_ext::FlameArgs;
use reth_flame_node::version_metadata;

use crate::preset::Reth;

#[cfg(test)]
mod tests;

// Every subcommand and flag of reth's, and the flame flags on each of them. No doc
// comment: clap would show it in place of reth's own, as it would any attribute here
// but the name, which a flattened command does not hand up.
#[derive(Debug, Parser)]
#[command(name = version_metadata().name_client.as_ref())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) reth: reth_flame_node::Cli,

    #[command(flatten)]
    pub(crate) flame: FlameArgs<Reth>,

    /// Open spans where reth has none [default: true]
    ///
    /// RLP decoding and sender recovery of payloads, the execution of blocks in
    /// `import`, the stages and `re-execute`, payload building, RPC calls.
    #[arg(long, global = true, help_heading = "Flamegraph", value_name = "BOOL")]
    flame_hot_paths: Option<bool>,

    /// Compute state roots in parallel however few CPUs there are
    ///
    /// reth does so from five CPUs on. With or without `--flame`.
    #[arg(long, global = true, help_heading = "Flamegraph")]
    pub(crate) parallel_state_root: bool,
}

impl Cli {
    /// Parses the process's arguments; wrong ones, `--help` and `--version` end it.
    pub(crate) fn parse_args() -> Self {
        Self::parse().checked().unwrap_or_else(|err| err.exit())
    }

    /// Refuses what says something of spans where none are recorded.
    fn checked(self) -> Result<Self, clap::Error> {
        if self.flame_hot_paths.is_some() && !self.flame.is_on() {
            let why = "`--flame-hot-paths` needs `--flame`; add `--flame`, or leave it out";
            let mut command = Self::command().bin_name("reth");
            return Err(command.error(ErrorKind::MissingRequiredArgument, why));
        }
        Ok(self)
    }

    /// Whether the node is to open spans of its own.
    pub(crate) fn opens_hot_paths(&self) -> bool {
        self.flame.is_on() && self.flame_hot_paths.unwrap_or(true)
    }
}
