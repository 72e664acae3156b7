//! What only the operating system can do or tell, and the standard library not yet.

mod boxed;
mod counters;
mod cpu;
mod signals;
mod switched;

pub(crate) use self::{
    boxed::try_box,
    counters::{Counted, Counters, Usage, keeping_error},
    cpu::CpuClock,
    signals::without_signals,
    switched::Switched,
};
