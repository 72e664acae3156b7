//! reth's command line, run as its own `main` runs it.

use std::{fmt, sync::Arc};

use reth_chainspec::ChainSpec;
use reth_cli_commands::node::NoArgs;
use reth_db::DatabaseEnv;
use reth_ethereum_cli::{Commands, chainspec::EthereumChainSpecParser};
use reth_node_builder::{DebugNodeLauncher, EngineNodeLauncher, NodeBuilder, WithLaunchContext};
use reth_node_ethereum::{consensus::EthBeaconConsensus, node::build_evm_config};
use tracing::info;
use tracing_subscriber::{Layer, Registry};

use crate::{
    hot::{HotEvm, Spans},
    node::FlameNode,
};

/// reth's own command line: every subcommand and flag of it.
pub type Cli = reth_ethereum_cli::Cli<EthereumChainSpecParser, NoArgs>;

/// A layer as reth takes it beside its own.
pub type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What this binary does differently from reth's own.
#[derive(Default)]
pub struct Options {
    /// A layer for the subscriber beside reth's own.
    pub layer: Option<BoxedLayer>,
    /// Whether the hot paths that have no span in reth get one.
    pub hot_paths: bool,
    /// Whether the state root is computed in parallel, however few CPUs there are.
    pub parallel_state_root: bool,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("layer", &self.layer.is_some())
            .field("hot_paths", &self.hot_paths)
            .field("parallel_state_root", &self.parallel_state_root)
            .finish()
    }
}

/// Runs the command to its end, Ctrl-C and SIGTERM included.
///
/// # Errors
///
/// Those of reth's own commands.
///
/// # Panics
///
/// As reth does, where its JIT backend is asked for and does not start.
pub fn run(cli: Cli, options: Options) -> eyre::Result<()> {
    let Options { layer, hot_paths, parallel_state_root } = options;
    let spans = Spans::new(hot_paths);
    let jit = match &cli.command {
        Commands::ReExecute(command) => command.jit.clone(),
        _ => Default::default(),
    };
    // What subcommands other than `node` execute blocks with.
    let components = move |spec: Arc<ChainSpec>| {
        let (evm, _) =
            build_evm_config(spec.clone(), &jit, None).expect("failed to start the JIT backend");
        (HotEvm::new(evm, spans), Arc::new(EthBeaconConsensus::new(spec)))
    };

    let mut app = cli.configure();
    if let Some(layer) = layer {
        app.access_tracing_layers()?.add_layer(layer);
    }
    app.run_with_components::<FlameNode>(components, async move |builder, _| {
        info!(target: "reth::cli", "Launching node");
        launch(builder, FlameNode::new(spans), parallel_state_root).await
    })
}

/// As `launch_with_debug_capabilities`, with a word about the state root.
async fn launch(
    builder: WithLaunchContext<NodeBuilder<DatabaseEnv, ChainSpec>>,
    node: FlameNode,
    parallel_state_root: bool,
) -> eyre::Result<()> {
    let mut tree = builder.config().tree_config();
    if parallel_state_root {
        tree = tree.with_has_enough_parallelism(true);
    }
    let launcher = DebugNodeLauncher::new(EngineNodeLauncher::new(
        builder.task_executor().clone(),
        builder.config().datadir(),
        tree,
    ));
    let handle = builder.node(node).launch_with(launcher).await?;
    handle.wait_for_node_exit().await
}
