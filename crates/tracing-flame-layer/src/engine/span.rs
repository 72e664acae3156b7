//! An open span.

use super::{operation::OperationKey, slab::Key, tree::NodeId};

pub(crate) type SpanKey = Key<Span>;

/// A time that has not come.
pub(crate) const NEVER: u64 = u64::MAX;

/// Stands for no place in a list.
pub(crate) const UNLISTED: u32 = u32::MAX;

/// An open span, or one that has closed before its children.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) id: u64,
    /// Where it counts.
    pub(crate) node: NodeId,
    pub(crate) operation: OperationKey,
    /// The nearest recorded span above, within the operation; of a clear one, of whatever
    /// operation.
    pub(crate) parent: Option<SpanKey>,
    /// Of an operation's root, where spans may be held: the nearest recorded span above,
    /// of another operation.
    pub(crate) outer: Option<SpanKey>,
    /// It is no part of what is above it.
    pub(crate) is_detached: bool,
    /// It is not recorded: what is below it is below its parent.
    pub(crate) is_clear: bool,
    /// Entered, it does not work.
    pub(crate) is_idle: bool,
    /// It has closed, and keeps its place for its children.
    pub(crate) is_closed: bool,
    /// It had a child once.
    pub(crate) has_children: bool,
    /// How many children keep it in its place.
    pub(crate) children: u32,
    /// Open spans right below it that are neither detached nor held, and those that are.
    pub(crate) going: u32,
    pub(crate) holding: u32,
    /// Since when it is held; [`NEVER`] if it is not.
    pub(crate) held_since: u64,
    /// Of a held one, since when nothing is open right below it; [`NEVER`] if something is.
    pub(crate) loose_since: u64,
    /// How often it is entered now.
    pub(crate) entered: u32,
    /// Threads that work strictly below it, while the operation counts them.
    pub(crate) workers_below: u32,
    /// It was entered, and is entered nowhere now.
    pub(crate) is_pending: bool,
    /// Children that are pending, or have pending ones below.
    pub(crate) pending_below: u32,
    /// Where its operation has it listed, as one that may have begun or ceased to be
    /// pending; [`UNLISTED`] if it has not.
    pub(crate) listed_at: u32,
    /// When it was created, where it matters.
    pub(crate) created: u64,
    /// When it was entered first.
    pub(crate) started: u64,
    /// Up to when its latency has been counted.
    pub(crate) counted: u64,
    /// The clock, waiting or tentative, when it began to share what is awaited.
    pub(crate) leaf_since: u64,
    /// Which of its operation's spans it is, where that is followed.
    pub(crate) number: u32,
    /// Since when it is a strand of that operation.
    pub(crate) strand_since: u64,
}

impl Span {
    pub(crate) fn new(id: u64, node: NodeId, operation: OperationKey) -> Self {
        Self {
            id,
            node,
            operation,
            parent: None,
            outer: None,
            is_detached: false,
            is_clear: false,
            is_idle: false,
            is_closed: false,
            has_children: false,
            children: 0,
            going: 0,
            holding: 0,
            held_since: NEVER,
            loose_since: NEVER,
            entered: 0,
            workers_below: 0,
            is_pending: false,
            pending_below: 0,
            listed_at: UNLISTED,
            created: NEVER,
            started: NEVER,
            counted: 0,
            leaf_since: NEVER,
            number: 0,
            strand_since: NEVER,
        }
    }

    pub(crate) fn has_started(&self) -> bool {
        self.started != NEVER
    }

    /// The nearest recorded span above, of whatever operation.
    pub(crate) fn above(&self) -> Option<SpanKey> {
        self.parent.or(self.outer)
    }

    pub(crate) fn is_held(&self) -> bool {
        self.held_since != NEVER
    }

    /// Up to when its latency counts, now or where its operation has been settled.
    pub(crate) fn lasts_until(&self, now: u64) -> u64 {
        if self.is_held() { self.held_since } else { now }
    }
}
