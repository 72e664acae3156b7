//! What has been said of callsites for good: by a filter, or by the user's lists of spans.
//!
//! Where the layers of a stack do not agree on a callsite, `tracing` asks the filter
//! of each about every span of it. An answer of *always* or *never*, as given when a
//! callsite is registered, holds until it is registered anew, so it is kept here and
//! the filter need not match targets and levels again.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use tracing::{Metadata, subscriber::Interest};

use crate::hash::IdHasher;

/// Callsites that there is room for, where no two of them meet: a power of two.
const PLACES: usize = 4096;
/// Marks a callsite that is wanted. A callsite's address is that of words, and so
/// even.
const WANTED: usize = 1;

/// The callsites of spans registered last, each with what was said of it. Of one whose
/// place another took the filter is asked again.
pub(crate) struct Verdicts(Box<[AtomicUsize; PLACES]>);

impl Verdicts {
    pub(crate) fn new() -> Self {
        Self(Box::new([const { AtomicUsize::new(0) }; PLACES]))
    }

    /// Remembers what was said of a callsite.
    ///
    /// Relaxed, here and below: a word is read for itself. Who reads it late goes by
    /// what was said before, as `tracing` does with what a callsite itself remembers.
    pub(crate) fn keep(&self, metadata: &'static Metadata<'static>, interest: &Interest) {
        if !metadata.is_span() {
            return;
        }
        let address = address(metadata);
        let place = self.place(address);
        if interest.is_sometimes() {
            if place.load(Relaxed) & !WANTED == address {
                place.store(0, Relaxed);
            }
        } else {
            self.set(metadata, interest.is_always());
        }
    }

    /// Remembers a yes or a no.
    pub(crate) fn set(&self, metadata: &'static Metadata<'static>, verdict: bool) {
        let address = address(metadata);
        self.place(address).store(address | usize::from(verdict), Relaxed);
    }

    /// What was said of a callsite, if that is known. Metadata of no callsite lies
    /// where no callsite's does.
    #[inline]
    pub(crate) fn of(&self, metadata: &Metadata<'_>) -> Option<bool> {
        let address = address(metadata);
        let kept = self.place(address).load(Relaxed);
        (kept & !WANTED == address).then_some(kept & WANTED != 0)
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn place(&self, address: usize) -> &AtomicUsize {
        &self.0[IdHasher::mix(address as u64) as usize % PLACES]
    }
}

impl fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verdicts")
    }
}

fn address(metadata: &Metadata<'_>) -> usize {
    std::ptr::from_ref(metadata) as usize
}

const _: () = assert!(align_of::<Metadata<'static>>() > WANTED);

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::callsites::{inner, root};

    #[test]
    fn what_is_said_of_a_callsite_holds_until_something_else_is() {
        let verdicts = Verdicts::new();
        assert_eq!(verdicts.of(root()), None);
        for (interest, verdict) in [
            (Interest::always(), Some(true)),
            (Interest::never(), Some(false)),
            (Interest::sometimes(), None),
        ] {
            verdicts.keep(root(), &interest);
            assert_eq!(verdicts.of(root()), verdict);
            assert_eq!(verdicts.of(inner()), None);
        }
    }
}
