//! The `flame` program: from files to files, tables and exit codes.

mod commands;
mod folded;
mod gate;
mod hostile;
mod json;
mod looks;
mod picture;
mod states;
pub(crate) mod support;
