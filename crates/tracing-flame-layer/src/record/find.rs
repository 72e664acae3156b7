//! Finding an open span.
//!
//! A span stands in its thread's own operation, which only that thread's section
//! shows, or in a table that anybody reads: that of the thread that created it, even if
//! it has ended, or the overflow.

use super::{
    biased::Own,
    operation::ThreadKey,
    operations::OperationId,
    paths::PathId,
    recorder::Recorder,
    spans::SpanKey,
    state::State,
    table::{Entry, Place, Slot},
    thread::{Local, Owned, ThreadRecord},
};

/// What an open span is to the thread that looks for it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// One of its own operation.
    Own,
    /// A root that nobody has entered.
    Fresh { node: PathId, followed: bool },
    /// One of an operation with a record.
    Shared { operation: OperationId, span: SpanKey, node: PathId },
    /// Not recorded.
    Clear { above: Option<u64> },
}

impl Recorder {
    /// Finds a span. If it is one of another thread's own operation, that gets a
    /// record, for which the calling thread leaves its section for a while.
    pub(super) fn find<'a>(
        &self,
        local: &'a Local,
        section: Own<'a, Owned>,
        id: u64,
    ) -> Option<(Own<'a, Owned>, Option<Found>)> {
        let found = self.find_likely(&local.record, &section.state, id);
        if found.is_some() {
            return Some((section, found));
        }
        drop(section);
        // Most are of the thread that made them. To look into everybody's table takes
        // longer, and to ask everybody longer still.
        let share = |record: &ThreadRecord| self.share_of(record, id);
        let likely = self.likely_thread(local.record.key, id).filter(|record| share(record));
        let section = local.section()?;
        let found = self.find_at_hand(&local.record, &section.state, id);
        if found.is_some() || likely.is_some() {
            return Some((section, found));
        }
        drop(section);
        self.share_elsewhere(local.record.key, id);
        let section = local.section()?;
        let found = self.find_at_hand(&local.record, &section.state, id);
        Some((section, found))
    }

    /// Whether the layer knows of a span at all; called outside any section.
    pub(crate) fn knows(&self, local: &Local, id: u64) -> bool {
        // Looked for at hand once more: a third thread may have given its operation a
        // record between the first two looks.
        self.knows_at_hand(local, id)
            || self.is_elsewhere(local.record.key, id)
            || self.knows_at_hand(local, id)
    }

    /// The same without a look at other threads' own operations.
    pub(crate) fn knows_at_hand(&self, local: &Local, id: u64) -> bool {
        let found =
            local.section().and_then(|own| self.find_at_hand(&local.record, &own.state, id));
        found.is_some()
    }

    pub(super) fn find_at_hand(
        &self,
        record: &ThreadRecord,
        state: &State,
        id: u64,
    ) -> Option<Found> {
        if state.owns(id) {
            return Some(Found::Own);
        }
        found(self.look_up(record, id)?)
    }

    /// The same without a look into the tables of threads that hardly made the span.
    fn find_likely(&self, record: &ThreadRecord, state: &State, id: u64) -> Option<Found> {
        if state.owns(id) {
            return Some(Found::Own);
        }
        found(self.look_up_likely(record, id)?)
    }

    /// What a table says of a span.
    pub(super) fn look_up(&self, record: &ThreadRecord, id: u64) -> Option<Entry> {
        self.look_up_likely(record, id).or_else(|| Some(self.any_slot(id)?.entry()))
    }

    fn look_up_likely(&self, record: &ThreadRecord, id: u64) -> Option<Entry> {
        let likely = self.likely_slot(record, id).map(Slot::entry);
        likely.or_else(|| self.overflow.get(id))
    }

    /// Whether a span is one of another thread's own operation.
    pub(super) fn is_elsewhere(&self, but: ThreadKey, id: u64) -> bool {
        self.elsewhere(but, id, |record| record.state.lock().state.owns(id))
    }

    /// Whether another thread has entered a span.
    pub(super) fn is_entered_elsewhere(&self, but: ThreadKey, id: u64) -> bool {
        self.elsewhere(but, id, |record| record.state.lock().state.position(id).is_some())
    }

    /// Gives the operation of another thread's own span a record.
    pub(super) fn share_elsewhere(&self, but: ThreadKey, id: u64) -> bool {
        self.elsewhere(but, id, |record| self.share_of(record, id))
    }

    /// Whether something holds for one of the other threads, those that are likely
    /// asked first.
    #[cold]
    fn elsewhere(&self, but: ThreadKey, id: u64, holds: impl Fn(&ThreadRecord) -> bool) -> bool {
        let likely = self.likely_thread(but, id);
        if likely.is_some_and(&holds) {
            return true;
        }
        let passed = [Some(but), likely.map(|record| record.key)];
        let mut others =
            self.threads.records().filter(|record| !passed.contains(&Some(record.key)));
        others.any(|record| holds(record))
    }

    /// The other thread that probably made a span, or has taken it.
    fn likely_thread(&self, but: ThreadKey, id: u64) -> Option<&ThreadRecord> {
        let guess = self.threads.guess(id);
        let taker = guess.and_then(|record| match self.look_up_likely(record, id)?.place {
            Place::Taken(thread) => self.threads.record(thread).map(|record| &**record),
            _ => None,
        });
        taker.or(guess).filter(|record| record.key != but)
    }

    /// Adds a span that this thread created, inside its section; `None` where there
    /// is no memory.
    pub(super) fn add(
        &self,
        record: &ThreadRecord,
        own: &mut Owned,
        id: u64,
        entry: Entry,
    ) -> Option<()> {
        own.settle(id, record.key, &self.threads);
        self.place(record, id, entry)
    }

    /// Lets a span be found, where there is memory; the caller is in a thread's
    /// section.
    pub(super) fn place(&self, record: &ThreadRecord, id: u64, entry: Entry) -> Option<()> {
        if record.table.slot(id).fill(id, entry) {
            return Some(());
        }
        self.overflow.set(id, entry)
    }

    /// Changes what a span is that stands in a table; the caller is in the section
    /// of the thread that took it, or holds its operation.
    pub(super) fn change(&self, record: &ThreadRecord, id: u64, entry: Entry) {
        let slot = self.slot_of(record, id);
        match slot {
            Some(slot) => slot.set(entry),
            None => self.overflow.change(id, entry),
        }
    }

    /// Takes a fresh span for a thread that is inside its section; one of all
    /// those who try succeeds.
    pub(super) fn take(&self, record: &ThreadRecord, id: u64) -> bool {
        match self.slot_of(record, id) {
            Some(slot) => slot.take(record.key),
            None => self.overflow.take(id, record.key),
        }
    }

    /// Forgets a span that closes.
    pub(super) fn forget(&self, record: &ThreadRecord, id: u64) {
        if !self.slot_of(record, id).is_some_and(|slot| slot.clear(id)) {
            self.overflow.remove(id);
        }
    }

    fn slot_of(&self, record: &ThreadRecord, id: u64) -> Option<&Slot> {
        // Both live as long as the recorder does, but only one says so.
        let record = self.threads.record(record.key)?;
        self.likely_slot(record, id).or_else(|| self.any_slot(id))
    }

    /// The slot of a span in the table of the thread that probably made it, or of a
    /// given one.
    fn likely_slot<'a>(&'a self, record: &'a ThreadRecord, id: u64) -> Option<&'a Slot> {
        self.guessed_slot(id).or_else(|| record.table.find(id))
    }

    /// The slot of a span in the table of the thread that probably made it.
    #[inline]
    pub(super) fn guessed_slot(&self, id: u64) -> Option<&Slot> {
        self.threads.guess(id)?.table.find(id)
    }

    /// The slot of a span in whatever table.
    #[cold]
    fn any_slot(&self, id: u64) -> Option<&Slot> {
        self.threads.records().find_map(|record| record.table.find(id))
    }
}

/// What an entry says to the thread that looks for the span.
fn found(entry: Entry) -> Option<Found> {
    let node = entry.node;
    match entry.place {
        Place::Fresh { followed } => Some(Found::Fresh { node, followed }),
        Place::Taken(_) => None,
        Place::Shared { operation, span } => Some(Found::Shared { operation, span, node }),
        Place::Clear { above } => Some(Found::Clear { above }),
    }
}
