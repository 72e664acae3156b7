//! The cheapest clock there is, and the CPU time of the process.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU's counter, without a barrier and without a conversion.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[must_use]
pub fn raw_ticks() -> u64 {
    // SAFETY: every x86-64 CPU has the instruction; it touches no memory.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The cheapest clock of this architecture.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
#[must_use]
pub fn raw_ticks() -> u64 {
    static CLOCK: std::sync::OnceLock<quanta::Clock> = std::sync::OnceLock::new();
    CLOCK.get_or_init(quanta::Clock::new).raw()
}

/// CPU time that all threads of the process have used.
#[must_use]
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
