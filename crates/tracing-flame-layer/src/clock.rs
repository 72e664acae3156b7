//! Where time comes from.

use std::{fmt, sync::Arc};

/// The latest reading. The counter takes decades to get there; whatever other clock
/// is past it stands still.
pub(crate) const LAST: u64 = (1 << 62) - 1;

/// A source of ticks. By default the CPU's time stamp counter where it can be
/// trusted and the operating system's monotonic clock elsewhere.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    /// The counter that this quanta clock reads, read in place.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    Counter(quanta::Clock),
    Quanta(quanta::Clock),
    Nanos(Arc<dyn Fn() -> u64 + Send + Sync>),
}

impl Clock {
    /// The machine's own clock. The first call in a process calibrates the
    /// counter, which takes up to 200 ms.
    #[must_use]
    pub fn system() -> Self {
        let clock = quanta::Clock::new();
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if reads_counter(&clock) {
            return Self(Source::Counter(clock));
        }
        Self(Source::Quanta(clock))
    }

    /// A clock of your own, in nanoseconds from any origin; it is read on every
    /// creation, enter, exit and close, on the thread where that happens, and by
    /// snapshots. 146 years after its origin it stands still.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
    /// use tracing_flame_layer::{Clock, FlameLayer};
    ///
    /// // A clock that a test sets.
    /// let now = Arc::new(AtomicU64::new(0));
    /// let reading = Arc::clone(&now);
    /// let clock = Clock::from_nanos(move || reading.load(Relaxed));
    /// let (layer, flame) = FlameLayer::builder().clock(clock).build();
    /// now.store(1_000, Relaxed);
    /// assert_eq!(flame.snapshot().window().length.as_nanos(), 1_000);
    /// # drop(layer);
    /// ```
    pub fn from_nanos(nanos: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Source::Nanos(Arc::new(nanos)))
    }

    /// The reading now, in ticks.
    #[inline]
    pub(crate) fn ticks(&self) -> u64 {
        match &self.0 {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Source::Counter(_) => counter(),
            Source::Quanta(clock) => clock.raw().min(LAST),
            Source::Nanos(nanos) => nanos().min(LAST),
        }
    }

    /// Whether [`counter_ticks`] reads what this clock does.
    pub(crate) fn reads_counter(&self) -> bool {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        return matches!(self.0, Source::Counter(_));
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        return false;
    }

    /// How many ticks so many nanoseconds are.
    pub(crate) fn ticks_in(&self, nanos: u64) -> u64 {
        let many = u128::from(self.nanos(MANY).max(1));
        let ticks = u128::from(nanos) * u128::from(MANY) / many;
        u64::try_from(ticks).unwrap_or(LAST)
    }

    /// The length of `ticks` in nanoseconds.
    pub(crate) fn nanos(&self, ticks: u64) -> u64 {
        match &self.0 {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Source::Counter(clock) => clock.delta_as_nanos(0, ticks),
            Source::Quanta(clock) => clock.delta_as_nanos(0, ticks),
            Source::Nanos(_) => ticks,
        }
    }
}

/// So many ticks are long enough to tell how long one is.
const MANY: u64 = 1 << 40;

/// The counter's reading now, in ticks, read in place: there is no call in it, so
/// that a caller has nothing to save and restore around one. Only for a clock that
/// [reads it](Clock::reads_counter).
#[inline]
pub(crate) fn counter_ticks() -> u64 {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    return counter();
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    return 0;
}

/// The time stamp counter.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline]
fn counter() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Whether a clock reads the time stamp counter, which quanta decides by whether
/// it can be trusted here: its reading lies between two of ours.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn reads_counter(clock: &quanta::Clock) -> bool {
    (0..3).all(|_| {
        let before = counter();
        let reading = clock.raw();
        (before..=counter()).contains(&reading)
    })
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Source::Counter(_) => "Clock(counter)",
            Source::Quanta(_) => "Clock(system)",
            Source::Nanos(_) => "Clock(callback)",
        })
    }
}
