//! The stretch of time that a profile covers.

use std::time::{Duration, SystemTime};

/// From when, and for how long, time was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The time of day at which taking time began.
    pub start: SystemTime,
    /// How long time was taken; pauses between a stop and a start left out.
    pub length: Duration,
}
