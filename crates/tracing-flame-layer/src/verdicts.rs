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

/// Callsites that there is room for, in rows of a line of the cache: powers of two.
const PLACES: usize = 4096;
/// With one place for each callsite, of a thousand a hundred or two lose theirs to others; with
/// a row hardly any does.
const ROW: usize = 8;
/// Marks a callsite that is wanted. A callsite's address is that of words, and so
/// even.
const WANTED: usize = 1;

/// The callsites of spans registered last, each with what was said of it. Of one whose
/// place another took the filter is asked again.
pub(crate) struct Verdicts(Box<[Row; PLACES / ROW]>);

#[repr(align(64))]
struct Row([AtomicUsize; ROW]);

impl Verdicts {
    pub(crate) fn new() -> Self {
        Self(Box::new([const { Row([const { AtomicUsize::new(0) }; ROW]) }; PLACES / ROW]))
    }

    /// Remembers what was said of a callsite.
    ///
    /// Relaxed, here and below: a word is read for itself. Who reads it late goes by
    /// what was said before, as `tracing` does with what a callsite itself remembers.
    pub(crate) fn keep(&self, metadata: &'static Metadata<'static>, interest: &Interest) {
        if !metadata.is_span() {
            return;
        }
        if !interest.is_sometimes() {
            return self.set(metadata, interest.is_always());
        }
        let address = address(metadata);
        if let Some(place) = self.row(address).find(address) {
            place.store(0, Relaxed);
        }
    }

    /// Remembers a yes or a no.
    pub(crate) fn set(&self, metadata: &'static Metadata<'static>, verdict: bool) {
        let address = address(metadata);
        let row = self.row(address);
        let place = row.find(address).or_else(|| row.find(0)).unwrap_or(row.first());
        place.store(address | usize::from(verdict), Relaxed);
    }

    /// What was said of a callsite, if that is known. Metadata of no callsite lies
    /// where no callsite's does.
    #[inline]
    pub(crate) fn of(&self, metadata: &Metadata<'_>) -> Option<bool> {
        let address = address(metadata);
        let mut row = self.row(address).0.iter().map(|place| place.load(Relaxed));
        row.find(|kept| kept & !WANTED == address).map(|kept| kept & WANTED != 0)
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    fn row(&self, address: usize) -> &Row {
        &self.0[IdHasher::mix(address as u64) as usize % (PLACES / ROW)]
    }
}

impl Row {
    /// The place of a callsite, or for 0 one that is free.
    fn find(&self, address: usize) -> Option<&AtomicUsize> {
        self.0.iter().find(|place| place.load(Relaxed) & !WANTED == address)
    }

    fn first(&self) -> &AtomicUsize {
        let [first, ..] = &self.0;
        first
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
    use crate::callsites::{inner, root, thousand};

    #[test]
    fn a_thousand_callsites_hardly_take_the_places_of_others() {
        let (verdicts, callsites) = (Verdicts::new(), thousand());
        callsites.iter().for_each(|callsite| verdicts.set(callsite, true));
        let known = callsites.iter().filter(|callsite| verdicts.of(callsite).is_some()).count();
        // One place for each would leave some 740 to 920 of them, by where they lie.
        assert!(known > 990, "{known}");
    }

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
