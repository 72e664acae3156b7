//! `hello-flame` as a process: what it says, writes, and ends with.

mod bad_input;
#[cfg(unix)]
mod checkpoints;
#[cfg(target_os = "linux")]
mod listen;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod standard_output;
mod support;
mod window;
mod writing;
