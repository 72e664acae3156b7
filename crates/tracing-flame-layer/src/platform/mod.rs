//! What only the operating system can do or tell.

mod cpu;
mod signals;

pub(crate) use self::{cpu::CpuClock, signals::without_signals};
