//! A span gets values of named fields after it was created.
//!
//! They become part of its frame's name as long as nothing was counted there:
//! until its first enter, or until a span is created below it.

use tracing::{Metadata, field::Visit};

use super::{
    find::Found,
    paths::{PathId, Step},
    recorder::{Recorder, count},
    table::{Entry, Place},
    thread::Local,
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
        match self.fill_in(local, id, &values) {
            Some(Filled::Moved { from, to }) => self.has_moved(from, to),
            Some(Filled::TooLate) => count(&self.trouble.late_values),
            None => {}
        }
    }

    fn fill_in(&self, local: &Local, id: u64, values: &[Option<String>]) -> Option<Filled> {
        let (mut section, found) = self.find(local, local.section()?, id)?;
        let record = &*local.record;
        let from = match found? {
            Found::Clear { .. } => return None,
            Found::Own => record.cells.pinned(section.state.own(id)?.cell).node(),
            Found::Fresh { node } | Found::Shared { node, .. } => node,
        };
        let to = self.node_with(from, values).filter(|to| *to != from)?;
        let moved = match found? {
            Found::Clear { .. } => false,
            Found::Own => section.state.rename_new(id, record.cells.pin(to)?),
            Found::Fresh { .. } => {
                // Taken meanwhile, so that nobody enters it at its old node.
                let taken = self.take(record, id);
                if taken {
                    self.change(record, id, Entry { place: Place::Fresh, node: to });
                }
                taken
            }
            Found::Shared { operation, span, .. } => {
                let renamed = self.operations.get(operation)?.lock().rename(span, to);
                if renamed {
                    let place = Place::Shared { operation, span };
                    self.change(record, id, Entry { place, node: to });
                }
                renamed
            }
        };
        Some(if moved { Filled::Moved { from, to } } else { Filled::TooLate })
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
