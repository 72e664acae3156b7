//! Stretches over which time is taken, and the marks at which windows begin and end.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Weak},
    time::SystemTime,
};

use crate::{locks::Mutex, tally::Snapshot};

/// A moment of a [`Flame`](super::Flame), at which a window begins or ends: see [`Flame::mark`](super::Flame::mark).
///
/// It is of that handle and its clones, and no other tells a window by it. Holds what was counted so far: some 35 bytes for each stack that was visited a
/// few times, 32 more for each name of threads that were there, and 16 for each live
/// thread that was.
#[derive(Clone)]
pub struct Mark {
    pub(super) taken: Arc<Snapshot>,
    pub(super) time: SystemTime,
    /// How often taking time had begun.
    pub(super) starts: u64,
    /// Whether time was taken.
    pub(super) running: bool,
    /// Tells the handle, and its clones, from all others; keeps nothing of it.
    pub(super) handle: Weak<Mutex<Windows>>,
}

/// A [`Mark`] is of another handle than the one that was asked for a window: of another layer,
/// or of a handle that is [independent](super::Flame::independent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignMark(pub(super) ());

/// The stretches over which time was taken.
///
/// Its lock is taken where the logs are read and nowhere else, for moments, so that whoever
/// keeps others from reading them has it free: before a fork.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows {
    /// The time of day of the first start.
    pub(super) first: Option<SystemTime>,
    /// How often taking time has begun.
    pub(super) starts: u64,
    /// Stretches that have ended.
    pub(super) ended: Arc<Snapshot>,
    /// The snapshot at the last start, while time is taken.
    pub(super) running: Option<Arc<Snapshot>>,
}

impl Windows {
    /// What was counted in all stretches up to a moment.
    pub(super) fn taken(self, now: Snapshot) -> Snapshot {
        let mut taken = Arc::unwrap_or_clone(self.ended);
        let until = now.heatmap.until;
        if let Some(start) = &self.running {
            taken.merge(now.since(start));
        }
        // A pause that is under way is in it.
        taken.heatmap.until = until;
        taken
    }
}

impl Mark {
    /// Grows from each mark to the next.
    pub(super) fn place(&self) -> (u64, u64, bool) {
        (self.starts, self.taken.at, !self.running)
    }

    pub(super) fn gained_since(&self, from: &Self) -> Snapshot {
        if from.running {
            return (*self.taken).clone().since(&from.taken);
        }
        // What was open when time ceased to be taken may be long gone.
        let mut at_start = (*from.taken).clone();
        at_start.forget_open();
        let mut gained = (*self.taken).clone().since(&at_start);
        if self.starts == from.starts {
            gained.forget_open();
        }
        gained
    }
}

impl fmt::Display for ForeignMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mark is of another handle; a window begins and ends at marks of one")
    }
}

impl Error for ForeignMark {}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mark").field("time", &self.time).finish_non_exhaustive()
    }
}
