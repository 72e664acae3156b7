//! All operations of a recorder, the ended ones kept for reuse.

use std::ops::{Deref, DerefMut};

use super::{
    followed::Followed,
    paged::Paged,
    room::Room,
    sync::{Mutex, MutexGuard},
    work::Work,
};

/// An operation's place; taken anew once it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OperationId(pub(super) u32);

/// As many operations as were ever open at once.
#[derive(Debug)]
pub(crate) struct Operations {
    table: Paged<Shared>,
    free: Mutex<Free>,
}

/// An operation under a lock, and what is read of it without.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    operation: Mutex<Followed>,
    pub(crate) work: Work,
}

impl Shared {
    pub(crate) fn lock(&self) -> Hold<'_> {
        let operation = self.operation.lock();
        if operation.has_leases() {
            self.work.shut();
        }
        Hold { operation, work: &self.work }
    }
}

/// The hold of an operation; what is read without it cannot be meanwhile.
pub(crate) struct Hold<'a> {
    operation: MutexGuard<'a, Followed>,
    work: &'a Work,
}

impl Deref for Hold<'_> {
    type Target = Followed;

    fn deref(&self) -> &Followed {
        &self.operation
    }
}

impl DerefMut for Hold<'_> {
    fn deref_mut(&mut self) -> &mut Followed {
        &mut self.operation
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if let Some(pace) = self.operation.pace() {
            self.work.open(pace);
        }
    }
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

    #[inline]
    pub(crate) fn get(&self, id: OperationId) -> Option<&Shared> {
        self.table.get(id.0 as usize)
    }

    /// Every operation's place, open or not.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Shared> {
        let made = self.free.lock().made as usize;
        self.table.iter().take(made).map(|(_, operation)| operation)
    }
}
