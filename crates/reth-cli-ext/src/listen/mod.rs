//! `--flame-listen`: a live page and profiles over HTTP, on a thread of its own.
//!
//! Whoever can reach the address is served, within bounds: so many connections,
//! requests that wait, and profiles in memory; heads of so many bytes, within so
//! long. It must hold up where the host cannot answer any more, so it shares
//! nothing with the host's runtime. Profiles are read and drawn beside the loop
//! that answers.

mod activity;
mod address;
mod admission;
mod aside;
mod content;
mod history;
mod host;
mod index;
mod json;
mod open;
mod page;
mod patience;
mod query;
mod refusal;
mod reply;
mod route;
mod server;
mod site;
mod slowest;
mod status;
#[cfg(test)]
mod tests;
mod thread;
mod windows;

pub(crate) use address::Address;
pub(crate) use host::{Hosts, parse_name};
pub(crate) use site::Site;
pub(crate) use thread::Listening;
