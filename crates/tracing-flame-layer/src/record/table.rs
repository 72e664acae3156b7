//! Where a thread's open spans stand, as any thread may look them up.
//!
//! Only the owner adds, so adding needs no read-modify-write. A span's id is
//! written last and read first; while a callback about a span runs the span is
//! open, so a slot that shows its id stays as it is.

use super::{
    operations::OperationId,
    paths::PathId,
    spans::SpanKey,
    sync::{
        AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
        sized,
    },
};

/// Slots a table has; spans that find theirs taken go to the overflow.
pub(crate) const SLOTS: usize = sized(256, 4);

/// What an open span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A root that was never entered: not yet an operation.
    Fresh,
    /// One of the operation that its thread has to itself.
    Alone,
    /// One of an operation with a record.
    Shared { operation: OperationId, span: SpanKey },
    /// Not recorded; what is created below it goes below the span with this id.
    Clear { above: Option<u64> },
}

/// An open span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    /// The node of a recorded span; of one alone, its thread's state has it.
    pub(crate) node: PathId,
}

const FRESH: u32 = 0;
const ALONE: u32 = 1;
const CLEAR: u32 = 2;
const FIRST_OPERATION: u32 = 3;

/// One open span's slot.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    id: AtomicU64,
    /// `FRESH`, `ALONE`, `CLEAR`, or an operation's number from 3.
    kind: AtomicU32,
    node: AtomicU32,
    /// The span's key in its operation, or the id above a clear span, or 0.
    link: AtomicU64,
}

impl Slot {
    /// The owner's view of whether its span `id` is here.
    #[inline]
    pub(crate) fn holds(&self, id: u64) -> bool {
        // Acquire: what the slot says was written before the id.
        self.id.load(Acquire) == id
    }

    /// Adds a span if the slot is free; only the owner may call it.
    #[inline]
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

    /// Adds a span of its thread's own operation, whose node the thread knows;
    /// only the owner may call it.
    #[inline]
    pub(crate) fn fill_alone(&self, id: u64) -> bool {
        // Acquire, Release: as in `fill`.
        let free = self.id.load(Acquire) == 0;
        if free {
            self.kind.store(ALONE, Relaxed);
            self.id.store(id, Release);
        }
        free
    }

    /// Frees the slot; whoever closes the span calls it.
    #[inline]
    pub(crate) fn clear(&self) {
        // Release: what was read here was read before.
        self.id.store(0, Release);
    }

    /// Changes what the span is; whoever holds its thread's section calls it.
    #[inline]
    pub(crate) fn set(&self, entry: Entry) {
        let (kind, link) = match entry.place {
            Place::Fresh => (FRESH, 0),
            Place::Alone => (ALONE, 0),
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

    #[inline]
    pub(crate) fn entry(&self) -> Entry {
        // Acquire: the link belongs to this kind. A kind changes once, from
        // fresh or alone to shared, so the two agree.
        let kind = self.kind.load(Acquire);
        let link = self.link.load(Relaxed);
        let place = match kind {
            FRESH => Place::Fresh,
            ALONE => Place::Alone,
            CLEAR => Place::Clear { above: (link != 0).then_some(link) },
            operation => Place::Shared {
                operation: OperationId(operation.wrapping_sub(FIRST_OPERATION)),
                span: SpanKey(link as u32),
            },
        };
        Entry { place, node: PathId(self.node.load(Relaxed)) }
    }
}

/// The open spans that a thread created, by id.
#[derive(Debug)]
pub(crate) struct Table(Box<[Slot; SLOTS]>);

impl Table {
    pub(crate) fn new() -> Self {
        Self(Box::new(std::array::from_fn(|_| Slot::default())))
    }

    /// The slot in which a span would be. A thread's ids count up from its own
    /// base, so their low bits differ.
    #[inline]
    pub(crate) fn slot(&self, id: u64) -> &Slot {
        &self.0[id as usize % SLOTS]
    }

    /// The slot of an open span, where it is here.
    #[inline]
    pub(crate) fn find(&self, id: u64) -> Option<&Slot> {
        Some(self.slot(id)).filter(|slot| slot.holds(id))
    }

    /// The ids of the spans that are here.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|slot| slot.id.load(Acquire)).filter(|id| *id != 0)
    }
}
