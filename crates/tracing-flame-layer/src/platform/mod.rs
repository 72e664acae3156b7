//! What only the operating system can do or tell, and the standard library not yet.

mod boxed;
mod counters;
mod cpu;
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod fork;
mod signals;
mod switched;

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(crate) use self::fork::{Forked, Forks};
pub(crate) use self::{
    boxed::try_box,
    counters::{Counted, Counters, Seen, Usage, keeping_error},
    cpu::CpuClock,
    signals::without_signals,
    switched::Switched,
};
