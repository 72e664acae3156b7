//! What a session saw on its way to a picture, for the day the picture is empty.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, TryLockError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};

use crate::named::Named;

/// How many targets are remembered by name.
const MAX_TARGETS: usize = 8;

/// Set from the tracing callbacks, read at the end.
///
/// The flags are independent of each other and of any other memory, so that
/// relaxed accesses do.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The host took the layer.
    pub(crate) layer_taken: Flag,
    /// The layer became part of a subscriber.
    pub(crate) layer_added: Flag,
    /// The subscriber was put to use.
    pub(crate) subscriber_used: Flag,
    /// Time began to be taken.
    pub(crate) window_opened: Flag,
    /// A span reached the layer.
    pub(crate) span_created: Flag,
    /// Where the spans come from that our filter would have recorded.
    pub(crate) accepted: Targets,
    /// Where the spans come from that our filter refused.
    pub(crate) refused: Targets,
    /// Spans that the user named.
    pub(crate) named: Vec<Named>,
}

/// Raised once, never lowered.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn raise(&self) {
        // Read first: raising it again must not take the cache line from
        // every other thread that makes spans.
        if !self.is_raised() {
            self.0.store(true, Relaxed);
        }
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// A bounded number of targets, each with the coarsest level seen there.
#[derive(Debug, Default)]
pub(crate) struct Targets(Mutex<Found>);

/// The targets found, in order of name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) levels: BTreeMap<&'static str, Level>,
    /// Whether there were more than are remembered.
    pub(crate) and_more: bool,
}

impl Targets {
    pub(crate) fn note(&self, metadata: &'static Metadata<'static>) {
        let Some(mut found) = self.briefly() else { return };
        let (target, level) = (metadata.target(), *metadata.level());
        if let Some(coarsest) = found.levels.get_mut(target) {
            // Levels order from coarse to fine.
            *coarsest = level.min(*coarsest);
        } else if found.levels.len() < MAX_TARGETS {
            found.levels.insert(target, level);
        } else {
            found.and_more = true;
        }
    }

    /// The lock, which others have for moments only: but in a child that was forked from
    /// another thread just then, for ever.
    fn briefly(&self) -> Option<MutexGuard<'_, Found>> {
        const MOST_TRIES: u32 = 100;
        (0..MOST_TRIES).find_map(|_| match self.0.try_lock() {
            Ok(found) => Some(found),
            Err(TryLockError::Poisoned(found)) => Some(found.into_inner()),
            Err(TryLockError::WouldBlock) => {
                thread::sleep(Duration::from_micros(100));
                None
            }
        })
    }

    pub(crate) fn found(&self) -> Found {
        self.briefly().map(|found| found.clone()).unwrap_or_default()
    }
}
