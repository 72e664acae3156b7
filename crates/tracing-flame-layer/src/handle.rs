//! The handle that reads a layer.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::SystemTime,
};

use parking_lot::Mutex;

use crate::{
    Profile,
    record::{Current, Snapshot},
    scale::scale,
};

/// Reads, starts and stops a [`FlameLayer`](crate::FlameLayer). Cheap to clone;
/// all clones read the same layer.
///
/// A profile covers the stretches from each start to the next stop. Counters run
/// all the time; a stretch is what they gained from its first snapshot to its
/// last, so nothing before a start or after a stop is in it.
#[derive(Clone, Debug)]
pub struct Flame {
    current: Current,
    windows: Arc<Mutex<Windows>>,
}

/// The stretches over which time was taken.
#[derive(Debug, Default)]
struct Windows {
    /// The time of day of the first start.
    first: Option<SystemTime>,
    /// Stretches that have ended.
    ended: Snapshot,
    /// The snapshot at the last start, while time is taken.
    running: Option<Snapshot>,
}

impl Flame {
    pub(crate) fn new(current: Current, paused: bool) -> Self {
        let flame = Self { current, windows: Arc::default() };
        if !paused {
            flame.start();
        }
        flame
    }

    /// What was recorded so far, spans still open counted up to now.
    ///
    /// May be called at any moment, from any thread. It reads every counter:
    /// about 1 ms for ten threads of 10,000 stacks each.
    #[must_use]
    pub fn snapshot(&self) -> Profile {
        let windows = self.windows.lock();
        let mut taken = windows.ended.clone();
        if let Some(start) = &windows.running {
            taken.merge(&Snapshot::take(&self.current.recorder).since(start));
        }
        let first = windows.first.unwrap_or_else(SystemTime::now);
        scale(&taken, first, &self.current.recorder)
    }

    /// Whether the layer has become part of a subscriber.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        // Relaxed: a flag, read for itself.
        self.current.recorder.installed.load(Relaxed)
    }

    /// Begins to take time. Does nothing where time is already taken.
    pub fn start(&self) {
        let mut windows = self.windows.lock();
        if windows.running.is_some() {
            return;
        }
        windows.first.get_or_insert_with(SystemTime::now);
        self.current.recorder.threads.clear_maxima();
        windows.running = Some(Snapshot::take(&self.current.recorder));
    }

    /// Ceases to take time. Does nothing where no time is taken.
    pub fn stop(&self) {
        let mut windows = self.windows.lock();
        if let Some(start) = windows.running.take() {
            let stretch = Snapshot::take(&self.current.recorder).since(&start);
            windows.ended.merge(&stretch);
        }
    }
}
