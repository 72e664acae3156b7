//! reth, with the `--flame` flags on every subcommand.
//!
//! ```text
//! reth node --flame --flame-output spans.html
//! ```
//!
//! `main` is reth's own but for the two lines in [`run`] that start a session
//! and hand its layer over.

#[global_allocator]
static ALLOC: reth_cli_util::allocator::Allocator = reth_cli_util::allocator::new_allocator();

// Required for `override_allocator_on_supported_platforms`.
#[cfg(all(feature = "jemalloc", unix))]
use reth_cli_util::allocator::tikv_jemalloc_sys as _;

mod cli;
mod preset;

use cli::Cli;
use reth_flame_node::Options;
use tracing_subscriber::{Layer, Registry};

fn main() {
    #[cfg(feature = "jit")]
    match reth_flame_node::maybe_run_jit_helper() {
        Ok(std::ops::ControlFlow::Break(())) => return,
        Ok(std::ops::ControlFlow::Continue(())) => {}
        Err(err) => {
            eprintln!("Error: {err:?}");
            std::process::exit(1);
        }
    }

    reth_cli_util::sigsegv_handler::install();

    // Backtraces, unless the user has chosen.
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // SAFETY: no other thread runs yet that could read the environment.
        unsafe { std::env::set_var("RUST_BACKTRACE", "1") };
    }

    // The session lives in `run`: `exit` drops nothing.
    if let Err(err) = run(Cli::parse_args()) {
        eprintln!("Error: {err:?}");
        std::process::exit(1);
    }
}

fn run(cli: Cli) -> eyre::Result<()> {
    let mut flame = cli.flame.session().unwrap_or_else(|err| err.exit());
    let options = Options {
        layer: flame.layer::<Registry>().map(Layer::boxed),
        hot_paths: cli.opens_hot_paths(),
        parallel_state_root: cli.parallel_state_root,
    };
    let result = reth_flame_node::run(cli.reth, options);
    // What could not be written has been said, and reth's exit status stands.
    let _ = flame.finish();
    result
}
