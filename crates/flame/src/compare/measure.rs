//! Which of a frame's times a row is about.

use crate::diff::state;

/// A time of a frame, or a percentile of what stands at the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// With all that stands on it.
    Total,
    /// Its own, whatever threads did in it, awaits left out.
    Own,
    /// The time of threads on a CPU in it and in all that stands on it.
    TotalOnCpu,
    /// The time of threads on a CPU in it.
    OnCpu,
    /// What its threads did in it otherwise, or its awaits: a place among the states.
    State(usize),
    /// So many per cent of its operations took no longer.
    Percentile(u8),
}

impl Measure {
    pub(crate) const PERCENTILES: [u8; 3] = [50, 90, 99];

    /// In a word, as in tables and in JSON.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Total => "total".to_owned(),
            Self::Own => "self".to_owned(),
            Self::TotalOnCpu => "total on-CPU".to_owned(),
            Self::OnCpu => "on-CPU".to_owned(),
            Self::State(place) => state::label(place).to_owned(),
            Self::Percentile(percent) => format!("p{percent}"),
        }
    }

    /// Whether it is of the frame itself, and not of what stands on it.
    pub(crate) fn is_own(self) -> bool {
        matches!(self, Self::Own | Self::OnCpu | Self::State(_))
    }

    /// Whether a gate looks at it. What threads waited is part of the frame's own time; what
    /// they waited for a CPU is not even the program's.
    pub(crate) fn counts(self) -> bool {
        !matches!(self, Self::State(_))
    }

    /// How coarse it is, as a part of itself: percentiles are read from buckets.
    pub(crate) fn resolution(self) -> f64 {
        if matches!(self, Self::Percentile(_)) { 0.125 } else { 0.0 }
    }
}
