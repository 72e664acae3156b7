//! Where open spans stand that are not in their thread's own operation, as any
//! thread may look them up.
//!
//! Whoever holds the thread's section adds, so adding needs no read-modify-write.
//! A span's id is written last and read first; while a callback about a span runs
//! the span is open, so a slot that shows its id stays that span's: also when the
//! thread ends, and a later one has the table.

use super::{
    operation::ThreadKey,
    operations::OperationId,
    paths::PathId,
    room::try_boxed,
    spans::SpanKey,
    sync::{
        AtomicU32, AtomicU64,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
        sized,
    },
};

/// Slots a table has; spans that find theirs taken go to the overflow.
pub(crate) const SLOTS: usize = sized(256, 4);

/// What an open span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A root that was never entered: not yet an operation. Whoever enters it
    /// first takes it, and what waits to follow it.
    Fresh { followed: bool },
    /// Taken by a thread, in whose section it can be looked for.
    Taken(ThreadKey),
    /// One of an operation with a record.
    Shared { operation: OperationId, span: SpanKey },
    /// Not recorded; what is created below it goes below the span with this id.
    Clear { above: Option<u64> },
}

/// An open span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    /// The node of a recorded span.
    pub(crate) node: PathId,
}

const FRESH: u32 = 0;
const FOLLOWED: u32 = 1;
const CLEAR: u32 = 2;
const FIRST_OPERATION: u32 = 3;
const TAKEN: u32 = 1 << 31;

/// One open span's slot.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    id: AtomicU64,
    /// `FRESH`, the same to be `FOLLOWED`, `CLEAR`, `TAKEN` with a thread's key, or
    /// an operation's number from 3.
    kind: AtomicU32,
    node: AtomicU32,
    /// The span's key in its operation, or the id above a clear span, or 0.
    link: AtomicU64,
}

impl Slot {
    fn holds(&self, id: u64) -> bool {
        // Acquire: what the slot says was written before the id.
        self.id.load(Acquire) == id
    }

    /// Adds a span if the slot is free; whoever holds its thread's section calls
    /// it.
    pub(crate) fn fill(&self, id: u64, entry: Entry) -> bool {
        // Acquire: pairs with another thread's release in `clear`.
        if self.id.load(Acquire) != 0 {
            return false;
        }
        self.set(entry);
        // Release: whoever sees the id sees the rest.
        self.id.store(id, Release);
        true
    }

    /// Frees the slot, if the span is still here.
    pub(crate) fn clear(&self, id: u64) -> bool {
        // Release: what was read here was read before. Relaxed: nothing is read.
        self.id.compare_exchange(id, 0, Release, Relaxed).is_ok()
    }

    /// The node of a fresh span that nothing waits to follow.
    #[inline]
    pub(crate) fn fresh(&self) -> Option<PathId> {
        // Acquire: the node belongs to this kind.
        (self.kind.load(Acquire) == FRESH).then(|| PathId(self.node.load(Relaxed)))
    }

    /// Takes a fresh span that nothing waits to follow for a thread; one of all
    /// those who try succeeds.
    #[inline]
    pub(crate) fn take_fresh(&self, thread: ThreadKey) -> bool {
        // Release: whoever sees it taken sees what the taker did before. Acquire:
        // and the other way round.
        self.kind.compare_exchange(FRESH, TAKEN | thread.0, AcqRel, Acquire).is_ok()
    }

    /// The same for any fresh span.
    pub(crate) fn take(&self, thread: ThreadKey) -> bool {
        // As above. Which of the two it is never changes but while it is taken.
        self.take_fresh(thread)
            || self.kind.compare_exchange(FOLLOWED, TAKEN | thread.0, AcqRel, Acquire).is_ok()
    }

    /// Changes what a span is; whoever holds the section of the thread that took
    /// it calls it, or its operation, or who adds it.
    pub(crate) fn set(&self, entry: Entry) {
        let (kind, link) = match entry.place {
            Place::Fresh { followed } => (if followed { FOLLOWED } else { FRESH }, 0),
            Place::Taken(thread) => (TAKEN | thread.0, 0),
            Place::Clear { above } => (CLEAR, above.unwrap_or(0)),
            Place::Shared { operation, span } => {
                (operation.0.wrapping_add(FIRST_OPERATION), u64::from(span.0))
            }
        };
        self.node.store(entry.node.0, Relaxed);
        self.link.store(link, Relaxed);
        // Release: whoever sees the kind sees its link.
        self.kind.store(kind, Release);
    }

    pub(crate) fn entry(&self) -> Entry {
        // Acquire: the link belongs to this kind. A kind changes from fresh to
        // taken to shared; only the last of them has a link.
        let kind = self.kind.load(Acquire);
        let link = self.link.load(Relaxed);
        let place = match kind {
            FRESH => Place::Fresh { followed: false },
            FOLLOWED => Place::Fresh { followed: true },
            CLEAR => Place::Clear { above: (link != 0).then_some(link) },
            taken if taken & TAKEN != 0 => Place::Taken(ThreadKey(taken & !TAKEN)),
            operation => Place::Shared {
                operation: OperationId(operation.wrapping_sub(FIRST_OPERATION)),
                span: SpanKey(link as u32),
            },
        };
        Entry { place, node: PathId(self.node.load(Relaxed)) }
    }
}

/// Open spans that a thread created, by id.
#[derive(Debug)]
pub(crate) struct Table(Box<[Slot; SLOTS]>);

impl Table {
    /// `None` where there is no memory.
    pub(crate) fn try_new() -> Option<Self> {
        Some(Self(try_boxed(SLOTS, Slot::default)?.try_into().ok()?))
    }

    /// The slot in which a span would be. A thread's ids count up from its own
    /// base, so their low bits differ.
    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the length")]
    pub(crate) fn slot(&self, id: u64) -> &Slot {
        &self.0[id as usize % SLOTS]
    }

    /// The slot of an open span, where it is here.
    pub(crate) fn find(&self, id: u64) -> Option<&Slot> {
        Some(self.slot(id)).filter(|slot| slot.holds(id))
    }
}
