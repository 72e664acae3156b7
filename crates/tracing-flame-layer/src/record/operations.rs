//! All operations of a recorder, the ended ones kept for reuse.

use super::{followed::Followed, paged::Paged, room::Room, sync::Mutex};

/// An operation's place; taken anew once it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OperationId(pub(super) u32);

/// As many operations as were ever open at once.
#[derive(Debug)]
pub(crate) struct Operations {
    table: Paged<Mutex<Followed>>,
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    ended: Vec<OperationId>,
    made: u32,
}

impl Operations {
    pub(crate) fn new() -> Self {
        Self { table: Paged::new(), free: Mutex::default() }
    }

    /// A place for a new operation; `None` where as many as fit are open, and where
    /// there is no memory.
    pub(crate) fn begin(&self) -> Option<OperationId> {
        let mut free = self.free.lock();
        if let Some(id) = free.ended.pop() {
            return Some(id);
        }
        let id = free.made;
        let made = id.checked_add(1)?;
        // So that ending it needs no memory.
        free.ended.try_hold(made as usize)?;
        self.table.get_or_make(id as usize)?;
        free.made = made;
        Some(OperationId(id))
    }

    /// Opens so many operations that no more fit.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn use_up(&self) {
        *self.free.lock() = Free { ended: Vec::new(), made: u32::MAX };
    }

    /// Gives an ended operation's place back.
    pub(crate) fn end(&self, id: OperationId) {
        self.free.lock().ended.push(id);
    }

    pub(crate) fn get(&self, id: OperationId) -> Option<&Mutex<Followed>> {
        self.table.get(id.0 as usize)
    }

    /// Every operation's place, open or not.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mutex<Followed>> {
        let made = self.free.lock().made as usize;
        self.table.iter().take(made).map(|(_, operation)| operation)
    }
}
