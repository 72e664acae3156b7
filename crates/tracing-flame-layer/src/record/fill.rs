//! A span gets values of named fields after it was created.
//!
//! They become part of its frame's name as long as nothing was counted there:
//! until its first enter, or until a span is created below it.

use tracing::{Metadata, field::Visit};

use super::{
    paths::{PathId, Step},
    recorder::{Recorder, count},
    state::{At, State},
    table::{Entry, Place},
    thread::{Local, ThreadRecord},
    values::ValuesId,
};

/// What became of a span's node.
enum Filled {
    /// It has another one.
    Moved { from: PathId, to: PathId },
    /// It would have, had the values come before.
    TooLate,
}

impl Recorder {
    /// Values were recorded in a span of a callsite.
    #[cold]
    pub(crate) fn fill(
        &self,
        local: &Local,
        id: u64,
        metadata: &'static Metadata<'static>,
        record: impl FnOnce(&mut dyn Visit),
    ) {
        let values = self.roles.values.read(metadata, record);
        if values.iter().all(Option::is_none) {
            return;
        }
        match self.fill_at_owner(local, id, &values) {
            Some(Filled::Moved { from, to }) => self.has_moved(from, to),
            Some(Filled::TooLate) => count(&self.trouble.late_values),
            None => {}
        }
    }

    /// In the section of the thread that created the span, where it stands still.
    fn fill_at_owner(&self, local: &Local, id: u64, values: &[Option<String>]) -> Option<Filled> {
        let owner = self.find(local, id)?.owner;
        if owner == local.record.key {
            let mut section = local.section()?;
            return self.fill_in(&local.record, &mut section.state, id, values);
        }
        let record = self.threads.record(owner)?;
        let mut section = record.state.lock();
        self.fill_in(record, &mut section.state, id, values)
    }

    fn fill_in(
        &self,
        record: &ThreadRecord,
        state: &mut State,
        id: u64,
        values: &[Option<String>],
    ) -> Option<Filled> {
        let Entry { place, node } = self.place(record, id)?;
        let from = match place {
            Place::Clear { .. } => return None,
            Place::Fresh | Place::Shared { .. } => node,
            Place::Alone => state.own(id)?.at?.node,
        };
        let to = self.node_with(from, values).filter(|to| *to != from)?;
        let moved = match place {
            Place::Alone => state.rename_new(id, At { node: to, cell: record.cells.pin(to)? }),
            Place::Shared { operation, span } => {
                self.operations.get(operation)?.lock().rename(span, to)
            }
            Place::Fresh | Place::Clear { .. } => true,
        };
        if !moved {
            return Some(Filled::TooLate);
        }
        self.change(record, id, Entry { place, node: to });
        Some(Filled::Moved { from, to })
    }

    /// The node beside this one that has these values besides its own.
    fn node_with(&self, node: PathId, values: &[Option<String>]) -> Option<PathId> {
        let path = self.paths.node(node)?;
        let Step::Span(metadata, before) = path.step else { return None };
        let mut all = match before {
            Some(before) => self.roles.values.in_order(metadata, before)?,
            None => vec![None; values.len()],
        };
        for (value, new) in all.iter_mut().zip(values) {
            if new.is_some() {
                value.clone_from(new);
            }
        }
        let number = self.roles.values.number(metadata, &all);
        self.paths.child_with(path.parent, metadata, number)
    }

    fn has_moved(&self, from: PathId, to: PathId) {
        if let Some(Step::Span(_, Some(ValuesId::OTHERS))) = self.paths.node(to).map(|p| p.step) {
            count(&self.trouble.merged_values);
        }
        if self.named_roots.read().contains(&from) {
            self.name_root(to);
        }
    }
}
