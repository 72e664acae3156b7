//! `flame compare`: what it tells of several runs a side, refuses and writes.

#[cfg(unix)]
mod bench;
mod hostile;
mod outputs;
mod refusals;
mod runs;
mod verdicts;
