//! A span gets values of named fields after it was created.
//!
//! They become part of its frame's name as long as nothing was counted there:
//! until its first enter, or until a span is created below it.

use tracing::{Metadata, field::Visit};

use super::{
    find::Found,
    paths::{PathId, PathNode, Step},
    recorder::{Recorder, count},
    state::State,
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
        let Some(values) = self.roles.values.read(metadata, record) else {
            return count(&self.trouble.lost);
        };
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
            Found::Fresh { node, .. } | Found::Shared { node, .. } => node,
        };
        let (path, all) = self.values_with(from, values)?;
        // Asked first, as values that are too late are not among those told apart.
        if self.is_settled(&section.state, found?, id) {
            return Some(Filled::TooLate);
        }
        let to = self.node_of(path, &all).filter(|to| *to != from)?;
        let moved = match found? {
            Found::Clear { .. } => false,
            Found::Own => {
                let renamed = section.state.rename_new(id, record.cells.pin(to)?);
                if renamed {
                    section.state.tell_renamed(to);
                }
                renamed
            }
            Found::Fresh { followed, .. } => {
                // Taken meanwhile, so that nobody enters it at its old node.
                let taken = self.take(record, id);
                if taken {
                    self.change(record, id, Entry { place: Place::Fresh { followed }, node: to });
                }
                taken
            }
            Found::Shared { operation, span, .. } => {
                // Held until the table says so, too: others may rename it as well.
                let mut shared = self.operations.get(operation)?.lock();
                let renamed = shared.rename(span, to);
                if renamed {
                    let place = Place::Shared { operation, span };
                    self.change(record, id, Entry { place, node: to });
                }
                renamed
            }
        };
        Some(if moved { Filled::Moved { from, to } } else { Filled::TooLate })
    }

    /// A node, and its values with others in the place of some; `None` where that
    /// changes nothing.
    fn values_with(
        &self,
        node: PathId,
        values: &[Option<String>],
    ) -> Option<(PathNode, Vec<Option<String>>)> {
        let path = self.paths.node(node)?;
        let Step::Span(_, before) = path.step else { return None };
        Some((path, self.roles.values.with(before, values)?))
    }

    /// The node beside another one that has these values.
    fn node_of(&self, path: PathNode, values: &[Option<String>]) -> Option<PathId> {
        let Step::Span(metadata, _) = path.step else { return None };
        let number = self.roles.values.number(metadata, values);
        self.paths.child_with(path.parent, metadata, number)
    }

    /// Whether something was counted at a span's node, or below it.
    fn is_settled(&self, state: &State, found: Found, id: u64) -> bool {
        match found {
            Found::Clear { .. } | Found::Fresh { .. } => false,
            Found::Own => state.own(id).is_none_or(|frame| frame.started().is_some()),
            Found::Shared { operation, span, .. } => {
                let operation = self.operations.get(operation);
                operation.is_none_or(|operation| operation.lock().is_settled(span))
            }
        }
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
