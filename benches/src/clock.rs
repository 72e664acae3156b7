//! The cheapest clock there is, and CPU time.

use std::time::{Duration, Instant};

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

/// How long a tick of [`raw_ticks`] is, by some milliseconds of both clocks.
#[must_use]
pub fn nanos_a_tick() -> f64 {
    let (start, first) = (Instant::now(), raw_ticks());
    while start.elapsed() < Duration::from_millis(20) {}
    let (nanos, ticks) = (start.elapsed().as_nanos(), raw_ticks().wrapping_sub(first));
    nanos as f64 / ticks as f64
}

/// CPU time that all threads of the process have used.
#[must_use]
pub fn cpu_time() -> Duration {
    time_of(ClockId::ProcessCPUTime)
}

/// CPU time that the calling thread has used.
#[must_use]
pub fn thread_time() -> Duration {
    time_of(ClockId::ThreadCPUTime)
}

fn time_of(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
