//! Where time comes from.

use std::{fmt, sync::Arc};

/// A source of ticks. By default the CPU's time stamp counter where it can be
/// trusted and the operating system's monotonic clock elsewhere.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Quanta(quanta::Clock),
    Nanos(Arc<dyn Fn() -> u64 + Send + Sync>),
}

impl Clock {
    /// The machine's own clock. The first call in a process calibrates the
    /// counter, which takes up to 200 ms.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::Quanta(quanta::Clock::new()))
    }

    /// A clock of your own, in nanoseconds from any origin; it is read on every
    /// enter, exit and close, on the thread where that happens.
    pub fn from_nanos(nanos: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Source::Nanos(Arc::new(nanos)))
    }

    /// A [`quanta`] clock, mocked or not.
    #[must_use]
    pub fn from_quanta(clock: quanta::Clock) -> Self {
        Self(Source::Quanta(clock))
    }

    /// The reading now, in ticks.
    #[inline]
    pub(crate) fn ticks(&self) -> u64 {
        match &self.0 {
            Source::Quanta(clock) => clock.raw(),
            Source::Nanos(nanos) => nanos(),
        }
    }

    /// The length of `ticks` in nanoseconds.
    pub(crate) fn nanos(&self, ticks: u64) -> u64 {
        match &self.0 {
            Source::Quanta(clock) => clock.delta_as_nanos(0, ticks),
            Source::Nanos(_) => ticks,
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Quanta(clock) => f.debug_tuple("Clock").field(clock).finish(),
            Source::Nanos(_) => f.write_str("Clock(callback)"),
        }
    }
}
