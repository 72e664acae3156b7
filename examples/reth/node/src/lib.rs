//! reth's node and subcommands behind one function, with spans of their own for
//! hot paths that have none.
//!
//! Everything generic is instantiated here, in a crate that knows nothing of
//! the flame flags: an edit on that side links anew, and compiles no node.

mod cli;
mod hot;
mod node;

pub use cli::{BoxedLayer, Cli, Options, run};
pub use reth_node_core::version::version_metadata;
#[cfg(feature = "jit")]
pub use reth_node_ethereum::node::maybe_run_jit_helper;
