//! What only the operating system can do or tell, and the standard library not yet.

mod boxed;
mod cpu;
mod signals;

pub(crate) use self::{boxed::try_box, cpu::CpuClock, signals::without_signals};
