//! How exact states are: what a recording says of spans of six kinds, against the thread's
//! counters read around each of them.
//!
//! ```text
//! cargo run --release -p flame-tests --bin flame-states -- [--spin 3]
//! ```
//!
//! `--cost` prints what states cost instead, `--causes` what slow requests have in common. With `--spin` so many processes compute meanwhile. Prints the worst error of any state
//! of any kind, in per cent of the time that its spans were entered; asserts nothing.

#[cfg(target_os = "linux")]
mod causes;
#[cfg(target_os = "linux")]
mod cost;
#[cfg(target_os = "linux")]
mod counters;
#[cfg(target_os = "linux")]
mod kind;
#[cfg(target_os = "linux")]
mod run;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("flame-states: states are known on Linux alone");
}
