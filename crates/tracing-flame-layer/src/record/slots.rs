//! The threads inside an operation.

use std::ops::{Index, IndexMut};

use super::{operation::ThreadKey, spans::SpanKey};

/// One thread that has entered spans of an operation.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) thread: ThreadKey,
    /// The operation's spans on the thread's stack, outermost first.
    pub(crate) stack: Vec<SpanKey>,
    /// The work clock since which the thread shares; `None` while it does not.
    pub(crate) active_since: Option<u64>,
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

    /// The thread's slot, made where it has none.
    pub(crate) fn attach(&mut self, thread: ThreadKey) -> usize {
        self.find(thread).unwrap_or_else(|| {
            let stack = self.spare.pop().unwrap_or_default();
            self.live.push(Slot { thread, stack, active_since: None });
            self.live.len() - 1
        })
    }

    /// Removes a slot; the last one takes its place.
    pub(crate) fn detach(&mut self, at: usize) {
        let mut slot = self.live.swap_remove(at);
        slot.stack.clear();
        self.spare.push(slot.stack);
    }

    pub(crate) fn clear(&mut self) {
        while !self.live.is_empty() {
            self.detach(self.live.len() - 1);
        }
    }
}

impl Index<usize> for Slots {
    type Output = Slot;

    fn index(&self, at: usize) -> &Slot {
        &self.live[at]
    }
}

impl IndexMut<usize> for Slots {
    fn index_mut(&mut self, at: usize) -> &mut Slot {
        &mut self.live[at]
    }
}
