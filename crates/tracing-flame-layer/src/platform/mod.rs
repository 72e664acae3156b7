//! What only the operating system can do or tell, and the standard library not yet.

mod asleep;
mod boxed;
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod calls;
mod counters;
mod cpu;
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(loom), not(miri)))]
mod elsewhere;
#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod fork;
mod mappings;
mod perf;
mod signals;
mod switched;

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
pub(crate) use self::fork::{Forked, Forks};
pub(crate) use self::{
    asleep::{Found, can_find, find},
    boxed::try_box,
    counters::{Counted, Counters, Seen, Usage, Used, keeping_error},
    cpu::{CpuClock, cpu_of_this_thread},
    mappings::Mappings,
    perf::{PageFault, PerfEvent, PerfKey, Record, Switch, raw_time},
    signals::without_signals,
    switched::Switched,
};
