//! The `--flame` flags for reth and any other clap program.
