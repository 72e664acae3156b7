//! Whatever happens to the host, the layer makes nothing worse.
//!
//! Each of these runs a real process, `tests/host`, twice: without `--flame`, and
//! with it. Its output and its exit status must be the same. Then what was written
//! is held against what was done: `lost` is how many spans are missing.

mod children;
#[cfg(target_os = "linux")]
mod clock;
mod directories;
#[cfg(target_os = "linux")]
mod disks;
mod endings;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod places;
#[cfg(target_os = "linux")]
mod quiet;
#[cfg(target_os = "linux")]
mod realtime;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod sandbox;
mod signals;
mod starvation;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod states;
mod support;
