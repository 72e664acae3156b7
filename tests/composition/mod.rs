//! The flags in a program that is composed as a reth node is, as real processes.
//! The program is `tests/node`.

#[cfg(unix)]
mod endings;
mod flags;
mod spans;
mod support;
