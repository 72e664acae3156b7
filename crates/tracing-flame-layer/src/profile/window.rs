//! The stretch of time that a profile covers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// From when, and for how long, time was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// The time of day at which taking time began.
    pub start: SystemTime,
    /// How long time was taken; pauses between a stop and a start left out.
    pub length: Duration,
}

impl Window {
    /// So much time from a time of day on.
    #[must_use]
    pub fn new(start: SystemTime, length: Duration) -> Self {
        Self { start, length }
    }

    /// Nanoseconds from 1970 to the start, negative before; those of the years
    /// 1677 and 2262 for any time further off.
    pub(crate) fn start_unix_nanos(&self) -> i64 {
        match self.start.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos)
            }
        }
    }
}
