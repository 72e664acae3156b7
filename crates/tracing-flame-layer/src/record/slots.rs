//! The threads inside an operation.

use std::ops::{Index, IndexMut};

use super::{operation::ThreadKey, room::Room, spans::SpanKey};

/// One thread that has entered spans of an operation.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) thread: ThreadKey,
    /// The operation's spans on the thread's stack, outermost first.
    pub(crate) stack: Vec<SpanKey>,
    /// The work clock since which the thread shares; `None` while it does not. Behind on
    /// lease, and perhaps ahead after one.
    pub(crate) active_since: Option<u64>,
    /// Whether the thread bills its own share: it has a lease.
    pub(crate) leased: bool,
}

impl Slot {
    /// The operation's innermost span on the thread's stack.
    pub(crate) fn top(&self) -> Option<SpanKey> {
        self.stack.last().copied()
    }
}

/// All threads inside an operation, in no order.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    live: Vec<Slot>,
    /// Stacks of threads that left, kept for their memory.
    spare: Vec<Vec<SpanKey>>,
}

impl Slots {
    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn position(&self, wanted: impl Fn(&Slot) -> bool) -> Option<usize> {
        self.live.iter().position(wanted)
    }

    pub(crate) fn find(&self, thread: ThreadKey) -> Option<usize> {
        self.position(|slot| slot.thread == thread)
    }

    /// The thread's slot, made where it has none, with room for one more span;
    /// `None` where there is no memory.
    pub(crate) fn attach(&mut self, thread: ThreadKey) -> Option<usize> {
        if let Some(at) = self.find(thread) {
            self.live.get_mut(at)?.stack.try_reserve(1).ok()?;
            return Some(at);
        }
        let at = self.live.len();
        // So that detaching needs no memory.
        self.spare.try_hold(at.checked_add(self.spare.len())?.checked_add(1)?)?;
        self.live.try_reserve(1).ok()?;
        let mut stack = self.spare.pop().unwrap_or_default();
        if stack.try_reserve(1).is_err() {
            self.spare.push(stack);
            return None;
        }
        self.live.push(Slot { thread, stack, active_since: None, leased: false });
        Some(at)
    }

    /// Removes a slot; the last one takes its place.
    pub(crate) fn detach(&mut self, at: usize) {
        let mut slot = self.live.swap_remove(at);
        slot.stack.clear();
        self.spare.push(slot.stack);
    }

    /// How many threads it has memory for.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn room(&self) -> usize {
        self.live.capacity()
    }

    /// Detaches all, and keeps the memory that so many took at most.
    pub(crate) fn clear_beyond(&mut self, most: usize) {
        while let Some(last) = self.live.len().checked_sub(1) {
            self.detach(last);
        }
        self.live.clear_beyond(most);
        self.spare.retain(|stack| stack.capacity() <= most);
        if self.spare.capacity() > most {
            self.spare = Vec::new();
        }
    }
}

// Places are found in `live`, or made there, and used before it changes again.

#[expect(clippy::indexing_slicing, reason = "as above")]
impl Index<usize> for Slots {
    type Output = Slot;

    fn index(&self, at: usize) -> &Slot {
        &self.live[at]
    }
}

#[expect(clippy::indexing_slicing, reason = "as above")]
impl IndexMut<usize> for Slots {
    fn index_mut(&mut self, at: usize) -> &mut Slot {
        &mut self.live[at]
    }
}
