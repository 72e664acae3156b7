//! What threads did while they were in spans, against the threads' counters.
//!
//! A test knows a thread's counters before its span begins and after it has ended. What is
//! recorded of the span can be no more than that, state by state; and its states add up to its
//! time. That holds however busy the machine is.

#[path = "../states/counters.rs"]
mod counters;
mod endings;
mod instants;
#[cfg(target_os = "linux")]
#[path = "../states/kind.rs"]
#[expect(dead_code, reason = "here threads are asked for one kind each")]
mod kind;
mod kinds;
#[cfg(target_os = "linux")]
mod pages;
#[cfg(target_os = "linux")]
mod reasons;
mod support;
mod threads;
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
mod word;
