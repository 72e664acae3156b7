//! One test binary, one behaviour a file.

#[macro_use(made)]
extern crate flame_oracle;

mod agree;
#[cfg(unix)]
mod browser;
mod cli;
mod compare;
mod composition;
mod dependencies;
mod diff;
mod explain;
#[cfg(unix)]
mod faults;
mod filters;
mod finish;
mod first_day;
mod guard;
mod interface;
mod lines;
mod listen;
mod numbers;
mod program;
#[cfg(unix)]
mod readme;
mod reentry;
mod reload;
mod render;
mod repeats;
#[cfg(target_os = "linux")]
mod scheduling;
mod semantics;
mod slow;
mod smoke;
mod tools;
mod upstream;
mod waiting;
