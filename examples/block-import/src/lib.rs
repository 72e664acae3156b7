//! Imports an Ethereum chain and verifies every header field.
//!
//! The work of an execution client's inner loop, with published crates only:
//! decode, recover senders, execute, recompute every root, commit durably. Each
//! step is a span, named as reth names it, so that the import shows where the
//! wall-clock time of real block processing goes.

pub mod block;
pub mod chain_file;
pub mod chain_spec;
pub mod cli;
pub mod difficulty;
pub mod error;
pub mod execution;
pub mod generate;
pub mod genesis;
pub mod importer;
pub mod progress;
pub mod report;
pub mod senders;
pub mod storage;
pub mod trie;
pub mod verify;

pub use error::Error;
