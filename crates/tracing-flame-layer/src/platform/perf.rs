//! The page faults of a thread for which something had to be read, each with its address and
//! its time, as the kernel notes them down; and if they are wanted, its switches.
//!
//! A *perf event* (`perf_event_open(2)`) of the kernel's own, which counts such faults, writes a
//! record for each into memory that it shares with us. No rights are needed for one's own
//! threads where `kernel.perf_event_paranoid` is 2 or less, faults within the kernel left out.
//! Where it is not allowed a thread goes without.
//!
//! What it takes of the host:
//!
//! - **Descriptors**: none for longer than it takes to map an event, which the mapping keeps;
//!   and not that one where the host has few.
//! - **Locked memory**, which a thread's records are in: ours is a quarter of the limit at the
//!   most, as some of what else is locked counts against the limit too.
//! - **Filters**: one that kills for the call would end the host, so a thread that is under any
//!   (`/proc/thread-self/status`) does not call.
//! - **Time**: 1.4 us a switch where switches are noted down. The first event on a machine takes some 10 ms, so a thread of ours opens one, which
//!   is kept until the process ends; before that others have none. From then on one takes some
//!   30 us, once a thread, and 1 us at each switch of that thread. So a thread that is switched
//!   often and has no faults gives its event up.
//!
//! A child that was forked has none of these mappings, so what is of another process is never
//! looked at.

#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    path = "perf/absent.rs"
)]
mod event;
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod mapping;

pub(crate) use self::event::{PerfEvent, PerfKey, raw_time};

/// A page fault for which something had to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageFault {
    /// When it was over, in nanoseconds of [`raw_time`].
    pub(crate) at: u64,
    pub(crate) address: u64,
}

/// A thread's switch.
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    allow(dead_code, reason = "nothing is noted down there")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// It lost its CPU, or let go of it.
    Out {
        /// Whether it was ready to go on.
        preempted: bool,
    },
    /// It has a CPU again.
    In,
    /// Here one is missing, or more.
    Missing,
}

/// What is noted down of a thread, and when, in nanoseconds of [`raw_time`].
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri))),
    allow(dead_code, reason = "nothing is noted down there")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Fault(PageFault),
    Switch(u64, Switch),
}
